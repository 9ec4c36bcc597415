using System.Globalization;
using System.Net.Http.Headers;

namespace Orchestrator.Engine.Executors.Http;

/// <summary>How long the other side asks to be left alone.</summary>
internal static class RetryAfterHeader
{
    /// <summary>From now on, zero or more; null where nothing that can be read is said. A number that is too large to be a time is the longest time.</summary>
    public static TimeSpan? Of(HttpResponseMessage answer, DateTimeOffset now)
    {
        if (!answer.Headers.NonValidated.TryGetValues("Retry-After", out var values) || values.FirstOrDefault()?.Trim() is not { Length: > 0 } text) return null;
        if (!text.AsSpan().ContainsAnyExceptInRange('0', '9'))
            return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds < (long)TimeSpan.MaxValue.TotalSeconds ? TimeSpan.FromSeconds(seconds) : TimeSpan.MaxValue;
        if (!RetryConditionHeaderValue.TryParse(text, out var parsed) || parsed.Date is not { } date) return null;
        return date > now ? date - now : TimeSpan.Zero;
    }
}

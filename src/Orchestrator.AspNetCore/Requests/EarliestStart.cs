using System.Globalization;
using Orchestrator.Engine.Hosting.Options;

namespace Orchestrator.AspNetCore.Requests;

/// <summary>When a run may start at the earliest, as people write it: an instant with its offset, or a time from now.</summary>
internal static class EarliestStart
{
    public const string Shape = "an instant with its offset such as 2026-03-01T06:00:00Z, or a time from now such as 30m, at most ten years ahead";

    private static readonly TimeSpan Farthest = TimeSpan.FromDays(3653);

    /// <summary>Reads it; an instant that has passed is fine and means now.</summary>
    public static bool TryRead(string text, DateTimeOffset now, out DateTimeOffset instant)
    {
        if (Quantity.TryDuration(text, out var wait))
        {
            instant = wait <= Farthest ? now + wait : default;
            return wait <= Farthest;
        }
        // Without an offset it would be anybody's guess: every form ends in one.
        string[] forms = ["yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"];
        return DateTimeOffset.TryParseExact(text, forms, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out instant)
            && HasOffset(text) && instant <= now + Farthest;
    }

    private static bool HasOffset(string text) => text.EndsWith('Z') || text.LastIndexOfAny(['+', '-']) > text.IndexOf('T', StringComparison.Ordinal);
}

using Microsoft.AspNetCore.Http.Features;
using Orchestrator.Core;
using Orchestrator.Core.Triggers.Http;

namespace Orchestrator.AspNetCore.Triggers;

/// <summary>Requests whose whole body counts, whatever its type.</summary>
internal static class BoundedBody
{
    /// <summary>The body; null: it is larger than <paramref name="most"/> bytes.</summary>
    public static async Task<ReadOnlyMemory<byte>?> ReadAsync(HttpContext http, long most)
    {
        if (http.Request.ContentLength > most) return null;
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit) limit.MaxRequestBodySize = most;
        using var whole = new MemoryStream();
        try { await http.Request.Body.CopyToAsync(whole, http.RequestAborted); }
        catch (BadHttpRequestException e) when (e.StatusCode == StatusCodes.Status413PayloadTooLarge) { return null; }
        return whole.ToArray();
    }

    /// <summary>Headers and body as triggers see them.</summary>
    public static HttpRequestFacts Facts(HttpContext http, ReadOnlyMemory<byte> body) =>
        new(http.Request.Headers.ToDictionary(h => h.Key.ToLowerInvariant(), h => h.Value.ToString(), StringComparer.Ordinal), body);

    /// <summary>The sender's correlation id. Empty: it gave none; null: what it gave is not valid.</summary>
    public static string? Correlation(HttpContext http) =>
        http.Request.Headers["X-Correlation-Id"].ToString() is var given && (given.Length == 0 || VisibleAscii.Is(given, 200)) ? given : null;
}

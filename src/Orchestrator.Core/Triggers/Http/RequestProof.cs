using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Orchestrator.Core.Definitions;

namespace Orchestrator.Core.Triggers.Http;

/// <summary>Whether a request may start a run.</summary>
/// <param name="Reason">Why not, as one of <see cref="RejectReasons"/>; null: it may.</param>
/// <param name="Error">Why not, for people; holds nothing of the secret or of the signature.</param>
public sealed record RequestProof(string? Reason, string? Error)
{
    private static readonly RequestProof s_ok = new(null, null);

    /// <summary>Checks a request by the trigger's style. Comparisons take the same time whatever is wrong.</summary>
    /// <param name="http">The trigger.</param>
    /// <param name="request">The request.</param>
    /// <param name="secret">What it is proved with.</param>
    /// <param name="now">The instant.</param>
    public static RequestProof Of(HttpTrigger http, HttpRequestFacts request, string secret, DateTimeOffset now)
    {
        if (secret.Length == 0) return new(RejectReasons.NoSecret, $"Secret '{http.Secret}' is empty.");
        return http.Auth switch
        {
            TriggerAuth.Token => Token(http, request, secret),
            TriggerAuth.Github => Signature(request, http.Header ?? "X-Hub-Signature-256", Sign(secret, request.Body.Span)),
            TriggerAuth.Stripe => Stripe(http, request, secret, now),
            _ => Own(http, request, secret, now),
        };
    }

    /// <summary>The id of the delivery by the trigger's style; null: the style has none, and every request is a new one.</summary>
    public static string? DeliveryId(HttpTrigger http, HttpRequestFacts request)
    {
        var given = http.Auth switch
        {
            TriggerAuth.Github => request.Header("X-GitHub-Delivery"),
            TriggerAuth.Stripe => request.ReadBody() is { ValueKind: System.Text.Json.JsonValueKind.Object } body && body.TryGetProperty("id", out var id)
                && id.ValueKind == System.Text.Json.JsonValueKind.String ? id.GetString() : null,
            TriggerAuth.Token => request.Header("Idempotency-Key"),
            _ => request.Header("X-Orchestrator-Delivery"),
        };
        if (given is { Length: > 0 and <= TriggerBinding.MaxDeliveryId } && !given.Any(char.IsControl)) return given;
        // What is signed is the same only when the request is sent again.
        return http.Auth switch
        {
            TriggerAuth.Token => null,
            TriggerAuth.Github => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(request.Body.Span)),
            _ => "sha256:" + Convert.ToHexStringLower(SHA256.HashData([.. Encoding.UTF8.GetBytes(SignedTime(http, request) ?? ""), (byte)'.', .. request.Body.Span])),
        };
    }

    private static string? SignedTime(HttpTrigger http, HttpRequestFacts request) =>
        http.Auth == TriggerAuth.Stripe ? Parts(request.Header("Stripe-Signature")).FirstOrDefault(p => p.Name == "t").Value : request.Header("X-Orchestrator-Timestamp");

    private static RequestProof Token(HttpTrigger http, HttpRequestFacts request, string secret)
    {
        const string Bearer = "Bearer ";
        var given = request.Header(http.Header ?? "Authorization");
        if (http.Header is null) given = given?.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) == true ? given[Bearer.Length..].Trim() : null;
        if (given is null) return Missing(http.Header ?? "Authorization: Bearer TOKEN");
        return CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(given)), SHA256.HashData(Encoding.UTF8.GetBytes(secret)))
            ? s_ok : new(RejectReasons.Signature, "The token is not the right one.");
    }

    private static RequestProof Own(HttpTrigger http, HttpRequestFacts request, string secret, DateTimeOffset now)
    {
        if (request.Header("X-Orchestrator-Timestamp") is not { } time) return Missing("X-Orchestrator-Timestamp");
        var signed = Signature(request, "X-Orchestrator-Signature", Sign(secret, [.. Encoding.UTF8.GetBytes(time), (byte)'.', .. request.Body.Span]));
        return signed.Reason is not null ? signed : InTime(http, time, now);
    }

    private static RequestProof Stripe(HttpTrigger http, HttpRequestFacts request, string secret, DateTimeOffset now)
    {
        if (request.Header("Stripe-Signature") is not { } header) return Missing("Stripe-Signature");
        var parts = Parts(header);
        if (parts.FirstOrDefault(p => p.Name == "t").Value is not { } time) return new(RejectReasons.Signature, "Stripe-Signature has no time (t=).");
        var wanted = Sign(secret, [.. Encoding.UTF8.GetBytes(time), (byte)'.', .. request.Body.Span]);
        var isSigned = false;
        // While a secret is changed a request is signed with both.
        foreach (var (name, value) in parts) isSigned |= name == "v1" && Fits(value, wanted);
        return isSigned ? InTime(http, time, now) : new(RejectReasons.Signature, "The signature does not fit the body and the secret.");
    }

    private static RequestProof Signature(HttpRequestFacts request, string header, byte[] wanted)
    {
        const string Prefix = "sha256=";
        if (request.Header(header) is not { } given) return Missing(header);
        return given.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) && Fits(given[Prefix.Length..].Trim(), wanted)
            ? s_ok : new(RejectReasons.Signature, "The signature does not fit the body and the secret.");
    }

    private static RequestProof InTime(HttpTrigger http, string time, DateTimeOffset now)
    {
        if (!long.TryParse(time, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) || seconds > 253_402_300_799)
            return new(RejectReasons.Signature, "The signed time is not a number of seconds since 1970.");
        var off = now - DateTimeOffset.FromUnixTimeSeconds(seconds);
        return off.Duration() <= http.Window ? s_ok
            : new(RejectReasons.Window, string.Create(CultureInfo.InvariantCulture, $"It was signed for a time {off.Duration().TotalSeconds:0} s {(off > TimeSpan.Zero ? "ago" : "ahead")}; {http.Window.TotalSeconds:0} s are allowed."));
    }

    private static RequestProof Missing(string header) => new(RejectReasons.Signature, $"{header} is missing.");

    private static (string Name, string Value)[] Parts(string? header) =>
        [.. (header ?? "").Split(',').Select(p => p.Split('=', 2)).Where(p => p.Length == 2).Select(p => (p[0].Trim(), p[1].Trim()))];

    private static byte[] Sign(string secret, ReadOnlySpan<byte> what) => HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), what);

    private static bool Fits(string hex, byte[] wanted)
    {
        Span<byte> given = stackalloc byte[32];
        given.Clear();
        var isHex = hex.Length == 64 && Convert.FromHexString(hex, given, out _, out _) == System.Buffers.OperationStatus.Done;
        return CryptographicOperations.FixedTimeEquals(given, wanted) && isHex;
    }
}

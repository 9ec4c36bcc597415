using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;

namespace Orchestrator.Engine.Telemetry.Otlp;

/// <summary>
/// Headers as OTEL_EXPORTER_OTLP_HEADERS has them: <c>name=value,name=value</c>, values percent-encoded, so that <c>%2C</c> is a comma within a value.
/// What is no header is left out and said by its place: it may be a secret.
/// </summary>
internal static class OtlpHeaders
{
    private static readonly SearchValues<char> Token = SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    // The exporter and HTTP set these.
    private static readonly string[] Reserved = ["content-type", "content-length", "content-encoding", "transfer-encoding", "host", "connection", "te", "user-agent"];

    public static ImmutableArray<KeyValuePair<string, string>> Read(OtelVariables variables, string name, string? text)
    {
        if (text is null) return [];
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        var place = 0;
        foreach (var entry in text.Split(','))
        {
            place++;
            if (entry.AsSpan().IsWhiteSpace()) continue;
            if (Problem(entry, headers) is { } problem)
                variables.Warn(string.Create(CultureInfo.InvariantCulture, $"{name}: entry {place} {problem}; it is left out, the others are sent. Write NAME=VALUE, with %2C for a comma in a value."));
        }
        return [.. headers];
    }

    private static string? Problem(string entry, Dictionary<string, string> headers)
    {
        var at = entry.IndexOf('=', StringComparison.Ordinal);
        if (at < 0) return "has no '='";
        var header = entry[..at].Trim();
        if (header.Length == 0 || header.AsSpan().ContainsAnyExcept(Token)) return "has an invalid header name";
        if (Array.Exists(Reserved, r => r.Equals(header, StringComparison.OrdinalIgnoreCase))) return "has a name that is set by the program";
        var value = Uri.UnescapeDataString(entry[(at + 1)..].Trim());
        if (value.AsSpan().ContainsAnyExceptInRange(' ', '~')) return "has an invalid header value";
        headers[header] = value;
        return null;
    }
}

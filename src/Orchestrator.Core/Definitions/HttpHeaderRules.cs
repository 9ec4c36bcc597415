using System.Buffers;
using System.Globalization;

namespace Orchestrator.Core.Definitions;

/// <summary>What a header of a request may be: the same before a run and when it is sent.</summary>
public static class HttpHeaderRules
{
    private static readonly string[] s_ours = ["Content-Length", "Transfer-Encoding", "Connection", "Upgrade"];
    private static readonly SearchValues<char> s_value = SearchValues.Create([(char)0x09, .. Enumerable.Range(0x20, 0x5F).Select(c => (char)c)]);

    /// <summary>What to do about a value that cannot be sent.</summary>
    public const string Remedy = "Use the printable characters of ASCII; encode others, for example with percent signs.";

    /// <summary>Whether the request itself sets a header, so that a definition must not.</summary>
    public static bool IsOurs(string name) => s_ours.Contains(name, StringComparer.OrdinalIgnoreCase);

    /// <summary>Why a value cannot be sent, to follow the header's name; null when it can.</summary>
    public static string? Fault(string value)
    {
        var at = value.AsSpan().IndexOfAnyExcept(s_value);
        if (at < 0) return null;
        return value[at] is '\r' or '\n' ? "holds a line break" : string.Create(CultureInfo.InvariantCulture, $"holds the character U+{(int)value[at]:X4}, which no header can carry");
    }
}

using System.Buffers;
using System.Diagnostics;

namespace Orchestrator.Core.Lifecycle;

/// <summary>Reads a <c>traceparent</c> by the rules of W3C Trace Context, those for versions that do not exist yet included. Pure.</summary>
internal static class W3CTraceParent
{
    private const int Length = 55;   // vv-32-16-ff
    private static readonly SearchValues<char> Hex = SearchValues.Create("0123456789abcdef");

    /// <summary>
    /// False for what is no context: malformed, all-zero ids, the forbidden version <c>ff</c>, or version <c>00</c> with something after its flags.
    /// A later version may have more fields, set off by a dash; of its flags only <c>sampled</c> is known.
    /// </summary>
    public static bool TryRead(ReadOnlySpan<char> text, string? state, out ActivityContext context)
    {
        context = default;
        text = text.Trim(" \t");
        if (text.Length < Length || text[2] != '-' || text[35] != '-' || text[52] != '-') return false;
        ReadOnlySpan<char> version = text[..2], trace = text[3..35], span = text[36..52], flags = text[53..Length];
        if (!IsHex(version) || !IsId(trace) || !IsId(span) || !IsHex(flags) || version is "ff") return false;
        if (text.Length > Length && (version is "00" || text[Length] != '-')) return false;
        context = new(ActivityTraceId.CreateFromString(trace), ActivitySpanId.CreateFromString(span),
            IsOdd(flags[1]) ? ActivityTraceFlags.Recorded : ActivityTraceFlags.None, state, isRemote: true);
        return true;
    }

    private static bool IsHex(ReadOnlySpan<char> text) => !text.ContainsAnyExcept(Hex);

    private static bool IsId(ReadOnlySpan<char> text) => IsHex(text) && text.ContainsAnyExcept('0');

    private static bool IsOdd(char digit) => (digit <= '9' ? digit - '0' : digit - 'a' + 10) % 2 == 1;
}

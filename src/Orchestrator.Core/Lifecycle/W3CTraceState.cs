using System.Buffers;

namespace Orchestrator.Core.Lifecycle;

/// <summary>Reads a <c>tracestate</c> by the rules of W3C Trace Context. Pure.</summary>
internal static class W3CTraceState
{
    private const int MaxMembers = 32, MaxKey = 256, MaxValue = 256, MaxText = 512, LongMember = 128;
    private static readonly SearchValues<char> KeyStart = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789");
    private static readonly SearchValues<char> Key = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789_-*/@");

    /// <summary>
    /// The list without spaces and empty members; null where there is none or one member breaks the rules, which discards the list and not the
    /// <c>traceparent</c> beside it. A list over 512 characters loses whole members: first those over 128, then from its end.
    /// </summary>
    public static string? Read(string? text)
    {
        if (string.IsNullOrWhiteSpace(text)) return null;
        var members = new List<string>();
        var keys = new HashSet<string>(StringComparer.Ordinal);
        foreach (var part in text.Split(','))
        {
            var member = part.Trim(' ', '\t');
            if (member.Length == 0) continue;
            var equals = member.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0 || !IsKey(member.AsSpan(0, equals)) || !IsValue(member.AsSpan(equals + 1)) || !keys.Add(member[..equals])) return null;
            members.Add(member);
        }
        if (members.Count is 0 or > MaxMembers) return null;
        if (LengthOf(members) > MaxText) members.RemoveAll(m => m.Length > LongMember);
        while (LengthOf(members) > MaxText) members.RemoveAt(members.Count - 1);
        return members.Count == 0 ? null : string.Join(',', members);
    }

    private static int LengthOf(List<string> members) => members.Sum(m => m.Length + 1) - 1;

    private static bool IsKey(ReadOnlySpan<char> key) => key.Length is > 0 and <= MaxKey && KeyStart.Contains(key[0]) && !key.ContainsAnyExcept(Key) && key.Count('@') <= 1 && key[^1] != '@';

    private static bool IsValue(ReadOnlySpan<char> value) =>
        value.Length is > 0 and <= MaxValue && !value.ContainsAnyExceptInRange(' ', '~') && !value.ContainsAny(',', '=') && value[^1] != ' ';
}

using System.Buffers;
using System.Globalization;
using System.Net;
using System.Text;

namespace Orchestrator.Engine.Secrets;

/// <summary>
/// Undoes the ways in which programs write characters that their own syntax does not let through: %XX, backslash escapes of JSON, C, shells and SQL, and
/// HTML entities, mixed as they may be. Quotes and backslashes themselves are left out: a shell takes texts apart at them (<c>'it'\''s'</c>), and every
/// further level of quoting adds some.
/// </summary>
internal static class EscapedText
{
    private static readonly SearchValues<byte> s_entity = SearchValues.Create("#abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"u8);

    private static readonly SearchValues<byte> s_special = SearchValues.Create("%&\\'\""u8);

    /// <summary>Most bytes of one token.</summary>
    public const int LongestToken = 12;

    /// <summary>What one token of the text is.</summary>
    /// <param name="text">From the token on.</param>
    /// <param name="isEnd">Nothing follows this text.</param>
    /// <param name="into">Receives up to 4 bytes.</param>
    /// <param name="written">How many; 0 for what is left out.</param>
    /// <returns>Bytes of the token; 0 when more of the text must be seen first.</returns>
    public static int Take(ReadOnlySpan<byte> text, bool isEnd, Span<byte> into, out int written)
    {
        var more = !isEnd && text.Length < LongestToken;
        written = 0;
        switch (text[0])
        {
            case (byte)'\'' or (byte)'"':
                return 1;
            case (byte)'%':
                if (text.Length >= 3 && Hex(text.Slice(1, 2)) is { } value) return Byte((byte)value, into, out written, 3);
                return more && text.Length < 3 ? 0 : Byte(text[0], into, out written, 1);
            case (byte)'&':
                return Entity(text, more, into, out written);
            case (byte)'\\':
                return text.Length == 1 ? more ? 0 : 1 : Backslash(text, more, into, out written);
            default:
                return Byte(text[0], into, out written, 1);
        }
    }

    /// <summary>The whole text.</summary>
    public static byte[] Decode(ReadOnlySpan<byte> text)
    {
        var all = new List<byte>(text.Length);
        Span<byte> into = stackalloc byte[4];
        for (var at = 0; at < text.Length;)
        {
            at += Take(text[at..], isEnd: true, into, out var written);
            all.AddRange(into[..written]);
        }
        return [.. all];
    }

    /// <summary>Whether a text has nothing that would be undone.</summary>
    public static bool IsPlain(ReadOnlySpan<byte> text) => text.IndexOfAny(s_special) < 0;

    /// <summary>How many bytes from the beginning have nothing that would be undone.</summary>
    public static int PlainLength(ReadOnlySpan<byte> text) => text.IndexOfAny(s_special) is >= 0 and var at ? at : text.Length;

    private static int Backslash(ReadOnlySpan<byte> text, bool more, Span<byte> into, out int written)
    {
        written = 0;
        switch ((char)text[1])
        {
            case '\\':
                // Two are one that was escaped itself; before a \u they come from another level of quoting.
                if (text.Length == 2) return more ? 0 : 2;
                if (text[2] != 'u') return 2;
                if (text.Length < 7) return more ? 0 : 2;
                return Unicode(text[1..], more, into, out written) is > 0 and var length ? length + 1 : 0;
            case 'u':
                if (text.Length < 6) return more ? 0 : Byte(text[1], into, out written, 2);
                return Unicode(text, more, into, out written);
            case 'x':
                if (text.Length >= 4 && Hex(text.Slice(2, 2)) is { } value) return Byte((byte)value, into, out written, 4);
                return more && text.Length < 4 ? 0 : Byte(text[1], into, out written, 2);
            case >= '0' and <= '3':
                if (text.Length >= 4 && text[2] is >= (byte)'0' and <= (byte)'7' && text[3] is >= (byte)'0' and <= (byte)'7')
                    return Byte((byte)(((text[1] - '0') << 6) | ((text[2] - '0') << 3) | (text[3] - '0')), into, out written, 4);
                return more && text.Length < 4 ? 0 : Byte(text[1], into, out written, 2);
            case '\'' or '"' or '\n':
                return 2;
            case var c:
                return Byte(c switch { 'n' => 10, 't' => 9, 'r' => 13, 'b' => 8, 'f' => 12, 'v' => 11, 'a' => 7, 'e' => 27, _ => text[1] }, into, out written, 2);
        }
    }

    // \uXXXX, with its other half where it has one.
    private static int Unicode(ReadOnlySpan<byte> text, bool more, Span<byte> into, out int written)
    {
        written = 0;
        if (Hex(text.Slice(2, 4)) is not { } unit) return Byte(text[1], into, out written, 2);
        if (char.IsHighSurrogate((char)unit))
        {
            if (text.Length < LongestToken) return more ? 0 : 6;
            if (text[6] == '\\' && text[7] == 'u' && Hex(text.Slice(8, 4)) is { } low && char.IsLowSurrogate((char)low))
                return Character(new Rune((char)unit, (char)low), into, out written, LongestToken);
            return 6;
        }
        return Rune.TryCreate((char)unit, out var rune) ? Character(rune, into, out written, 6) : 6;
    }

    private static int Entity(ReadOnlySpan<byte> text, bool more, Span<byte> into, out int written)
    {
        written = 0;
        var semicolon = text[..Math.Min(text.Length, LongestToken - 1)].IndexOf((byte)';');
        if (semicolon < 0)
        {
            // What cannot become an entity any more is not waited for.
            var couldBe = more && text[1..].IndexOfAnyExcept(s_entity) < 0;
            return couldBe ? 0 : Byte(text[0], into, out written, 1);
        }
        var decoded = WebUtility.HtmlDecode(Encoding.ASCII.GetString(text[..(semicolon + 1)]));
        if (decoded.Length is 0 or > 2 || Rune.DecodeFromUtf16(decoded, out var rune, out var used) != System.Buffers.OperationStatus.Done || used != decoded.Length)
            return Byte(text[0], into, out written, 1);
        return Character(rune, into, out written, semicolon + 1);
    }

    private static int Character(Rune rune, Span<byte> into, out int written, int length)
    {
        written = rune.Value is '\'' or '"' or '\\' ? 0 : rune.EncodeToUtf8(into);
        return length;
    }

    private static int Byte(byte value, Span<byte> into, out int written, int length)
    {
        written = value is (byte)'\'' or (byte)'"' or (byte)'\\' ? 0 : 1;
        into[0] = value;
        return length;
    }

    private static int? Hex(ReadOnlySpan<byte> digits) =>
        int.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value) ? value : null;
}

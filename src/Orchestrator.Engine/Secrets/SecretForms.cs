using System.Text;

namespace Orchestrator.Engine.Secrets;

/// <summary>
/// What is looked for of each secret: its value and, of one with several lines, each of them. Encoded forms are not listed: the text that is searched is
/// decoded, and these are what the values are in decoded text, in base64 (which a value's place in a longer text changes) and in hexadecimal digits.
/// </summary>
internal static class SecretForms
{
    /// <summary>Shorter values and lines have no derived forms (everything would match) and are not looked for in results.</summary>
    public const int ShortestDistinctive = 4;

    private const int LongestWithoutRest = 10;

    /// <summary>The values to look for: trimmed lines, and whole values; those that are too short only as they are.</summary>
    public static IEnumerable<string> ValuesOf(string secret)
    {
        if (secret.Length == 0) yield break;
        var found = false;
        foreach (var line in secret.Split('\n'))
        {
            if (line.Trim() is not { Length: >= ShortestDistinctive } value) continue;
            found = true;
            yield return value;
        }
        // Between lines that are found, those that are too short are found in their places.
        if (!found || secret.Contains('\n', StringComparison.Ordinal)) yield return secret;
    }

    /// <summary>The value where escapes have been undone and quotes left out.</summary>
    public static IEnumerable<byte[]> InDecodedText(byte[] value)
    {
        yield return [.. value.Where(b => b is not ((byte)'\'' or (byte)'"' or (byte)'\\')).Select(Spaced)];
        if (EscapedText.IsPlain(value)) yield break;
        // Of a value that looks escaped itself: as it is, and where its backslashes were escaped.
        yield return [.. EscapedText.Decode(value).Select(Spaced)];
        yield return [.. EscapedText.Decode([.. value.SelectMany(b => b == '\\' ? (byte[])[b, b] : [b])]).Select(Spaced)];
    }

    /// <summary>In forms of web pages a space is a plus.</summary>
    public static byte Spaced(byte value) => value == '+' ? (byte)' ' : value;

    /// <summary>Base64 at each of the three places that a value can have in what is encoded: the digits that depend on nothing but the value.</summary>
    public static IEnumerable<byte[]> InBase64(byte[] value)
    {
        for (var before = 0; before < 3; before++)
        {
            var padded = new byte[before + value.Length];
            value.CopyTo(padded, before);
            var text = Convert.ToBase64String(padded);
            var first = ((8 * before) + 5) / 6;
            var digits = text[first..(8 * padded.Length / 6)];
            yield return Encoding.ASCII.GetBytes(digits);
            // A line may end within its first digits, too soon to be worth waiting for the next one.
            if (digits.Length >= LongestWithoutRest) yield return Encoding.ASCII.GetBytes(digits[2..]);
        }
    }

    public static IEnumerable<byte[]> InHex(byte[] value)
    {
        var digits = Convert.ToHexStringLower(value);
        yield return Encoding.ASCII.GetBytes(digits);
        if (digits.Length >= LongestWithoutRest) yield return Encoding.ASCII.GetBytes(digits[2..]);
    }
}

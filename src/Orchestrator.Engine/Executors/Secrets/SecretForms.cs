using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Orchestrator.Engine.Executors.Secrets;

/// <summary>
/// The forms in which a secret's value shows up: itself, URL-encoded, JSON-escaped, and base64 at each of the three places it can have in
/// a longer text that was encoded. Not covered: base64 broken into lines, and other encodings.
/// </summary>
internal static class SecretForms
{
    /// <summary>Shorter values have no derived forms (everything would match) and are not looked for in results.</summary>
    public const int ShortestDistinctive = 4;

    public static IEnumerable<byte[]> Of(string secret)
    {
        if (secret.Length == 0) yield break;
        var bytes = Encoding.UTF8.GetBytes(secret);
        yield return bytes;
        if (secret.Length < ShortestDistinctive) yield break;

        var url = Uri.EscapeDataString(secret);
        yield return Encoding.UTF8.GetBytes(url);
        yield return Encoding.UTF8.GetBytes(LowerEscapes(url));
        yield return Encoding.UTF8.GetBytes(url.Replace("%20", "+", StringComparison.Ordinal));
        yield return Escaped(secret, JavaScriptEncoder.Default);
        yield return Escaped(secret, JavaScriptEncoder.UnsafeRelaxedJsonEscaping);
        yield return Escaped(secret, JavaScriptEncoder.Default, lower: true);
        foreach (var text in Base64(bytes))
        {
            yield return Encoding.ASCII.GetBytes(text);
            yield return Encoding.ASCII.GetBytes(text.Replace('+', '-').Replace('/', '_'));
        }
    }

    private static byte[] Escaped(string secret, JavaScriptEncoder encoder, bool lower = false)
    {
        var text = JsonEncodedText.Encode(secret, encoder).ToString();
        return Encoding.UTF8.GetBytes(lower ? LowerUnicode(text) : text);
    }

    private static IEnumerable<string> Base64(byte[] secret)
    {
        yield return Convert.ToBase64String(secret);
        for (var before = 0; before < 3; before++)
        {
            // Only the characters that depend on nothing but the secret.
            var padded = new byte[before + secret.Length];
            secret.CopyTo(padded, before);
            var text = Convert.ToBase64String(padded);
            var first = ((8 * before) + 5) / 6;
            yield return text[first..(8 * padded.Length / 6)];
        }
    }

    private static string LowerEscapes(string text) => Lower(text, "%", 2);

    private static string LowerUnicode(string text) => Lower(text, "\\u", 4);

    private static string Lower(string text, string start, int digits)
    {
        var chars = text.ToCharArray();
        for (var at = text.IndexOf(start, StringComparison.Ordinal); at >= 0; at = text.IndexOf(start, at + start.Length, StringComparison.Ordinal))
            for (var i = at + start.Length; i < Math.Min(chars.Length, at + start.Length + digits); i++) chars[i] = char.ToLowerInvariant(chars[i]);
        return new(chars);
    }
}

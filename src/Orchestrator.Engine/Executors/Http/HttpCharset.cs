using System.Globalization;
using System.Text;
using System.Text.Unicode;
using Orchestrator.Core;
using Orchestrator.Engine.Executors.Results;

namespace Orchestrator.Engine.Executors.Http;

/// <summary>
/// Makes text of a body by the charset its header names; UTF-8 where it names none. Nothing is replaced: what cannot be decoded is a failure.
/// </summary>
internal static class HttpCharset
{
    private const string Remedy = "Keep the bytes in a file with `http.save`.";
    private static readonly (string Name, string Known)[] s_aliases = [("utf8", "utf-8"), ("windows-31j", "shift_jis"), ("cp932", "shift_jis"), ("ms932", "shift_jis"), ("latin-1", "iso-8859-1"), ("cp1252", "windows-1252")];

    /// <summary>The text, without a byte order mark.</summary>
    /// <exception cref="OutputProblemException">The charset is not known, or the bytes are not of it.</exception>
    public static string Decode(ReadOnlySpan<byte> bytes, string? charset)
    {
        var (encoding, mark) = Of(bytes, charset);
        var text = bytes[mark..];
        if (encoding is UTF8Encoding) return Utf8Text(text, mark);
        var strict = (Encoding)encoding.Clone();
        strict.DecoderFallback = DecoderFallback.ExceptionFallback;
        try
        {
            return strict.GetString(text);
        }
        catch (DecoderFallbackException e)
        {
            throw Invalid(encoding.WebName, Math.Max(0, e.Index) + mark);
        }
    }

    /// <summary>The text for a sentence: what cannot be decoded becomes U+FFFD.</summary>
    public static string Leniently(ReadOnlySpan<byte> bytes, string? charset)
    {
        try { return Of(bytes, charset).Encoding.GetString(bytes); }
        catch (OutputProblemException) { return Encoding.UTF8.GetString(bytes); }
    }

    private static (Encoding Encoding, int Mark) Of(ReadOnlySpan<byte> bytes, string? charset)
    {
        var name = charset?.Trim(' ', '"', '\'').ToLowerInvariant();
        if (name is null or "" or "utf-8" or "utf8")
        {
            if (bytes.StartsWith(Encoding.UTF8.Preamble)) return (Encoding.UTF8, 3);
            if (name is { Length: > 0 } || !(bytes.StartsWith(Encoding.Unicode.Preamble) || bytes.StartsWith(Encoding.BigEndianUnicode.Preamble))) return (Encoding.UTF8, 0);
            name = "utf-16";   // nothing is said, and its byte order mark is no UTF-8
        }
        if (name == "utf-16") return bytes.StartsWith(Encoding.BigEndianUnicode.Preamble) ? (Encoding.BigEndianUnicode, 2) : (Encoding.Unicode, bytes.StartsWith(Encoding.Unicode.Preamble) ? 2 : 0);
        var encoding = Find(name) ?? throw new OutputProblemException(FailureKind.Error, $"The answer says `charset={Printable(name)}`, which is not known. {Remedy}");
        return (encoding, encoding.Preamble is { Length: > 0 } preamble && bytes.StartsWith(preamble) ? preamble.Length : 0);
    }

    private static Encoding? Find(string name)
    {
        foreach (var (alias, known) in s_aliases)
            if (name == alias) name = known;
        try
        {
            return CodePagesEncodingProvider.Instance.GetEncoding(name) ?? Encoding.GetEncoding(name);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            return null;
        }
    }

    private static string Utf8Text(ReadOnlySpan<byte> text, int mark)
    {
        if (Utf8.IsValid(text)) return Encoding.UTF8.GetString(text);
        throw Invalid("UTF-8", mark + Files.Utf8Text.InvalidAt(text));
    }

    private static OutputProblemException Invalid(string name, int at) => new(FailureKind.Error,
        string.Create(CultureInfo.InvariantCulture, $"The body of the answer is not {name}: the byte at offset {at} cannot be decoded. {Remedy}"));

    private static string Printable(string name) => new([.. name.Take(40).Where(c => !char.IsControl(c))]);
}

using System.Text;

namespace Orchestrator.Engine.Secrets;

/// <summary>All secrets of an attempt, made ready to be looked for. Immutable.</summary>
internal sealed class SecretPatterns
{
    private const int LongestWhole = 256;

    private SecretPatterns(IEnumerable<string> values)
    {
        byte[][] all = [.. values.Distinct(StringComparer.Ordinal).Select(Encoding.UTF8.GetBytes)];
        byte[][] distinctive = [.. all.Where(v => v.Length >= SecretForms.ShortestDistinctive)];
        Plain = new(all);
        HaveQuotesAtEnds = distinctive.Any(v => v[0] is (byte)'\'' or (byte)'"' or (byte)'\\' || v[^1] is (byte)'\'' or (byte)'"' or (byte)'\\');
        Decoded = new(distinctive.SelectMany(SecretForms.InDecodedText).Where(f => f.Length >= SecretForms.ShortestDistinctive), ('+', ' '));
        // Of a long value with several lines each line is looked for by itself.
        byte[][] digits = [.. distinctive.Where(v => v.Length <= LongestWhole || !v.Contains((byte)'\n'))];
        Base64 = new(digits.SelectMany(SecretForms.InBase64), ('-', '+'), ('_', '/'));
        Hex = new(digits.SelectMany(SecretForms.InHex), ('A', 'a'), ('B', 'b'), ('C', 'c'), ('D', 'd'), ('E', 'e'), ('F', 'f'));
    }

    /// <summary>Whether one begins or ends with what is left out of decoded text.</summary>
    public bool HaveQuotesAtEnds { get; }

    /// <summary>In the text as it is.</summary>
    public FormAutomaton Plain { get; }

    /// <summary>In the text with its escapes undone.</summary>
    public FormAutomaton Decoded { get; }

    /// <summary>In the base64 digits of that.</summary>
    public FormAutomaton Base64 { get; }

    /// <summary>In the hexadecimal digits of that.</summary>
    public FormAutomaton Hex { get; }

    /// <summary>Forms of these secrets; null when there is nothing to look for.</summary>
    public static SecretPatterns? Of(IReadOnlyList<string> secrets, int shortest = 1)
    {
        if (secrets.Count == 0) return null;
        string[] values = [.. secrets.SelectMany(SecretForms.ValuesOf).Where(v => v.Length >= shortest)];
        return values.Length == 0 ? null : new(values);
    }

    public bool FoundIn(string text) => FoundIn(Encoding.UTF8.GetBytes(text));

    public bool FoundIn(ReadOnlySpan<byte> text)
    {
        var scan = new SecretScan(this);
        scan.Read(text, isEnd: true);
        return scan.Finds.Count > 0;
    }
}

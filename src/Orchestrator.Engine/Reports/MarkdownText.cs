using System.Globalization;
using System.Text;

namespace Orchestrator.Engine.Reports;

/// <summary>Puts names, errors and numbers into Markdown and Mermaid so that nothing in them is read as markup.</summary>
internal static class MarkdownText
{
    /// <summary>One line of running text or a table cell: markup, HTML, line breaks and control characters lose their meaning.</summary>
    public static string Inline(string? text, int longest = 300)
    {
        if (string.IsNullOrEmpty(text)) return "";
        var line = new StringBuilder();
        var cut = Cut(text, longest);
        for (int i = 0, length; i < cut.Length; i += length)
        {
            if (!Rune.TryGetRuneAt(cut, i, out var rune)) rune = Rune.ReplacementChar;
            length = rune.Utf16SequenceLength;
            if (rune.Value is '\n' or '\r' or '\t') line.Append(' ');
            else if (IsUnsafe(rune)) line.Append('\uFFFD');
            else if (rune.Value is '<') line.Append("&lt;");
            else if (rune.Value is '>') line.Append("&gt;");
            else if (rune.Value is '&') line.Append("&amp;");
            else if (rune.Value is '_' && IsWithinWord(cut, i)) line.Append('_');   // as in exit_code, where it marks nothing
            else if (rune.IsAscii && "\\`*_{}[]()#+!|~$".Contains((char)rune.Value, StringComparison.Ordinal)) line.Append('\\').Append((char)rune.Value);
            else line.Append(rune.ToString());
        }
        // `www.` and `scheme:` would become links in some readers.
        return line.ToString().Trim().Replace("://", ":&#47;&#47;", StringComparison.Ordinal).Replace("www.", "www&#46;", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>A code span of a value that stays as it is.</summary>
    public static string Code(string text)
    {
        var clean = string.Concat(Cut(text, 300).Select(c => c is '\n' or '\r' or '\t' || char.IsControl(c) ? ' ' : c));
        var fence = new string('`', LongestRun(clean, '`') + 1);
        var pad = clean.StartsWith('`') || clean.EndsWith('`') ? " " : "";
        return $"{fence}{pad}{clean.Replace("|", "\\|", StringComparison.Ordinal)}{pad}{fence}";
    }

    /// <summary>A fenced block that nothing in the text can close.</summary>
    public static string Fenced(string text)
    {
        var clean = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.Value is '\n' or '\t') clean.Append((char)rune.Value);
            else if (rune.Value is not '\r') clean.Append(IsUnsafe(rune) ? "\uFFFD" : rune.ToString());
        }
        var body = clean.ToString().TrimEnd('\n');
        var fence = new string('`', Math.Max(3, LongestRun(body, '`') + 1));
        return $"{fence}text\n{body}\n{fence}\n";
    }

    /// <summary>A quoted Mermaid label: everything but plain letters, digits and a few signs becomes an entity.</summary>
    public static string Label(string text)
    {
        var label = new StringBuilder();
        foreach (var rune in Cut(text, 80).EnumerateRunes())
        {
            if (Rune.IsLetterOrDigit(rune) || rune.Value is ' ' or '-' or '_' or '.' or ',' or '/') label.Append(rune.ToString());
            else if (!IsUnsafe(rune)) label.Append(CultureInfo.InvariantCulture, $"#{rune.Value};");
        }
        return label.ToString();
    }

    /// <summary>Milliseconds for people: <c>12 ms</c>, <c>1.50 s</c>, <c>2 min 5 s</c>, <c>3 h 20 min</c>.</summary>
    public static string Duration(double milliseconds) => milliseconds switch
    {
        < 999.5 => string.Create(CultureInfo.InvariantCulture, $"{milliseconds:0} ms"),
        < 59_995 => string.Create(CultureInfo.InvariantCulture, $"{milliseconds / 1000:0.00} s"),
        < 3_599_500 => $"{(long)Math.Round(milliseconds / 1000) / 60} min {(long)Math.Round(milliseconds / 1000) % 60} s",
        _ => $"{(long)Math.Round(milliseconds / 60_000) / 60} h {(long)Math.Round(milliseconds / 60_000) % 60} min",
    };

    public static string Instant(DateTimeOffset? at) =>
        at?.ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture) ?? "";

    private static bool IsWithinWord(string text, int at) =>
        at > 0 && at < text.Length - 1 && char.IsAsciiLetterOrDigit(text[at - 1]) && char.IsAsciiLetterOrDigit(text[at + 1]);

    // Control characters, and the ones that turn the direction of what follows.
    private static bool IsUnsafe(Rune rune) =>
        Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;

    private static string Cut(string text, int longest)
    {
        if (text.Length <= longest) return text;
        return string.Concat(text.AsSpan(0, char.IsHighSurrogate(text[longest - 1]) ? longest - 1 : longest), "…");
    }

    private static int LongestRun(string text, char of)
    {
        int longest = 0, run = 0;
        foreach (var c in text) longest = Math.Max(longest, run = c == of ? run + 1 : 0);
        return longest;
    }
}

using YamlDotNet.Core;

namespace Orchestrator.Core.Definitions.Reading;

/// <summary>Says in plain words, and at its place, why a text is not YAML. The parser's own words are for those who write parsers.</summary>
internal static class YamlFault
{
    private const string Elsewhere = "Check indentation, quotes and brackets here and just above.";

    // Parts of the parser's messages, the more exact ones first.
    private static readonly (string Words, string Message, string Remedy)[] s_known =
    [
        ("invalid tab as indentation", "This line is indented with a tab.", "Indent with spaces: YAML does not allow tabs there."),
        ("tab character that violate", "This line is indented with a tab.", "Indent with spaces: YAML does not allow tabs there."),
        ("character that cannot start any token", "No value can begin with this character.", "Put the text in quotes."),
        ("expected ',' or '}'", "The map that opens with '{' has no ',' or '}' here.", "Separate its entries with commas and close it with '}'; quote texts that hold , { } [ ] or ': '."),
        ("expected ',' or ']'", "The list that opens with '[' has no ',' or ']' here.", "Separate its items with commas and close it with ']'; quote texts that hold , { } [ ] or ': '."),
        ("expected '-' indicator", "The next '- ' of the list was expected on this line.", "Indent it like the list's other items, or further as part of the item above."),
        ("did not find expected key", "This line is not a `key: value` of the map above it.", "Indent it like the map's other keys, and write a space after the colon; a text of several lines needs `|` or quotes."),
        ("could not find expected ':'", "This line is not a `key: value`: it has no ': '.", "Write `key: value`; a text of several lines needs `|` or quotes."),
        ("found invalid mapping", "This value contains a second ': '.", "Put the value in quotes, or write its keys on lines of their own."),
        ("unexpected end of stream", "The text ends within quotes.", "Close them; the place is where they open or where the text ends."),
        ("unknown escape character", "This escape does not exist in double quotes.", @"Write \\ for a backslash, or use single quotes, which have no escapes."),
        ("hexadecimal", "The escape does not have enough hexadecimal digits.", @"Write \xNN, \uNNNN or \UNNNNNNNN, or use single quotes."),
        ("surrogate", "The escape is half of a character.", "Write the character itself."),
        ("Unicode character escape", "The escape does not name a character.", "Write the character itself."),
        ("wrong indentation", "The quoted text continues with less indentation than it began with.", "Indent its lines further than the key."),
        ("unexpected document indicator", "A document marker appears within quotes.", "Close the quotes before it, or indent the line."),
        ("more than one anchor", "The value has two anchors.", "Keep one `&name`."),
        ("undefined tag handle", "The tag is not defined.", "Write the value without a tag."),
        ("indentation indicator equal to 0", "A block text cannot be indented by 0.", "Write `|` or `>` alone."),
        ("block scalar", "Nothing but a comment may follow `|` or `>` on its line, and the text's first line sets the indentation.", "Begin the text on the next line, and indent no line less than the first."),
        ("comment", "A comment needs a space before `#`.", "Write ` # ...`, or put the text in quotes."),
        ("anchor or alias", "The name of an anchor or alias holds one of []{},.", "Use letters, digits, '-' and '_'."),
        ("directive", "A line with `%` at its start is a directive, and YAML does not know this one.", "Put the text in quotes, or indent it."),
        ("document start", "Text continues after the end of the document.", "Begin another document with `---`, or indent the line like those above."),
        ("document end", "Text follows the marker `...`.", "Remove it, or put it on the next line after `---`."),
        ("parsing a node", "A value was expected here.", Elsewhere),
        ("tag", "The tag cannot be read.", "Write the value without a tag."),
    ];

    /// <param name="e">What the parser threw.</param>
    /// <param name="reached">Where its scanner stood then.</param>
    public static Problem Of(Exception e, Mark reached, string text, string file)
    {
        var at = e is YamlException { Start: { Index: > 0 } or { Line: > 1 } or { Column: > 1 } } placed && !IsWithin(e.Message) ? placed.Start : reached;
        var isTab = e.Message.Contains(" tab ", StringComparison.Ordinal);
        if (Tab(text, (int)Math.Min(at.Index, text.Length), isTab) is { } tab)
            return new(ProblemCodes.Syntax, "This line is indented with a tab.", "Indent with spaces: YAML does not allow tabs there.", tab with { File = file });
        var place = new SourceSpan(file, Math.Max(1, (int)at.Line), Math.Max(1, (int)at.Column));
        foreach (var (words, message, remedy) in s_known)
            if (e.Message.Contains(words, StringComparison.OrdinalIgnoreCase)) return new(ProblemCodes.Syntax, $"This is not YAML: {message}", remedy, place);
        return new(ProblemCodes.Syntax, "This is not YAML.", Elsewhere, place);
    }

    // What is wrong within quotes stands where the scanner is, not where they open.
    private static bool IsWithin(string message) => message.Contains("escape", StringComparison.Ordinal) || message.Contains("hexadecimal", StringComparison.Ordinal);

    /// <summary>The tab within the indentation of the line at an index, or of a line after it.</summary>
    private static SourceSpan? Tab(string text, int index, bool orLater)
    {
        var start = index == 0 ? 0 : text.LastIndexOf('\n', index - 1) + 1;
        do
        {
            var blank = start;
            while (blank < text.Length && text[blank] == ' ') blank++;
            if (blank < text.Length && text[blank] == '\t') return new("", text.AsSpan(0, start).Count('\n') + 1, blank - start + 1);
            start = text.IndexOf('\n', start) + 1;
        }
        while (orLater && start > 0);
        return null;
    }
}

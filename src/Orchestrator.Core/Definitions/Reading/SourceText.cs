namespace Orchestrator.Core.Definitions.Reading;

/// <summary>The text a tree was read from: finds the line and column of a character inside a value, whatever the value's notation.</summary>
internal sealed class SourceText(string text)
{
    private const string Mark = "${{";
    private List<int>? _lines;

    /// <summary>
    /// The place of <c>value[offset]</c>, where the character stands at or behind the <c>${{</c> at <paramref name="mark"/>. Escapes and
    /// folding change what lies around an expression but hardly ever the expression: so the same one is sought in the source.
    /// </summary>
    /// <param name="node">The scalar whose text <paramref name="mark"/> and <paramref name="offset"/> count in.</param>
    public SourceSpan Locate(SourceScalar node, int mark, int offset)
    {
        if (node.Start < 0 || mark < 0) return node.Span;
        var at = node.Start;
        for (var seen = -1; seen < Before(node.Text, mark); seen++)
        {
            var next = text.IndexOf(Mark, seen < 0 ? at : at + Mark.Length, StringComparison.Ordinal);
            if (next < 0 || next >= node.End) return node.Span;
            at = next;
        }
        // Walk along both texts; a line break and its indentation are one blank in a folded value, and as they are in a literal one.
        for (var i = mark; i < offset && i < node.Text.Length; i++)
        {
            if (at < node.End && text[at] == '\r') at++;
            if (at < node.End && text[at] == '\n' && node.Text[i] is '\n' or ' ')
                while (at + 1 < node.End && text[at + 1] == ' ') at++;
            at++;
        }
        return Place(node.Span.File, Math.Min(at, text.Length));
    }

    private static int Before(string value, int mark)
    {
        var count = 0;
        for (var at = value.IndexOf(Mark, StringComparison.Ordinal); at >= 0 && at < mark; at = value.IndexOf(Mark, at + Mark.Length, StringComparison.Ordinal)) count++;
        return count;
    }

    private SourceSpan Place(string file, int index)
    {
        _lines ??= LineStarts();
        var line = _lines.BinarySearch(index) is >= 0 and var exact ? exact : ~_lines.BinarySearch(index) - 1;
        return new(file, line + 1, index - _lines[line] + 1);
    }

    private List<int> LineStarts()
    {
        var starts = new List<int> { 0 };
        for (var i = text.IndexOf('\n', StringComparison.Ordinal); i >= 0; i = text.IndexOf('\n', i + 1)) starts.Add(i + 1);
        return starts;
    }
}

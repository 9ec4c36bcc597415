namespace Orchestrator.Core.Definitions.Reading;

/// <summary>The text a tree was read from: finds the line and column of a character inside a value, whatever the value's notation.</summary>
internal sealed class SourceText(string text)
{
    private const string Mark = "${{";
    private List<int>? _lines;

    /// <summary>
    /// The place of <c>node.Text[offset]</c>. Escapes and folding change what lies around an expression but hardly ever the expression,
    /// so the walk along source and value begins at the same <c>${{</c> of both, or at the value's start where there is none.
    /// </summary>
    public SourceSpan Locate(SourceScalar node, int offset)
    {
        if (node.Start < 0 || node.Start >= node.End || node.End > text.Length) return node.Span;
        var mark = offset + Mark.Length > node.Text.Length ? node.Text.LastIndexOf(Mark, StringComparison.Ordinal)
            : node.Text.LastIndexOf(Mark, offset + Mark.Length - 1, StringComparison.Ordinal);
        var at = mark < 0 ? Content(node) : SameMark(node, mark);
        if (at < 0) return node.Span;

        for (var i = Math.Max(mark, 0); i < offset && i < node.Text.Length && at < node.End; i++)
        {
            if (text[at] == '\r' && at + 1 < node.End) at++;
            if (IsEscape(node, at)) at++;
            // A line break and its indentation are one character of the value: a break in a literal one, a blank in a folded one.
            if (text[at] == '\n' && node.Text[i] is '\n' or ' ')
                while (at + 1 < node.End && text[at + 1] == ' ') at++;
            at++;
        }
        return Place(node.Span.File, Math.Min(at, node.End));
    }

    private bool IsEscape(SourceScalar node, int at) => at + 1 < node.End && text[node.Start] switch
    {
        '"' => text[at] == '\\',
        '\'' => text[at] == '\'' && text[at + 1] == '\'',
        _ => false,
    };

    // The n-th mark of the value is the n-th mark of the source.
    private int SameMark(SourceScalar node, int mark)
    {
        var at = text.IndexOf(Mark, node.Start, StringComparison.Ordinal);
        for (var next = node.Text.IndexOf(Mark, StringComparison.Ordinal); next < mark && at >= 0; next = node.Text.IndexOf(Mark, next + 1, StringComparison.Ordinal))
            at = text.IndexOf(Mark, at + 1, StringComparison.Ordinal);
        return at < node.End ? at : -1;
    }

    // After the opening quote, or after the block's header line and first indentation.
    private int Content(SourceScalar node)
    {
        var at = node.Start;
        if (node.Form != ScalarForm.Quoted) return at;
        if (text[at] is not ('|' or '>')) return at + 1;
        at = text.IndexOf('\n', at) + 1;
        while (at > 0 && at < node.End && text[at] == ' ') at++;
        return at > 0 ? at : -1;
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

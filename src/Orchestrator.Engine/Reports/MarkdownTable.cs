using System.Text;

namespace Orchestrator.Engine.Reports;

/// <summary>A Markdown table whose columns line up for those who read it as text.</summary>
internal sealed class MarkdownTable(params string[] header)
{
    private readonly List<string[]> _rows = [];

    public void Add(params string[] cells) => _rows.Add(cells);

    public void WriteTo(StringBuilder text)
    {
        var width = header.Select((h, i) => Math.Max(3, Math.Max(h.Length, _rows.Count == 0 ? 0 : _rows.Max(r => r[i].Length)))).ToArray();
        Line(text, header, width);
        Line(text, [.. width.Select(w => new string('-', w))], width);
        foreach (var row in _rows) Line(text, row, width);
        text.Append('\n');
    }

    private static void Line(StringBuilder text, string[] cells, int[] width)
    {
        for (var i = 0; i < cells.Length; i++) text.Append("| ").Append(cells[i].PadRight(width[i])).Append(' ');
        text.Append("|\n");
    }
}

namespace Orchestrator.Worker.Commands.Output;

/// <summary>Rows in columns: framed on a terminal, plain and aligned when piped, so that tools can cut it.</summary>
internal sealed class TextTable(params string[] columns)
{
    private readonly List<string[]> _rows = [];

    public void Add(params string[] cells) => _rows.Add([.. cells.Select(Printable.Line)]);

    public void Write(CommandContext around)
    {
        if (around.IsTerminal) TerminalTable.Write(around.Out, columns, _rows);
        else WritePlain(around.Out);
    }

    private void WritePlain(TextWriter output)
    {
        var widths = columns.Select((c, i) => _rows.Select(r => r[i].Length).Append(c.Length).Max()).ToArray();
        foreach (var row in _rows.Prepend([.. columns.Select(c => c.ToUpperInvariant())]))
            output.WriteLine(string.Join("  ", row.Select((cell, i) => cell.PadRight(widths[i]))).TrimEnd());
    }
}

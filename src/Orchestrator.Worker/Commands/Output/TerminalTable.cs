using Spectre.Console;

namespace Orchestrator.Worker.Commands.Output;

/// <summary>The only way to Spectre's tables; apart from <see cref="TextTable"/> so that piped output never loads them.</summary>
internal static class TerminalTable
{
    public static void Write(TextWriter output, IReadOnlyList<string> columns, IReadOnlyList<string[]> rows)
    {
        var table = new Table().Border(TableBorder.Rounded).BorderStyle(Style.Plain);
        foreach (var column in columns) table.AddColumn(new TableColumn(new Text(column, new Style(decoration: Decoration.Bold))));
        foreach (var row in rows) table.AddRow(row.Select(cell => new Text(cell, Colour(cell))));
        AnsiConsole.Create(new() { Out = new AnsiConsoleOutput(output) }).Write(table);
    }

    /// <summary>State words stand out by colour as well as by text.</summary>
    public static Style Colour(string cell) => cell switch
    {
        "completed" => new Style(Color.Green),
        "failed" => new Style(Color.Red),
        "cancelled" or "retrying" => new Style(Color.Yellow),
        "running" => new Style(Color.Blue),
        "skipped" or "pending" or "queued" => new Style(Color.Grey),
        _ => Style.Plain,
    };
}

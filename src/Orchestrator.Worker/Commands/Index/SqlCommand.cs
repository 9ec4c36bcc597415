using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Orchestrator.Engine.Index;
using Orchestrator.Worker.Commands.Output;
using Orchestrator.Worker.Hosting;

namespace Orchestrator.Worker.Commands.Index;

/// <summary><c>orchestrator sql</c>: a question to the index of runs in SQL. It can only read.</summary>
internal static class SqlCommand
{
    private const int MaxRows = 100_000;
    private static readonly TimeSpan Usual = TimeSpan.FromSeconds(10);

    public static Command Create(CommonOptions common, CommandContext around)
    {
        var query = new Argument<string>("query") { Description = "One SELECT, WITH or VALUES statement.", HelpName = "QUERY" };
        var limit = RowLimit.Option(MaxRows);
        limit.DefaultValueFactory = _ => 1_000;
        var timeout = SpanOption.Create("--timeout", "Longest time the query may take.", Usual, TimeSpan.FromHours(1));
        var verb = new Verb("sql", "Ask the index of runs in SQL: tables runs, tasks, attempts, run_labels, and the readable views run_list and task_list.")
        {
            Examples =
            [
                ("orchestrator sql \"SELECT workflow, status, count(*) FROM run_list GROUP BY 1, 2\"", "runs of each workflow by state"),
                ("orchestrator sql --json \"SELECT * FROM task_list WHERE status = 'failed' LIMIT 5\"", "a JSON line for each row"),
            ],
        };
        verb.Arguments.Add(query);
        verb.Options.Add(limit);
        verb.Options.Add(timeout);
        verb.SetAction(async (parsed, stop) =>
        {
            var json = parsed.GetValue(common.Json);
            var asked = new SqlQuestion(parsed.GetValue(query)!, parsed.GetValue(limit), parsed.GetValue(timeout));
            SqlAnswer answer;
            try { answer = await OfflineQueries.Of(common.Load(parsed, around).Store, around, json).AskAsync(database => asked.Ask(database, stop), stop); }
            catch (SqlRefusedException e) { throw new CommandFailure(ExitCode.Usage, e.Message, e.Remedy); }
            if (json) WriteLines(answer, around);
            else Write(answer, around);
            if (answer.IsCut) around.Error.WriteLine($"There are more rows: --limit takes up to {MaxRows.ToString("N0", CultureInfo.InvariantCulture)}.");
            return ExitCode.Ok;
        });
        return verb;
    }

    private static void Write(SqlAnswer answer, CommandContext around)
    {
        var table = new TextTable([.. answer.Columns]);
        foreach (var row in answer.Rows) table.Add([.. row.Select(Text)]);
        table.Write(around);
    }

    private static void WriteLines(SqlAnswer answer, CommandContext around)
    {
        foreach (var row in answer.Rows)
            JsonOut.Document(around.Out, w =>
            {
                for (var i = 0; i < row.Length; i++) WriteValue(w, answer.Columns[i], row[i]);
            });
    }

    private static void WriteValue(Utf8JsonWriter w, string name, object? value)
    {
        switch (value)
        {
            case null: w.WriteNull(name); break;
            case long n: w.WriteNumber(name, n); break;
            case double d when double.IsFinite(d): w.WriteNumber(name, d); break;
            default: w.WriteString(name, Text(value)); break;
        }
    }

    private static string Text(object? value) => value switch
    {
        null => "-",
        byte[] { Length: 16 } id => IndexDatabase.Run(id).ToString(),
        byte[] bytes => Convert.ToHexStringLower(bytes),
        IFormattable f => f.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };
}

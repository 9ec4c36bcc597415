using System.Globalization;
using Orchestrator.Core.Schedules.Backfills;
using Orchestrator.Worker.Commands.Output;

namespace Orchestrator.Worker.Commands.Backfills;

/// <summary><c>orchestrator schedule backfill show</c>: one backfill with its runs.</summary>
internal static class BackfillShowCommand
{
    public static Verb Create(CommonOptions common, CommandContext around)
    {
        var id = BackfillText.IdArgument();
        var verb = new Verb("show", "Show a backfill and its runs.");
        verb.Arguments.Add(id);
        verb.SetAction((parsed, _) =>
        {
            var state = BackfillText.Find(common.Load(parsed, around), parsed.GetValue(id)!);
            if (parsed.GetValue(common.Json)) JsonOut.Document(around.Out, w => BackfillJson.WriteFull(w, state));
            else
            {
                BackfillText.Head(around, state);
                var table = new TextTable("item", "for", "status", "run");
                for (var n = 1; n <= state.Items.Length; n++)
                {
                    var run = state.Ended.TryGetValue(n, out var ended) ? ended.LastRunId ?? ended.RunId : state.Open.GetValueOrDefault(n)?.RunId;
                    table.Add(n.ToString(CultureInfo.InvariantCulture), state.Items[n - 1], BackfillJson.StatusOf(state, n), run?.ToString() ?? "");
                }
                table.Write(around);
                foreach (var (n, ended) in state.Ended)
                    if (ended.Error is { } error) around.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Item {n}: {Printable.Line(error)}"));
            }
            return Task.FromResult(Hosting.ExitCode.Ok);
        });
        return verb;
    }
}

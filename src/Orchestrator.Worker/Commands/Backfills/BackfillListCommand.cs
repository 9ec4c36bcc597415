using System.CommandLine;
using Orchestrator.Core;
using Orchestrator.Core.Schedules.Backfills;
using Orchestrator.Engine.Queries;
using Orchestrator.Worker.Commands.Output;
using Orchestrator.Worker.Hosting;

namespace Orchestrator.Worker.Commands.Backfills;

/// <summary><c>orchestrator schedule backfill list</c>: newest first.</summary>
internal static class BackfillListCommand
{
    public static Verb Create(CommonOptions common, CommandContext around)
    {
        var workflow = new Option<string?>("--workflow") { Description = "Only those of this workflow.", HelpName = "NAME" };
        var limit = new Option<int>("--limit") { Description = "At most this many.", HelpName = "N", DefaultValueFactory = _ => 20 };
        var verb = new Verb("list", "List backfills and their progress, newest first.");
        verb.Options.Add(workflow);
        verb.Options.Add(limit);
        verb.SetAction((parsed, _) =>
        {
            var found = new BackfillHistory(common.Load(parsed, around).Store.Runs).List(parsed.GetValue(workflow)).Take(Math.Max(1, parsed.GetValue(limit))).ToList();
            if (parsed.GetValue(common.Json))
                foreach (var state in found) JsonOut.Document(around.Out, w => BackfillJson.WriteRow(w, state));
            else if (found.Count == 0) around.Error.WriteLine("There are no backfills.");
            else
            {
                var table = new TextTable("backfill", "of", "status", "ended");
                foreach (var state in found) table.Add(state.Created!.BackfillId, BackfillText.Of(state.Created), Words.Of(state.Status), $"{state.Ended.Count}/{state.Items.Length}");
                table.Write(around);
            }
            return Task.FromResult(ExitCode.Ok);
        });
        return verb;
    }
}

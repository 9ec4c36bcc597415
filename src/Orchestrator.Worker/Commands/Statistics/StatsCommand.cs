using System.CommandLine;
using Orchestrator.Engine.Index.Statistics;
using Orchestrator.Worker.Commands.Imports;
using Orchestrator.Worker.Commands.Index;
using Orchestrator.Worker.Commands.Output;
using Orchestrator.Worker.Hosting;

namespace Orchestrator.Worker.Commands.Statistics;

/// <summary><c>orchestrator stats</c>: what runs and tasks did, in figures.</summary>
internal static class StatsCommand
{
    private const string Jsonl27 = "jsonl27";
    private const int MaxGroups = 10_000;
    private static readonly TimeSpan Usual = TimeSpan.FromDays(1);
    private static readonly TimeSpan Most = TimeSpan.FromDays(36_500);

    public static Command Create(CommonOptions common, CommandContext around)
    {
        var workflow = new Argument<string?>("workflow") { Description = "Only runs of this workflow.", HelpName = "WORKFLOW", Arity = ArgumentArity.ZeroOrOne };
        var window = SpanOption.Create("--window", "How far back.", Usual, Most);
        var by = new Option<string?>("--by") { Description = $"Group by {StatisticsGrouping.Words}. By workflow unless given; of one workflow by task.", HelpName = "WHAT" };
        var tenant = new Option<string?>("--tenant") { Description = "Only runs of this tenant.", HelpName = "NAME" };
        var limit = RowLimit.Option(MaxGroups);
        var csv = new Option<bool>("--csv") { Description = "Print the groups as comma-separated values." };
        var format = new Option<string?>("--format") { Description = $"Shape of the answer: {Jsonl27}, the analytics of a DAG runner over its logs.", HelpName = "FORMAT" };
        format.AcceptOnlyFromAmong(Jsonl27);
        by.Validators.Add(given =>
        {
            if (given.GetValueOrDefault<string?>() is { } word && StatisticsGrouping.Find(word) is null) given.AddError($"--by must be one of {StatisticsGrouping.Words}; was '{word}'.");
        });
        var (events, state) = (LogPaths.EventsOption(), LogPaths.StateOption());
        var verb = new Verb("stats", "Print statistics of the runs and tasks that ended in a window: rates, durations, what fails, what is slow.")
        {
            Examples =
            [
                ("orchestrator stats --window 7d", "all workflows, the last week"),
                ("orchestrator stats nightly --by stage --json", "stages of one workflow, as one JSON document"),
                ("orchestrator stats --format jsonl27 --events logs/orchestrator_events.jsonl", "the analytics of a log that another runner wrote"),
            ],
        };
        verb.Arguments.Add(workflow);
        foreach (var option in (Option[])[window, by, tenant, limit, csv, format, events, state]) verb.Options.Add(option);
        verb.SetAction(async (parsed, stop) =>
        {
            var settings = common.Load(parsed, around);
            if (parsed.GetValue(format) is not null)
            {
                await Jsonl27Stats.PrintAsync(settings, LogPaths.Of(parsed.GetValue(events), parsed.GetValue(state), around), around, stop);
                return ExitCode.Ok;
            }
            if (parsed.GetValue(events) is not null || parsed.GetValue(state) is not null)
                throw new CommandFailure(ExitCode.Usage, "--events and --state name logs of another runner.", $"Add --format {Jsonl27}, or leave them out.");
            var json = parsed.GetValue(common.Json);
            var now = around.Clock.GetUtcNow();
            var scope = StatisticsScope.Last(parsed.GetValue(window), now) with { Workflow = parsed.GetValue(workflow), Tenant = parsed.GetValue(tenant) };
            var grouping = parsed.GetValue(by) is { } word ? StatisticsGrouping.Find(word)! : StatisticsGrouping.Usual(scope);
            var answer = await OfflineQueries.Of(settings.Store, around, json).AskAsync(database => StatisticsAnswer.Of(database, scope, grouping, stop), stop);
            if (json) JsonOut.Document(around.Out, w => StatisticsJson.WriteMembers(w, answer));
            else if (parsed.GetValue(csv)) StatsCsv.Write(around.Out, answer);
            else StatsText.Write(around, answer, parsed.GetValue(limit), now);
            return ExitCode.Ok;
        });
        return verb;
    }
}

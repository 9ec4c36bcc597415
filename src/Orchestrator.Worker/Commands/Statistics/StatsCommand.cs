using System.CommandLine;
using Orchestrator.Worker.Commands.Imports;
using Orchestrator.Worker.Hosting;

namespace Orchestrator.Worker.Commands.Statistics;

/// <summary><c>orchestrator stats</c>: what runs and tasks did, in figures.</summary>
internal static class StatsCommand
{
    private const string Jsonl27 = "jsonl27";

    public static Command Create(CommonOptions common, CommandContext around)
    {
        var format = new Option<string?>("--format") { Description = $"Shape of the answer: {Jsonl27}, the analytics of a DAG runner over its logs.", HelpName = "FORMAT" };
        format.AcceptOnlyFromAmong(Jsonl27);
        var (events, state) = (LogPaths.EventsOption(), LogPaths.StateOption());
        var verb = new Verb("stats", "Print statistics of runs and tasks: of the journal and the imported logs, or of the log files named.")
        {
            Examples =
            [
                ("orchestrator stats --format jsonl27", "one document: tasks, dags, schedules, tenants"),
                ("orchestrator stats --format jsonl27 --events logs/orchestrator_events.jsonl", "the same of a log that another runner wrote"),
            ],
        };
        foreach (var option in (Option[])[format, events, state]) verb.Options.Add(option);
        verb.SetAction(async (parsed, stop) =>
        {
            if (parsed.GetValue(format) is null) throw new CommandFailure(ExitCode.Usage, "No format is named.", $"Give --format {Jsonl27}.");
            await Jsonl27Stats.PrintAsync(common.Load(parsed, around), LogPaths.Of(parsed.GetValue(events), parsed.GetValue(state), around), around, stop);
            return ExitCode.Ok;
        });
        return verb;
    }
}

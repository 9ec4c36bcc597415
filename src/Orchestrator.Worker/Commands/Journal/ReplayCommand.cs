using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Runs.Replay;
using Orchestrator.Engine.Queries;
using Orchestrator.Engine.Running;
using Orchestrator.Worker.Commands.Output;
using Orchestrator.Worker.Commands.Runs;
using Orchestrator.Worker.Hosting;

namespace Orchestrator.Worker.Commands.Journal;

/// <summary><c>orchestrator replay</c>: every decision of a run once more, from its journal, compared with what was recorded.</summary>
internal static class ReplayCommand
{
    public static Command Create(CommonOptions common, CommandContext around)
    {
        var run = new Argument<string>("RUN") { Description = "A run's id, or the beginning of it." };
        var steps = new Option<bool>("--steps") { Description = "Also list the inputs of the run, step by step." };
        var verb = new Verb("replay", "Repeat every decision of a run from its journal and compare it with the recorded one. Executes nothing; exit 1 when they differ.")
        {
            Examples =
            [
                ("orchestrator replay 019a3c5e", "equal, or the first decision that differs"),
                ("orchestrator replay 019a3c5e --steps", "the inputs of the run, and the events that followed"),
            ],
        };
        verb.Arguments.Add(run);
        verb.Options.Add(steps);
        verb.SetAction(async (parsed, stop) =>
        {
            var lookup = new RunSearch(common.Load(parsed, around));
            var id = (await lookup.ViewAsync(parsed.GetValue(run)!, stop)).RunId;
            var (plan, events) = await HistoryAsync(lookup.Archive, id, stop);
            var result = RunReplay.Of(plan, events);
            if (parsed.GetValue(common.Json)) JsonOut.Document(around.Out, w => WriteJson(w, id, plan, result, parsed.GetValue(steps)));
            else Write(around, id, plan, result, parsed.GetValue(steps));
            return result.IsEqual ? ExitCode.Ok : ExitCode.Failed;
        });
        return verb;
    }

    private static async Task<(RunPlan Plan, IReadOnlyList<RecordedEvent> Events)> HistoryAsync(RunArchive archive, RunId run, CancellationToken stop)
    {
        var events = await archive.ReadAsync(run, stop);
        var definition = archive.DefinitionOf(events) ?? throw new CommandFailure(
            ExitCode.Unavailable, $"The definition that run {run} was started with is missing or damaged in {archive.Store.Definitions.Place}.", "Restore the file from a backup: replay needs the definition.");
        return (new(definition), [.. events.Select(e => OutputFiles.Hydrate(e, archive.Store.Files, run))]);
    }

    private static void Write(CommandContext around, RunId run, RunPlan plan, ReplayResult result, bool steps)
    {
        if (steps)
        {
            var table = new TextTable("seq", "time", "what reached the run", "events");
            foreach (var step in result.Steps)
                table.Add(step.FirstSeq.ToString(CultureInfo.InvariantCulture), Printable.Instant(step.Time), step.Input, (step.LastSeq - step.FirstSeq + 1).ToString(CultureInfo.InvariantCulture));
            table.Write(around);
            around.Out.WriteLine();
        }
        if (result.Difference is not { } difference)
        {
            around.Out.WriteLine($"Run {run} of {plan.Definition.Name} replays equal: {result.Events} events, {result.Steps.Length} decisions.");
            return;
        }
        around.Out.WriteLine($"Run {run} of {plan.Definition.Name} replays differently. {Printable.Line(difference.ToString())}");
        if (difference.Fields.IsEmpty) return;
        var fields = new TextTable("field", "decided now", "recorded");
        foreach (var field in difference.Fields) fields.Add(field.Name, field.Expected ?? "", field.Found ?? "");
        fields.Write(around);
    }

    private static void WriteJson(Utf8JsonWriter w, RunId run, RunPlan plan, ReplayResult result, bool steps)
    {
        w.WriteString("run_id", run.ToString());
        w.WriteString("workflow", plan.Definition.Name);
        w.WriteBoolean("equal", result.IsEqual);
        w.WriteNumber("events", result.Events);
        w.WriteNumber("decisions", result.Steps.Length);
        if (result.Difference is not { } difference) w.WriteNull("difference");
        else
        {
            w.WriteStartObject("difference");
            w.WriteNumber("seq", difference.Seq);
            w.WriteString("message", difference.ToString());
            w.WriteString("expected", difference.Expected?.Event.Type);
            w.WriteString("found", difference.Found?.Event.Type);
            w.WriteStartArray("fields");
            foreach (var field in difference.Fields)
            {
                w.WriteStartObject();
                w.WriteString("name", field.Name);
                w.WriteString("expected", field.Expected);
                w.WriteString("found", field.Found);
                w.WriteEndObject();
            }
            w.WriteEndArray();
            w.WriteEndObject();
        }
        if (!steps) return;
        w.WriteStartArray("steps");
        foreach (var step in result.Steps)
        {
            w.WriteStartObject();
            w.WriteNumber("first_seq", step.FirstSeq);
            w.WriteNumber("last_seq", step.LastSeq);
            w.WriteString("time", JsonOut.Instant(step.Time));
            w.WriteString("input", step.Input);
            w.WriteEndObject();
        }
        w.WriteEndArray();
    }
}

using System.CommandLine;
using Orchestrator.Core.Lifecycle;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Hosting;
using Orchestrator.Engine.Telemetry.Otlp;
using Orchestrator.Engine.Telemetry.Rebuilding;
using Orchestrator.Worker.Commands.Output;
using Orchestrator.Worker.Commands.Runs;
using Orchestrator.Worker.Hosting;
using Orchestrator.Worker.Options;

namespace Orchestrator.Worker.Commands.Journal;

/// <summary><c>orchestrator telemetry rebuild</c>: exports spans and event records of past runs from the journal.</summary>
internal static class TelemetryCommand
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static Command Create(CommonOptions common, CommandContext around)
    {
        var run = new Option<string?>("--run") { Description = "A run's id, or the beginning of it.", HelpName = "RUN" };
        var since = new Option<string?>("--since") { Description = "All runs accepted since then: an instant such as 2026-03-01T06:00Z, or a time ago such as 2h or 7d.", HelpName = "TIME" };
        var all = new Option<bool>("--all") { Description = "With --since: also successful runs that were not sampled." };
        var rebuild = new Verb("rebuild", "Export the spans and event records of past runs again, from the journal, with the same ids, to the configured OTLP endpoint.")
        {
            Changes = true, About = [run, since, all],
            Examples =
            [
                ("orchestrator telemetry rebuild --run 019a3c5e", "one run, whether it was sampled or not"),
                ("orchestrator telemetry rebuild --since 2h", "what a collector missed while it was down for an hour"),
            ],
        };
        foreach (var option in new Option[] { run, since, all }) rebuild.Options.Add(option);
        rebuild.SetAction((parsed, stop) => RebuildAsync(common.Load(parsed, around), parsed.GetValue(run), parsed.GetValue(since), parsed.GetValue(all), parsed.GetValue(common.Json), around, stop));
        var telemetry = new Verb("telemetry", "Export telemetry again.") { Examples = [("orchestrator telemetry rebuild --since 2h", "export what a collector missed")] };
        telemetry.Subcommands.Add(rebuild);
        return telemetry;
    }

    private static async Task<int> RebuildAsync(Settings settings, string? run, string? since, bool all, bool json, CommandContext around, CancellationToken stop)
    {
        if (run is null == since is null) throw new CommandFailure(ExitCode.Usage, "Which runs?", "Give either --run RUN or --since TIME.");
        var lookup = new RunSearch(settings);
        var runs = run is not null ? [await lookup.IdAsync(run, stop)] : lookup.Archive.Store.Runs.AcceptedSince(PastTime.Read(since!, around.Clock.GetUtcNow())).Reverse();
        var signals = OtlpSignals.From(settings.Configuration);
        foreach (var warning in signals.Warnings) around.Error.WriteLine($"warning: {warning}");
        await using var exporter = TelemetryRebuild.Create(
            new() { PublicUrl = settings.Options.PublicUrl, Files = lookup.Archive.Store.Files }, Who(settings), signals, settings.Configuration, around.Clock)
            ?? throw new CommandFailure(ExitCode.Usage, "No OTLP endpoint is configured for traces or logs, or they are switched off.", "Set OTEL_EXPORTER_OTLP_ENDPOINT, for example to http://localhost:4317.");
        var count = 0;
        foreach (var id in runs)
        {
            stop.ThrowIfCancellationRequested();
            var events = await lookup.Archive.ReadAsync(id, stop);
            if (events.Count == 0 && run is not null) throw new CommandFailure(ExitCode.NotFound, $"There is no run '{run}' in {settings.DataDirectory}.", "`orchestrator runs` lists them.");
            if (events is not [{ Event: WorkflowCreated created }, ..] || (run is null && !all && !Left(created, events[^1].Event))) continue;
            if (lookup.Archive.DefinitionOf(events) is not { } definition)
            {
                around.Error.WriteLine($"Run {id} is left out: its definition {created.DefinitionVersion} is missing or damaged.");
                continue;
            }
            var rebuilt = await exporter.ExportAsync(id, definition, events);
            if (exporter.Refusal is { } refusal)
                throw new CommandFailure(ExitCode.Unavailable, $"The collector did not accept run {id}: {refusal}", $"Runs exported before it: {count}. Check the endpoint and start again.");
            around.Trail.Note("Runs", ++count);
            Print(rebuilt, json, around);
        }
        if (!json) around.Error.WriteLine($"{count} {(count == 1 ? "run" : "runs")} exported.");
        return ExitCode.Ok;
    }

    /// <summary>Whether its spans were meant to leave.</summary>
    private static bool Left(WorkflowCreated created, JournalEvent last) => last is WorkflowFailed || TraceContexts.IsSampled(created.Trace, created.Sampled);

    private static TelemetryOptions Who(Settings settings) => new()
    {
        ServiceVersion = ProductVersion.Text, FlushTimeout = Patience,
        InstanceId = WorkerIdentity.Of(settings.Options.Runner.InstanceId, ProductVersion.Text).InstanceId,
    };

    private static void Print(RebuiltRun run, bool json, CommandContext around)
    {
        if (!json) around.Out.WriteLine($"{run.Run} {run.Workflow}: {run.Spans} spans, {run.Records} records, trace {run.TraceId}");
        else
            JsonOut.Document(around.Out, w =>
            {
                w.WriteString("run_id", run.Run.ToString());
                w.WriteString("workflow", run.Workflow);
                w.WriteString("trace_id", run.TraceId);
                w.WriteNumber("spans", run.Spans);
                w.WriteNumber("records", run.Records);
            });
    }
}

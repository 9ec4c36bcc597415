using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging.Abstractions;
using Orchestrator.AspNetCore.Requests;
using Orchestrator.Core;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Runs.View;
using Orchestrator.Engine.Hosting;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Queries;
using Orchestrator.Engine.Reports;
using Orchestrator.Engine.Running;
using Orchestrator.Engine.Running.Mail;
using Orchestrator.Engine.Telemetry.Otlp;
using Orchestrator.Worker.Commands.Definitions;
using Orchestrator.Worker.Hosting;
using Orchestrator.Worker.Logging;
using Orchestrator.Worker.Options;

namespace Orchestrator.Worker.Commands.Runs;

/// <summary>A run executed by this process, with a journal folder of its own, so that it can share a data directory with others.</summary>
internal sealed class LocalRun(Settings settings, CommandContext around, bool json)
{
    private static readonly TimeSpan JournalPatience = TimeSpan.FromSeconds(30);

    public async Task<int> StartAsync(WorkflowDefinition workflow, IReadOnlyDictionary<string, string> given, string? notBefore)
    {
        var now = around.Clock.GetUtcNow();
        var bound = RunParameters.Text(given).Bind(workflow, now);
        if (!bound.IsValid) throw WrongParameters(workflow.Name, bound.Problems);
        var run = RunId.New(now, RandomNumberGenerator.GetBytes(10));
        return await CarryOutAsync(run, WriterOf(run), async local =>
        {
            var (_, end) = await local.Engine.SubmitAndWatchAsync(new RunRequest
            {
                RunId = run, Definition = workflow, Params = RunParameters.Checked(bound.Values), Origin = new RunOrigin.CommandLine(around.UserName) { Trace = around.Trace },
                NotBefore = notBefore is not null && EarliestStart.TryRead(notBefore, now, out var earliest) ? earliest : null,
            }, around.Stop);
            return end;
        });
    }

    /// <summary>Repeats a finished run.</summary>
    public async Task<int> RetryAsync(RunRetries retries, RetryPreview preview)
    {
        var run = RunId.New(around.Clock.GetUtcNow(), RandomNumberGenerator.GetBytes(10));
        return await CarryOutAsync(run, WriterOf(run), async local =>
        {
            try
            {
                return (await local.Engine.SubmitAndWatchAsync(retries.Prepare(preview, run, around.UserName, around.Trace), around.Stop)).End;
            }
            catch (Exception e) when (e is RunRefusedException or JournalUnavailableException or IOException or UnauthorizedAccessException)
            {
                retries.Discard(run);
                throw;
            }
        });
    }

    public async Task<int> ResumeAsync(string text)
    {
        var found = await RunSearch.FindAsync(settings, text, around.Stop);
        if (found.IsTerminal) throw new CommandFailure(ExitCode.Usage, $"Run {found.RunId} is {Words.Of(found.Status)}: there is nothing to resume.", $"See it with: orchestrator show {found.RunId}");
        // A name of its own: the process that had the run may only be stopped, and its folder in use.
        var writer = string.Create(CultureInfo.InvariantCulture, $"{WriterOf(found.RunId)}-{around.Clock.GetUtcNow().ToUnixTimeMilliseconds()}");
        return await CarryOutAsync(found.RunId, writer, async local =>
        {
            var open = await local.Ownership.ClaimAsync(found.RunId) ?? throw new CommandFailure(
                ExitCode.Unavailable, $"Run {found.RunId} is owned by a process that is alive.", $"Follow it with: orchestrator events {found.RunId} --follow");
            var family = new List<AdoptedRun> { open };
            foreach (var relative in RunFamily.OpenRunsOf(local.Store.Runs, found.RunId))
                if (await local.Ownership.ClaimAsync(relative) is { } other) family.Add(other);
            if (await local.Engine.AdoptAsync(family, $"resumed by {around.UserName}", around.Stop) is [.., (var refused, var why)] && refused == found.RunId)
                throw new CommandFailure(ExitCode.Unavailable, $"Run {found.RunId} cannot be resumed. {why}", "Nothing was changed. Restore the file from a backup.");
            return local.Engine.WaitAsync(found.RunId, around.Stop);
        });
    }

    public static CommandFailure WrongParameters(string workflow, ImmutableArray<Problem> problems) => new(
        ExitCode.Usage, $"{workflow} cannot run with these parameters:{Environment.NewLine}{string.Join(Environment.NewLine, problems.Select(p => $"  {p.Code} {p.Message} {p.Remedy}".TrimEnd()))}",
        "Give values with --param NAME=VALUE.");

    private static string WriterOf(RunId run) => $"run-{run}";

    private async Task<int> CarryOutAsync(RunId run, string writer, Func<LocalEngine, Task<Task<WorkflowEnded>>> begin)
    {
        around.Trail.Note("RunId", run.ToString());
        var identity = WorkerIdentity.Of(settings.Options.Runner.InstanceId, ProductVersion.Text);
        var signals = OtlpSignals.From(settings.Configuration);
        foreach (var warning in signals.Warnings) around.Error.WriteLine($"warning: {warning}");
        await using var pipeline = TelemetryPipeline.Create(
            new() { ServiceVersion = ProductVersion.Text, InstanceId = identity.InstanceId }, signals, settings.Configuration, around.Clock);
        using var logs = Logs(pipeline);
        await using var local = LocalEngine.Open(
            settings, identity, around.Environment, writer, JournalPatience, new DefinitionFiles(settings, around).Lookup, around.Clock, logs ?? (ILoggerFactory)NullLoggerFactory.Instance, pipeline?.Health);

        if (pipeline is not null)
            local.AfterLastEvent = async () =>
            {
                await pipeline.ShutdownAsync();
                if (pipeline.Health.View is { Reason: { } reason } lost) around.Error.WriteLine($"warning: telemetry was not accepted ({reason}); spans, log records and events lost: {lost.Dropped}. The run's events and report are complete. Check {pipeline.Variables}.");
            };
        await using var watch = new RunWatch(run, json ? null : around.Progress());
        using var observing = local.Engine.Subscribe(watch.Observe);
        using var family = new FamilyWatch(local.Engine);
        var end = await begin(local);
        using (new RunSignals(run, local, around))
        {
            var request = new CancelRequest(local.Store.Mail, run);
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(around.Stop);
            var asked = CancelWhenAskedAsync(request, local.Engine, run, ended.Token);
            var answered = new AnswerMailbox(local.Store.Mail, run).ServeAsync(local.Engine, TimeProvider.System, ended.Token);
            try
            {
                await end;
                await FamilyAsync(local.Engine, family, run);
            }
            catch (RunInterruptedException e)
            {
                await watch.DisposeAsync();
                throw new CommandFailure(ExitCode.Unavailable, e.Message, $"Continue with: orchestrator run --resume {run}{DataOption}");
            }
            catch (JournalUnavailableException e)
            {
                await watch.DisposeAsync();
                throw new CommandFailure(ExitCode.Unavailable, e.Message, $"Then continue with: orchestrator run --resume {run}{DataOption}");
            }
            catch (KeyNotFoundException)
            {
                // It ended before it could be watched; its last event has been observed.
            }
            finally
            {
                await ended.CancelAsync();
                await asked;
                await answered;
            }
            request.Remove();
        }
        await watch.DisposeAsync();
        // A resumed run's history comes from the journal, without the results that stand in files.
        if (watch.Definition is { Name: var name }) around.Trail.Note("Workflow", name);
        var view = OutputFiles.Complete(watch.View(local.Store.Files.DirectoryOf(run)), local.Store.Files);
        Report(local, view, watch.Definition);
        if (family.LastOf(run) is var last && last != run && await new RunArchive(local.Store).ViewAsync(last, around.Stop) is { } final)
        {
            if (!json) around.Error.WriteLine($"Run {run} failed and was restarted; this is the last of its attempts.");
            view = OutputFiles.Complete(final, local.Store.Files);
            Report(local, view, watch.Definition);
        }
        return RunEnd.Write(view, json, around);
    }

    // Runs that this one started are executed here or nowhere.
    private async Task FamilyAsync(RunEngine engine, FamilyWatch family, RunId run)
    {
        var others = family.NoneOpen;
        if (others.IsCompleted) return;
        if (!json) around.Error.WriteLine("The run has ended; runs that it started have not. Waiting for them.");
        while (!others.IsCompleted)
        {
            await Task.WhenAny(others, Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System));
            if (engine.Snapshot.OpenRuns == 0) break;   // interrupted
            others = family.NoneOpen;
        }
    }

    // The run has ended and its result is in the journal: a report that cannot be written changes neither.
    private void Report(LocalEngine local, RunView view, WorkflowDefinition? definition)
    {
        if (!ReportWriter.IsDue(definition, view.Status)) return;
        try
        {
            ReportWriter.Write(local.Store.Files, view, definition);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            around.Error.WriteLine($"warning: the report of run {view.RunId} could not be written: {e.Message}");
        }
    }

    private string DataOption => settings.DataDirectory == Path.GetFullPath(settings.Options.DataDirectory, around.CurrentDirectory) ? "" : $" --data {settings.DataDirectory}";

    private static async Task CancelWhenAskedAsync(CancelRequest request, RunEngine engine, RunId run, CancellationToken stop)
    {
        try
        {
            if (await request.WaitAsync(TimeProvider.System, stop) is { } ask) await engine.CancelAsync(run, ask, stop);
        }
        catch (OperationCanceledException)
        {
            // The run ended first.
        }
    }

    private ILoggerFactory? Logs(TelemetryPipeline? pipeline) => (pipeline?.LoggerProvider, around.Trail.Log) is not (null, null) and var (provider, configured)
        ? LoggerFactory.Create(logging =>
        {
            if (provider is not null) SerilogLogging.AddExporter(logging, provider, settings.Configuration);
            configured?.Invoke(logging);
        })
        : null;
}

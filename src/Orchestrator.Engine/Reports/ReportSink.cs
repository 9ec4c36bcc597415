using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Runs.View;
using Orchestrator.Engine.Journal;

namespace Orchestrator.Engine.Reports;

/// <summary>Writes the reports of finished runs, one after the other, off the runs' path. A report that fails harms nothing else.</summary>
/// <param name="definitionOf">Finds the definition a run was started with, by its version; null when it is gone.</param>
public sealed class ReportSink(
    IRunJournal journal, RunPaths paths, Func<string, CancellationToken, ValueTask<WorkflowDefinition?>> definitionOf, TimeProvider clock, ILogger<ReportSink> log)
    : BackgroundService
{
    private const int MostWaiting = 10_000;
    private readonly Channel<RunId> _finished = Channel.CreateBounded<RunId>(new BoundedChannelOptions(MostWaiting) { SingleReader = true });

    /// <summary>A run has finished: its report is written soon. Never blocks; where too many wait it is left to the next start.</summary>
    public void Enqueue(RunId run)
    {
        if (!_finished.Writer.TryWrite(run)) log.ReportPutOff(run, _finished.Reader.Count);
    }

    /// <summary>Writes what is missing among these finished runs; waits while the queue is full.</summary>
    public async Task EnsureAsync(IEnumerable<RunId> finished, CancellationToken stop)
    {
        var started = clock.GetTimestamp();
        int runs = 0, missing = 0;
        foreach (var run in finished)
        {
            runs++;
            if (ReportWriter.Exists(paths, run)) continue;
            missing++;
            await _finished.Writer.WriteAsync(run, stop).ConfigureAwait(false);
        }
        log.MissingFound(runs, missing, clock.GetElapsedTime(started).TotalMilliseconds);
    }

    /// <summary>Writes one report now, whether it exists or not, unless its workflow wants none; returns the run's view, with <see cref="RunView.ReportDir"/>.</summary>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    public async Task<RunView> WriteAsync(RunId run, CancellationToken stop)
    {
        var started = clock.GetTimestamp();
        var events = new List<RecordedEvent>();
        await foreach (var recorded in journal.ReadAsync(StreamId.Run(run), stop).ConfigureAwait(false)) events.Add(recorded);
        var version = (events.FirstOrDefault()?.Event as WorkflowCreated)?.DefinitionVersion;
        var definition = version is null ? null : await definitionOf(version, stop).ConfigureAwait(false);
        var view = RunView.From(definition, run, events);
        if (!ReportWriter.IsDue(definition, view.Status)) return view with { ReportDir = paths.Of(run) };
        view = Running.OutputFiles.Complete(view, paths.Of(run));
        var directory = ReportWriter.Write(paths, view, definition);
        log.ReportWritten(run, directory, clock.GetElapsedTime(started).TotalMilliseconds);
        return view with { ReportDir = directory };
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var run in _finished.Reader.ReadAllAsync(stoppingToken).ConfigureAwait(false))
        {
            var started = clock.GetTimestamp();
            try { await WriteAsync(run, stoppingToken).ConfigureAwait(false); }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested) { log.ReportFailed(e, run, clock.GetElapsedTime(started).TotalMilliseconds); }
        }
    }
}

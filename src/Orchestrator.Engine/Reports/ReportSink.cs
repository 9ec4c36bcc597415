using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Runs.View;
using Orchestrator.Engine.Journal;

namespace Orchestrator.Engine.Reports;

/// <summary>
/// Writes the reports of finished runs off the runs' path, as many together as wait: they become durable by one sync. A report that fails harms nothing else.
/// A stop writes what waits, for as long as its patience lasts. What found no room in the queue, or was left at a stop or a crash, is found again among the
/// finished runs, at the latest at the next start.
/// </summary>
/// <param name="definitionOf">Finds the definition a run was started with, by its version; null when it is gone.</param>
public sealed class ReportSink(
    IRunJournal journal, IRunStore store, Func<string, CancellationToken, ValueTask<WorkflowDefinition?>> definitionOf, TimeProvider clock, ILogger<ReportSink> log)
    : BackgroundService
{
    private const int MaxWaiting = 10_000;
    private const int MaxTogether = 256;
    private const int Handful = 32;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);
    // Writing a report costs more than a small run does: while runs start and end they have the processors, but not for long.
    private static readonly TimeSpan s_lull = TimeSpan.FromMilliseconds(25);
    private static readonly TimeSpan s_longestPostponement = TimeSpan.FromSeconds(2);
    private readonly Channel<RunId> _finished = Channel.CreateBounded<RunId>(new BoundedChannelOptions(MaxWaiting) { SingleReader = true });
    private readonly ReportRules _rules = new(store, definitionOf);
    private bool _deferred;
    private volatile bool _isWriting;
    private volatile bool _isHurried;
    private long? _waitingSince;   // when there was none before those that wait
    private readonly CancellationTokenSource _stopping = new();
    private Task _looking = Task.CompletedTask;

    /// <summary>Told whether reports can be written.</summary>
    internal StorageHealth? Storage { get; init; }

    /// <summary>How long nothing has been appended to the journal.</summary>
    internal Func<TimeSpan> Quiet { get; init; } = static () => TimeSpan.MaxValue;

    /// <summary>Whether no report waits to be written.</summary>
    public bool IsIdle => _finished.Reader.Count == 0 && !_isWriting;

    /// <summary>A run has finished: its report is written soon. Never blocks.</summary>
    public void Enqueue(RunId run)
    {
        if (_finished.Writer.TryWrite(run)) return;
        if (!Interlocked.Exchange(ref _deferred, true)) log.ReportDeferred(run, _finished.Reader.Count);
    }

    /// <summary>Writes what is missing among these finished runs; waits while the queue is full.</summary>
    public async Task EnsureAsync(IEnumerable<RunId> finished, CancellationToken stop)
    {
        var started = clock.GetTimestamp();
        int runs = 0, missing = 0;
        foreach (var run in finished)
        {
            runs++;
            if (!await _rules.IsMissingAsync(run, stop).ConfigureAwait(false)) continue;
            missing++;
            await _finished.Writer.WriteAsync(run, stop).ConfigureAwait(false);
        }
        log.MissingFound(runs, missing, clock.GetElapsedTime(started).TotalMilliseconds);
    }

    /// <summary>Begins to look for what is missing among all finished runs; only the stop waits for it.</summary>
    /// <param name="settled">When every run that has ended is listed as finished.</param>
    public void FindMissing(Task settled) => _looking = FindMissingAsync(settled);

    /// <summary>
    /// Writes one report now, whether it exists or not, unless its workflow wants none; returns the run's view, with <see cref="RunView.ReportDir"/>.
    /// </summary>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    public async Task<RunView> WriteAsync(RunId run, CancellationToken stop)
    {
        var started = clock.GetTimestamp();
        var (view, definition, isDue) = await ReadAsync(run, stop).ConfigureAwait(false);
        if (!isDue) return view;
        ReportWriter.Write(store.Files, view, definition);
        log.ReportWritten(run, view.ReportDir!, clock.GetElapsedTime(started).TotalMilliseconds);
        return view;
    }

    /// <summary>Writes what waits first. What needs longer than 5 s, or than the host waits, is left to the next start.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        _isHurried = true;
        using var patience = new CancellationTokenSource(s_patience, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            await _looking.WaitAsync(either.Token).ConfigureAwait(false);
            _finished.Writer.TryComplete();
            if (ExecuteTask is { } writing) await writing.WaitAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            log.ReportsLeft(_finished.Reader.Count);
        }
        _finished.Writer.TryComplete();
        await _stopping.CancelAsync().ConfigureAwait(false);
        await base.StopAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _stopping.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var together = new List<RunId>(MaxTogether);
        while (await _finished.Reader.WaitToReadAsync(stoppingToken).ConfigureAwait(false))
        {
            await LullAsync(stoppingToken).ConfigureAwait(false);
            _isWriting = true;   // before the queue is empty
            // One that ended while missing reports were looked for waits twice; two drafts of it would have one name.
            while (together.Count < MaxTogether && _finished.Reader.TryRead(out var run))
                if (!together.Contains(run)) together.Add(run);
            await WriteAsync(together, stoppingToken).ConfigureAwait(false);
            together.Clear();
            _isWriting = false;
            if (_finished.Reader.Count == 0) _waitingSince = null;
            if (_finished.Reader.Count == 0 && Interlocked.Exchange(ref _deferred, false)) _looking = FindMissingAsync(_looking);
        }
    }

    // Once some have waited for long, all that wait are written.
    private async Task LullAsync(CancellationToken stop)
    {
        var since = _waitingSince ??= clock.GetTimestamp();
        while (Quiet() < s_lull && !_isHurried && _finished.Reader.Count < MaxWaiting / 2 && clock.GetElapsedTime(since) < s_longestPostponement)
            await Task.Delay(s_lull, clock, stop).ConfigureAwait(false);
    }

    private async Task<(RunView View, WorkflowDefinition? Definition, bool IsDue)> ReadAsync(RunId run, CancellationToken stop)
    {
        var events = new List<RecordedEvent>();
        await foreach (var recorded in journal.ReadAsync(StreamId.Run(run), 0, stop).ConfigureAwait(false)) events.Add(recorded);
        if (events.Count == 0) return (RunView.From(null, run, events) with { ReportDir = store.Files.DirectoryOf(run) }, null, false);   // removed meanwhile
        var version = (events[0].Event as WorkflowCreated)?.DefinitionVersion;
        var definition = version is null ? null : await definitionOf(version, stop).ConfigureAwait(false);
        var view = RunView.From(definition, run, events) with { ReportDir = store.Files.DirectoryOf(run) };
        return ReportWriter.IsDue(definition, view.Status) ? (Running.OutputFiles.Complete(view, store.Files), definition, true) : (view, definition, false);
    }

    private async Task WriteAsync(List<RunId> runs, CancellationToken stop)
    {
        var started = clock.GetTimestamp();
        var drafts = new List<ReportDraft>(runs.Count);
        foreach (var run in runs)
            try
            {
                var (view, definition, isDue) = await ReadAsync(run, stop).ConfigureAwait(false);
                if (!isDue) continue;
                drafts.Add(ReportWriter.Draft(store.Files, view, definition));
                if (drafts.Count % Handful == 0) await LullAsync(stop).ConfigureAwait(false);   // the lull may be over
            }
            catch (Exception e) when (!stop.IsCancellationRequested)
            {
                log.ReportFailed(e, run, clock.GetElapsedTime(started).TotalMilliseconds);
                if (e is IOException or UnauthorizedAccessException) Storage?.Refused(StoragePart.Reports, $"the report of run {run} cannot be written: {e.Message}");
            }
        foreach (var (draft, error) in ReportWriter.Publish(store.Files, drafts))
            if (error is null)
            {
                log.ReportWritten(draft.Run, draft.Directory, clock.GetElapsedTime(started).TotalMilliseconds);
                Storage?.Accepted(StoragePart.Reports);
            }
            else
            {
                log.ReportFailed(error, draft.Run, clock.GetElapsedTime(started).TotalMilliseconds);
                Storage?.Refused(StoragePart.Reports, $"the report of run {draft.Run} cannot be written: {error.Message}");
            }
    }

    // A crash between a run's end and its report leaves none, and so does a queue that was full.
    private async Task FindMissingAsync(Task settled)
    {
        try
        {
            await Task.Yield();
            await settled.ConfigureAwait(false);
            await EnsureAsync(store.Runs.Finished(), _stopping.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is OperationCanceledException or ChannelClosedException) { }   // stopped: the next start looks again
        catch (Exception e)
        {
            log.ReportsNotChecked(e);
        }
    }
}

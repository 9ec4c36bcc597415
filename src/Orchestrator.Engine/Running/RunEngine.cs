using Microsoft.Extensions.Logging;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Executors;
using Orchestrator.Engine.Executors.Wait;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Running.Attempts;
using Orchestrator.Engine.Running.Children;
using Orchestrator.Engine.Telemetry;
using Orchestrator.Engine.Telemetry.Tracing;

namespace Orchestrator.Engine.Running;

/// <summary>Accepts runs, executes them, and takes over those of dead workers. Safe to call from any thread.</summary>
public sealed class RunEngine : IAsyncDisposable
{
    internal const string StopReason = "the worker was stopped";
    private readonly RunEngineOptions _options;
    private readonly RunEngineParts _parts;
    private readonly RunIntake _intake;
    private readonly RunClient _client;
    private readonly RunLoop _loop;
    private readonly Task _looping;
    private readonly PlanCache _plans = new();
    private readonly ILogger _log;
    private readonly Lock _stopGate = new();
    private Task? _stopping;

    /// <summary>Starts an engine with no runs.</summary>
    public RunEngine(RunEngineOptions options, RunEngineParts parts)
    {
        (_options, _parts) = (options, parts);
        _log = parts.Logs.CreateLogger<RunEngine>();
        var children = new WorkflowTaskExecutor(this, parts.Workflows, EndOfAsync);
        var polls = new PollTaskExecutor(parts.Executors, parts.Clock);
        var attempts = new AttemptServices(kind => kind switch { "workflow" => children, "wait" => polls, _ => parts.Executors(kind) }, parts.Secrets, parts.Store.Files, parts.Limits, parts.Clock, parts.Logs.CreateLogger<RunEngine>());
        _loop = new(options, parts.Journal, parts.Publisher, attempts, parts.Clock, parts.Logs.CreateLogger<RunLoop>()) { SubmitRetry = RetryAsync, ReadState = ReadStateAsync };
        parts.Publisher.Snapshot = () => new(options.Slots, _loop.Snapshot.UsedSlots, _loop.IsDraining);
        (_intake, _client) = (new(options, parts, _plans, _loop.Post), new(_loop.Post, parts.Clock, _log));
        _looping = Task.Run(_loop.RunAsync);
    }

    /// <summary>How busy the engine is.</summary>
    public LoopSnapshot Snapshot => _loop.Snapshot;

    /// <summary>
    /// Completes once the loop has taken a message that was sent now, or has ended as it should. While it hangs, or after it has died, it does not.
    /// </summary>
    public Task PingAsync(CancellationToken stop = default)
    {
        var taken = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!_loop.Post(new LoopMessage.Ping(taken))) return Task.CompletedTask;
        return taken.Task.WaitAsync(stop);
    }

    /// <summary>Tells every batch of events once it is in the journal. The observer must not block.</summary>
    public IDisposable Subscribe(Action<AppendedBatch> observer) => _parts.Publisher.Subscribe(observer);

    /// <summary>Accepts a run. When the task completes the run is durable; it goes on whatever becomes of the caller.</summary>
    /// <exception cref="RunRefusedException">It needs a pool that this worker does not have, or its concurrency group cannot be worked out.</exception>
    /// <exception cref="TooManyRunsException">As many runs are open as this engine accepts.</exception>
    /// <exception cref="EngineStoppingException">The engine stops.</exception>
    /// <exception cref="Journal.JournalUnavailableException">The journal takes no writes; the run was not accepted.</exception>
    public Task<RunAccepted> SubmitAsync(RunRequest request, CancellationToken stop = default) => _intake.AcceptAsync(request, watcher: null, stop);

    /// <summary>Accepts a run and waits for its end: one call, so that the end cannot be missed.</summary>
    /// <exception cref="RunInterruptedException">The engine stopped first; the run goes on when it is resumed.</exception>
    public async Task<(RunAccepted Accepted, Task<WorkflowEnded> End)> SubmitAndWatchAsync(RunRequest request, CancellationToken stop = default)
    {
        var end = new TaskCompletionSource<WorkflowEnded>(TaskCreationOptions.RunContinuationsAsynchronously);
        return (await _intake.AcceptAsync(request, end, stop).ConfigureAwait(false), end.Task);
    }

    /// <summary>Asks for a run's end. False when the run is not open in this process.</summary>
    public Task<bool> CancelAsync(RunId run, string actor, CancellationToken stop = default) => CancelAsync(run, new CancelAsk(actor), stop);

    /// <inheritdoc cref="CancelAsync(RunId, string, CancellationToken)"/>
    public Task<bool> CancelAsync(RunId run, CancelAsk ask, CancellationToken stop = default) => _client.CancelAsync(run, ask, stop);

    /// <summary>Hands an answer (approve, reject) or an event to a run. When the task completes, what follows from it is durable.</summary>
    /// <returns>Why it was not taken, or null in <see cref="AnswerResult.Refusal"/>.</returns>
    public Task<AnswerResult> AnswerAsync(RunId run, RunInput input, CancellationToken stop = default) => _client.AnswerAsync(run, input, stop);

    private Task<RunAccepted> RetryAsync(OpenRun failed, RunEffect.SubmitRetry retry)
    {
        var created = failed.State.Created!;
        return SubmitAsync(new RunRequest
        {
            RunId = retry.Run, Definition = failed.State.Plan.Definition, Params = RunParameters.Checked(created.Params), NotBefore = retry.NotBefore,
            Origin = new RunOrigin.Retry(failed.Id, "orchestrator")
            {
                RunAttempt = retry.Attempt, Due = RunOrigin.Retry.DueOf(created), CorrelationId = created.CorrelationId,
                CausationId = Core.Lifecycle.EventIds.Of(failed.Stream, failed.State.Version).ToString(), Trace = created.Trace, Sampled = created.Sampled,
                Links = TraceOrigin.Repeats(failed.Id, created),
                Depth = created.Depth, Chain = created.Chain,
                Nested = created is { ParentRunId: { } parent, ParentTask: { } task } ? new(parent, task, created.Depth) { Chain = created.Chain } : null,
            },
        });
    }

    /// <summary>The terminal event of a run that is open in this process, once it is durable.</summary>
    /// <exception cref="KeyNotFoundException">The run is not open here (any more): its end, if any, is in the journal.</exception>
    /// <exception cref="RunInterruptedException">The engine stopped first; the run goes on when it is resumed.</exception>
    public Task<WorkflowEnded> WaitAsync(RunId run, CancellationToken stop = default) => _client.WaitAsync(run, stop);

    /// <summary>
    /// Takes over runs whose worker is gone: ends the processes it left, folds the events, closes lost attempts and goes on.
    /// Completed tasks are not repeated. A run that cannot be taken over, because its definition or a task's results are missing or damaged, is
    /// logged, left as it is, and returned with the reason; the others go on.
    /// </summary>
    public async Task<IReadOnlyList<(RunId Id, string Reason)>> AdoptAsync(IEnumerable<AdoptedRun> runs, string reason, CancellationToken stop = default)
    {
        var started = _parts.Clock.GetTimestamp();
        var open = new List<OpenRun>();
        var refused = new List<(RunId, string)>();
        foreach (var (id, events, epoch) in runs)
        {
            if (events is not [{ Event: WorkflowCreated created }, ..] || events[^1].Event is WorkflowEnded) continue;
            try
            {
                open.Add(Fold(id, created, events, epoch));
            }
            catch (Exception e)   // whatever it is, it is this run's problem
            {
                _log.NotAdopted(e, id);
                refused.Add((id, e.Message));
            }
        }
        if (open.Count == 0) return refused;
        _log.Adopting(open.Count, reason);
        await _parts.EndLeftovers([.. open.Select(r => r.Id)], stop).ConfigureAwait(false);
        // Before anything is decided: once an attempt is closed as lost, it is no longer known that it left something.
        foreach (var run in open) AttemptLeftovers.Remove(_parts.Store.Files.DirectoryOf(run.Id), run.State, _log);
        _loop.Post(new LoopMessage.Adopt(open, reason));
        _log.Adopted(open.Count, _parts.Clock.GetElapsedTime(started).TotalMilliseconds, reason);
        return refused;
    }

    private async Task<RunState> ReadStateAsync(OpenRun run)
    {
        var state = new RunState(run.State.Plan);
        await foreach (var recorded in _parts.Journal.ReadAsync(run.Stream, 0, CancellationToken.None).ConfigureAwait(false))
            state.Apply(OutputFiles.Hydrate(recorded, _parts.Store.Files, run.Id));
        return state;
    }

    // The journal first: a run of another process, or one whose archive is being made, is found among the runs that are kept.
    private async Task<WorkflowEnded?> EndOfAsync(RunId run)
    {
        RecordedEvent? last = null;
        await foreach (var recorded in _parts.Journal.ReadAsync(StreamId.Run(run), 0, CancellationToken.None).ConfigureAwait(false)) last = recorded;
        return (last?.Event ?? _parts.Store.Runs.LastEvent(run)?.Event) as WorkflowEnded;
    }

    private OpenRun Fold(RunId id, WorkflowCreated created, IReadOnlyList<RecordedEvent> events, long epoch)
    {
        var version = created.DefinitionVersion;
        var definition = (_parts.Store.Definitions.Find(version) ?? throw new FileNotFoundException($"Its definition {version} is missing or damaged in {_parts.Store.Definitions.Place}."))
            with { BaseDir = created.BaseDir };
        var state = new RunState(_plans.Of(version, definition));
        foreach (var recorded in events) state.Apply(OutputFiles.Hydrate(recorded, _parts.Store.Files, id));
        _parts.Publisher.Publish(new AppendedBatch(id, definition, events, IsHistory: true));
        return new(id, state, created.BaseDir ?? _options.BaseDirectory) { Epoch = epoch };
    }

    /// <summary>
    /// Starts nothing more, gives what is in flight <paramref name="drain"/> to finish, then interrupts it so that it can be resumed. Completes when
    /// nothing of it is left, for all callers; a second caller without patience shortens the first one's.
    /// </summary>
    public Task StopAsync(TimeSpan drain)
    {
        lock (_stopGate)
        {
            if (_stopping is null) return _stopping = DrainAsync(drain);
            if (drain == TimeSpan.Zero) _loop.Post(new LoopMessage.Interrupt(StopReason));
            return _stopping;
        }
    }

    private async Task DrainAsync(TimeSpan drain)
    {
        var started = _parts.Clock.GetTimestamp();
        _log.EngineStopping(_options.InstanceId, Snapshot.OpenRuns, drain.TotalMilliseconds);
        var drained = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _loop.Post(new LoopMessage.Drain(drained));
        try
        {
            if (drain > TimeSpan.Zero) await drained.Task.WaitAsync(drain, _parts.Clock).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // What is still in flight is interrupted next.
        }
        _loop.Post(new LoopMessage.Interrupt(StopReason));
        await drained.Task.ConfigureAwait(false);
        _loop.Complete();
        await _looping.ConfigureAwait(false);
        _log.EngineStopped(_options.InstanceId, _parts.Clock.GetElapsedTime(started).TotalMilliseconds);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => new(StopAsync(TimeSpan.Zero));
}

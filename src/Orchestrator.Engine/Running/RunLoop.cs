using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Orchestrator.Core.Admission;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Running.Admission;
using Orchestrator.Engine.Running.Attempts;
using Orchestrator.Engine.Telemetry;

namespace Orchestrator.Engine.Running;

/// <summary>
/// The one scheduling loop of a process. A turn drains a run's inbox, decides, hands the events to the journal, and carries
/// out their effects once they are durable. Everything it owns is touched by this loop alone.
/// </summary>
internal sealed class RunLoop
{
    private const int MaxMessagesPerRound = 4096;
    private static readonly TimeSpan CommitRetryDelay = TimeSpan.FromSeconds(1);

    private readonly Channel<LoopMessage> _inbox = Channel.CreateUnbounded<LoopMessage>(new() { SingleReader = true });
    private readonly Dictionary<RunId, OpenRun> _open = [];
    private readonly Admissions _admissions;
    private readonly SlotTurns<OpenRun> _starved = new(run => run.State.Plan.Definition.Tenant);
    private readonly PoolSlots<OpenRun> _pools;
    private readonly Func<string, int> _freeInPool;
    private readonly Queue<OpenRun> _dirty = new();
    private readonly RunEngineOptions _options;
    private readonly RunCommits _commits;
    private readonly RunFaults _faults;
    private readonly LifecyclePublisher _publisher;
    private readonly RunAttempts _attempts;
    private readonly TimeProvider _clock;
    private readonly ILogger<RunLoop> _log;
    private readonly long _startStamp;
    private int _usedSlots;
    private TaskCompletionSource? _drained;
    private volatile LoopSnapshot _snapshot = new(0, 0, 0, 0, null);

    public RunLoop(RunEngineOptions options, IRunJournal journal, LifecyclePublisher publisher, AttemptServices attempts, TimeProvider clock, ILogger<RunLoop> log)
    {
        (_options, _publisher, _clock, _log) = (options, publisher, clock, log);
        _commits = new(journal, m => Post(m));
        _faults = new(m => Post(m), Drop, log);
        _attempts = new(attempts, new(clock, m => Post(m)), m => Post(m));
        _pools = new(options.Pools, run => run.State);
        _freeInPool = _pools.Free;
        _admissions = new(options, clock, m => Post(m), Deliver);
        _startStamp = clock.GetTimestamp();
    }

    /// <summary>Whether nothing more is started.</summary>
    public bool IsDraining { get; private set; }

    /// <summary>Submits the run that repeats another as a whole; completes when it is accepted.</summary>
    public Func<OpenRun, RunEffect.SubmitRetry, Task>? SubmitRetry { get; init; }

    /// <summary>Reads a run's state from the journal, where nothing of the run is in memory that could be trusted.</summary>
    public Func<OpenRun, Task<RunState>> ReadState { init => _faults.ReadState = value; }

    /// <summary>How busy the loop is; replaced whole after each round.</summary>
    public LoopSnapshot Snapshot => _snapshot;

    /// <summary>False when the loop has ended: the message will not be processed.</summary>
    public bool Post(LoopMessage message) => _inbox.Writer.TryWrite(message);

    public void Complete() => _inbox.Writer.TryComplete();

    public async Task RunAsync()
    {
        var reader = _inbox.Reader;
        while (await reader.WaitToReadAsync().ConfigureAwait(false))
        {
            for (var n = 0; n < MaxMessagesPerRound && reader.TryRead(out var message); n++) Take(message);
            do
            {
                while (_dirty.TryDequeue(out var run))
                {
                    run.IsDirty = false;
                    TakeTurn(run);
                }
                ServeStarved();
                while (_pools.TryWake(out var waiting)) MarkDirty(waiting);
                AdmitFromLine();
            }
            while (_dirty.Count > 0);
            if (_drained is not null && _usedSlots == 0 && !_attempts.AnyLeaving && _open.Values.All(r => r is { Batch: null, IsRewinding: false })) _drained.TrySetResult();
            _snapshot = new(_open.Count, _admissions.Waiting, _admissions.Running, _usedSlots, _admissions.Oldest);
        }
        _admissions.Stop();
        foreach (var run in _open.Values) run.Tell(new RunInterruptedException(run.Id, "the worker stops"));
    }

    // One loop serves all runs: whatever a message does, the next one is processed, and every waiting caller gets an answer.
    private void Take(LoopMessage message)
    {
        try { Handle(message); }
        catch (Exception e)
        {
            _log.MessageFailed(e, message.GetType().Name);
            _faults.Answer(message, e);
        }
    }

    private void Handle(LoopMessage message)
    {
        switch (message)
        {
            case LoopMessage.Deliver m:
                Deliver(m.Run, m.Input);
                break;
            case LoopMessage.Committed m:
                Committed(m.Run, m.Error);
                break;
            case LoopMessage.Rewound m:
                Rewound(m);
                break;
            case LoopMessage.CommitAgain { Run: { Batch: { } batch } run }:
                _commits.Append(run, batch);
                break;
            case LoopMessage.Submit m:
                Submit(m);
                break;
            case LoopMessage.Adopt m:
                // Those that run take their places and groups first; then the others, as old as they are.
                foreach (var run in m.Runs.OrderBy(r => r.State.Status == Core.RunStatus.Queued).ThenBy(r => r.Id.Time)) Adopt(run, m.Reason);
                break;
            case LoopMessage.DeliverById m:
                var known = _open.TryGetValue(m.Run, out var target) && !target.IsDropped;
                if (known) Deliver(target!, m.Input);
                m.Answer.TrySetResult(known);
                break;
            case LoopMessage.Ask m:
                Ask(m);
                break;
            case LoopMessage.Decide m:
                m.Run.Asked.Add((m.Input, m.Answer));
                Deliver(m.Run, m.Input);
                break;
            case LoopMessage.Watch m:
                if (_attempts.IsInterrupted) m.Answer.TrySetException(new RunInterruptedException(m.Run, "the worker stops"));
                else if (_open.TryGetValue(m.Run, out var watched)) watched.Watchers.Add(m.Answer);
                else m.Answer.TrySetException(new KeyNotFoundException($"Run {m.Run} is not open in this process."));
                break;
            case LoopMessage.Ping m:
                m.Taken.TrySetResult();
                break;
            case LoopMessage.Drain m:
                IsDraining = true;
                _drained = m.Drained;
                break;
            case LoopMessage.Interrupt m:
                Interrupt(m.Reason);
                break;
            case LoopMessage.AdmissionDue:
                _admissions.Due();
                break;
            case LoopMessage.AttemptLeft:
                _attempts.Left();
                break;
        }
    }

    private void Ask(LoopMessage.Ask m)
    {
        var refusal = !_open.TryGetValue(m.Run, out var run) || run.IsDropped || IsDraining
            ? new AnswerRefusal("not_open", $"Run {m.Run} is not open here.")
            : run.IsRewinding ? null : Answers.Refuse(run.State, m.Input);   // what is being read again says nothing; it is judged in its turn
        if (refusal is null)
        {
            run!.Asked.Add((m.Input, m.Answer));
            Deliver(run, m.Input);
        }
        else m.Answer.TrySetResult(new(refusal));
    }

    private void Submit(LoopMessage.Submit m)
    {
        if (IsDraining)
            m.Run.Accepted!.TrySetException(new EngineStoppingException());
        else if (_open.TryGetValue(m.Run.Id, out var twin))
        {
            twin.Watchers.AddRange(m.Run.Watchers);
            twin.TellToo(m.Run.Accepted!);
        }
        else if (_open.Count >= _options.MaxOpenRuns)
            m.Run.Accepted!.TrySetException(new TooManyRunsException(_options.MaxOpenRuns));
        else
        {
            _open.Add(m.Run.Id, m.Run);
            m.Run.Inbox.Add(new RunInput.Create(m.Facts, _admissions.Waiting, m.Reused));
            _admissions.Add(m.Run, m.Facts);
            AdmitFromLine();   // at once where there is a place: acceptance and start are one batch then
            MarkDirty(m.Run);
        }
    }

    private void Adopt(OpenRun run, string reason)
    {
        if (!_open.TryAdd(run.Id, run)) return;
        run.EffectsFromState = true;
        _pools.Follow(run);
        UseSlots(run, run.State.RunningTasks.Count);   // attempts the history left open hold their slots until they are closed
        if (run.State.IsUnderWay)
        {
            _admissions.Resume(run);
            run.Inbox.Add(new RunInput.Recover(_options.InstanceId, reason, _options.Worker));
            MarkDirty(run);
        }
        else _admissions.Add(run, run.State.Created!);
        _log.RunAdopted(run.Id, run.State.Plan.Definition.Name, run.State.Version, reason);
    }

    private void AdmitFromLine()
    {
        while (!IsDraining && _admissions.TryNext(out var run))
        {
            run.Inbox.Add(new RunInput.Admit(_options.InstanceId, _options.Worker));
            MarkDirty(run);
        }
    }

    private void Deliver(OpenRun run, RunInput input)
    {
        if (run.IsDropped || run is { IsRewinding: false, State.IsTerminal: true }) return;
        if (input is RunInput.AttemptFinished finished) RunAttempts.LetGo(run, finished);
        run.Inbox.Add(input);
        MarkDirty(run);
    }

    private void MarkDirty(OpenRun run)
    {
        if (run.IsDirty) return;
        run.IsDirty = true;
        _dirty.Enqueue(run);
    }

    /// <param name="most">Slots it may take; null: what is free, unless others wait for it.</param>
    private void TakeTurn(OpenRun run, int? most = null)
    {
        if (run.Batch is not null || run.IsDropped || run.IsRewinding || run.State.IsTerminal) return;
        var (before, status) = (run.State.RunningTasks.Count, run.State.Status);
        var turn = new Turn(run.State, run.Stream, new(Now(), most is null && _starved.GivesWay(run, before) ? int.MinValue : Math.Min(most ?? int.MaxValue, _options.Slots - _usedSlots), _freeInPool, IsDraining));
        var fault = run.Decide(turn);
        UseSlots(run, run.State.RunningTasks.Count - before);
        _pools.Follow(run);
        _admissions.StatusChanged(run, status, run.State.Status);
        if (fault is not null)
        {
            _faults.Rewind(run, fault.Value.Input, fault.Value.Error);
            return;
        }
        if (turn.Events.Count > 0) _commits.Append(run, turn.Events);
        else run.Acknowledge();
        if (run.Inbox.Count > 0) MarkDirty(run);   // taken one at a time; while there is a batch this waits for it
        if (run.State.WantsSlot && !_pools.Await(run)) _starved.Add(run);
    }

    private void Rewound(LoopMessage.Rewound m)
    {
        if (m.Run is not { IsDropped: false } run || _faults.Read(m) is not { } state) return;
        var (slots, status) = (run.State.RunningTasks.Count, run.State.Status);
        run.Rewound(state);
        UseSlots(run, state.RunningTasks.Count - slots);
        _pools.Follow(run);
        _admissions.StatusChanged(run, status, state.Status);
        MarkDirty(run);
    }

    /// <summary>Free slots go to those who wait, in turns; when many are free, an equal part to each.</summary>
    private void ServeStarved()
    {
        for (var n = _starved.Count; n > 0 && _usedSlots < _options.Slots && !IsDraining && _starved.TryTake(out var run); n--)
            if (run.Batch is null) TakeTurn(run, Math.Max(1, (_options.Slots - _usedSlots) / (_starved.Count + 1)));   // else when that is durable
    }

    private void UseSlots(OpenRun run, int slots)
    {
        _usedSlots += slots;
        _starved.Use(run, slots);
    }

    private void Committed(OpenRun run, Exception? error)
    {
        if (run.Batch is not { } batch || run.IsDropped) return;
        if (error is not null)
        {
            CommitFailed(run, batch, error);
            return;
        }
        if (run.RefusedSince is not null)
        {
            run.RefusedSince = null;
            _log.JournalTakesWritesAgain(run.Id);
        }
        (run.Batch, run.DurableVersion) = (null, batch[^1].Seq);
        run.IsSuspect &= run.Inbox.Count > 0;
        run.Accepted?.TrySetResult(false);
        run.Acknowledge();
        _publisher.Publish(new AppendedBatch(run.Id, run.State.Plan.Definition, batch));
        CarryOut(run, batch);
        if (run.Inbox.Count > 0 || (run.State.WantsSlot && !_starved.Has(run))) MarkDirty(run);
    }

    private void CarryOut(OpenRun run, IReadOnlyList<RecordedEvent> batch)
    {
        try
        {
            var effects = run.EffectsFromState ? Effects.From(run.State) : Effects.After(run.State, batch);
            run.EffectsFromState = false;
            RunAttempts.Answer(run, batch);
            foreach (var effect in effects)
                try { CarryOut(run, effect); }
                catch (Exception e) { _faults.NotCarriedOut(run, effect, e); }
        }
        catch (Exception e) { _faults.NotCarriedOut(run, null, e); }
    }

    private void CarryOut(OpenRun run, RunEffect effect)
    {
        if (effect is RunEffect.Finish finish) Finish(run, finish.End);
        else if (effect is RunEffect.SubmitRetry retry) _ = Repetition.SubmitAsync(() => SubmitRetry!(run, retry), () => IsDraining, _clock, why => Post(new LoopMessage.Deliver(run, new RunInput.RetryAccepted(why))));
        else _attempts.CarryOut(run, effect);
    }

    private void CommitFailed(OpenRun run, IReadOnlyList<RecordedEvent> batch, Exception error)
    {
        if (batch[0].Seq == 1)
        {
            // The run was never accepted: the caller gets the error and decides.
            if (error is JournalConflictException { IsTakenOver: false }) run.Accepted?.TrySetResult(true);
            else run.Accepted?.TrySetException(RunFaults.NotAccepted(run, error));
            Drop(run, error);
            return;
        }
        // An owner or a closed journal is no fault of what was to be written; anything else that is not the disk is.
        if (error is not (JournalUnavailableException or JournalConflictException or ObjectDisposedException))
        {
            _faults.Rewind(run, null, error);
            return;
        }
        if (error is not JournalUnavailableException)
        {
            _log.RunLost(error, run.Id);
            Drop(run, new RunInterruptedException(run.Id, error.Message, error));
            return;
        }
        if (run.RefusedSince is null)
        {
            run.RefusedSince = _clock.GetTimestamp();
            _log.JournalRefused(error, run.Id);
        }
        if (_attempts.IsInterrupted || _options.JournalPatience is { } patience && _clock.GetElapsedTime(run.RefusedSince.Value) >= patience)
        {
            Drop(run, error);
            return;
        }
        ITimer? timer = null;
        timer = _clock.CreateTimer(_ => { timer?.Dispose(); Post(new LoopMessage.CommitAgain(run)); }, null, CommitRetryDelay, Timeout.InfiniteTimeSpan);
    }

    private void Finish(OpenRun run, WorkflowEnded end)
    {
        Forget(run);
        _log.RunFinished(run.Id, run.State.Plan.Definition.Name, Core.Words.Of(end.StatusTo), end.DurationMs);
        ScratchFolder.EndOf(run, end, _attempts.Files, _attempts.Disk, _log);
    }

    /// <summary>Stops deciding for a run. Its attempts are stopped too: the new owner repeats them.</summary>
    private void Drop(OpenRun run, Exception why)
    {
        run.IsDropped = true;
        UseSlots(run, -run.State.RunningTasks.Count);
        _attempts.Abandon(run);
        run.Batch = null;
        Forget(run);
        _publisher.Forget(run.Id);
        run.Tell(why);
    }

    private void Forget(OpenRun run)
    {
        _pools.LetGo(run);
        RunTimers.Disarm(run);
        _admissions.Leave(run);
        _open.Remove(run.Id);
    }

    private void Interrupt(string reason)
    {
        _attempts.Interrupt(_open.Values);
        foreach (var run in _open.Values)
        {
            foreach (var watcher in run.Watchers) watcher.TrySetException(new RunInterruptedException(run.Id, reason));
            run.Watchers.Clear();
        }
    }

    private Moment Now() => new(_clock.GetUtcNow(), _clock.GetElapsedTime(_startStamp).TotalMilliseconds);
}

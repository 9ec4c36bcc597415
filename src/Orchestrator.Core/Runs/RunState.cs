using System.Text.Json;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Planning;

namespace Orchestrator.Core.Runs;

/// <summary>
/// A run as its events tell it: the fold of its stream. It is indexed (queues of tasks that can move, counters), so that no
/// turn looks at all tasks. Changes through <see cref="Apply"/> and in no other way; belongs to one thread.
/// </summary>
public sealed class RunState
{
    /// <summary>A run of <paramref name="plan"/> before its first event.</summary>
    public RunState(RunPlan plan) => (Plan, Tasks) = (plan, new(plan));

    /// <summary>What is being run.</summary>
    public RunPlan Plan { get; }

    /// <summary>The run's constants; null before <c>workflow.created</c>.</summary>
    public WorkflowCreated? Created { get; private set; }

    /// <summary>The run's id.</summary>
    public RunId Id { get; private set; }

    /// <summary>Where the run stands.</summary>
    public RunStatus Status { get; private set; }

    /// <summary>Whether it has begun and is not over: running or paused.</summary>
    public bool IsUnderWay => Status is RunStatus.Running or RunStatus.Paused;

    /// <summary>Seq of the last event.</summary>
    public long Version { get; private set; }

    /// <summary>How the tasks ended so far; children of fan-outs are tasks, handlers are not counted.</summary>
    public RunCounts Counts => Tasks.Counts;

    /// <summary>How many workers have owned the run.</summary>
    public int OwnerEpoch { get; private set; }

    /// <summary>Why the run is to end early; null when it is not.</summary>
    public CancelReason? CancelRequested { get; private set; }

    /// <summary>Who asked for that.</summary>
    public string? CancelActor { get; private set; }

    /// <summary>Whether a final failure ended what had not started. A failed child of a fan-out does so only through its task.</summary>
    public bool IsFailingFast => Plan.Definition.FailFast && Tasks.RootFailures > 0;

    /// <summary>The outcome, once it is fixed; handlers run then.</summary>
    public RunStatus? Outcome { get; private set; }

    /// <summary>The run that repeats this one as a whole; null where none does.</summary>
    public WorkflowRetrying? NextRun { get; private set; }

    /// <summary>The terminal event; null while the run is open.</summary>
    public WorkflowEnded? End { get; private set; }

    /// <summary>Whether the run is over.</summary>
    public bool IsTerminal => End is not null;

    /// <summary>
    /// When the run's own timeout passes: for its tasks, then for the handlers of its outcome, then for those of
    /// `finally`. Null before it starts or where it has none.
    /// </summary>
    public DateTimeOffset? TimeoutAt => Plan.Definition.Timeout is { } timeout && IsUnderWay ? (Outcome is null ? StartedAt : FinallyAt ?? FinalizingAt).Utc.Later(timeout) : null;

    /// <summary>Indices of the tasks with an attempt in flight that holds a slot.</summary>
    public IReadOnlyCollection<int> RunningTasks => Tasks.Running;

    /// <summary>Indices of the started tasks that wait without a slot.</summary>
    public IReadOnlyCollection<int> ParkedTasks => Tasks.Parked;

    /// <summary>Indices of the tasks that wait for a retry's due time.</summary>
    public IReadOnlyCollection<int> WaitingRetries => Tasks.Retrying;

    /// <summary>Whether a task could start if there were a slot.</summary>
    public bool WantsSlot => Tasks.TryPeekReady(null, out _) && RunningTasks.Count < (Plan.Definition.MaxParallel ?? int.MaxValue);

    /// <summary>Whether a task could start if there were a slot, given which pools have room.</summary>
    public bool WantsSlotIn(Func<string, bool> hasRoom) => RunningTasks.Count < (Plan.Definition.MaxParallel ?? int.MaxValue) && Tasks.TryPeekReady(hasRoom, out _);

    /// <summary>Attempts in flight that hold a slot of a pool, by pool.</summary>
    public IReadOnlyDictionary<string, int> RunningInPool => Tasks.RunningInPool;

    /// <summary>Tasks of the graph, handlers, and children of fan-outs, in this order.</summary>
    public int TaskCount => Tasks.Count;

    /// <summary>The task at an index.</summary>
    public TaskState this[int index] => Tasks[index];

    /// <summary>A task by its id.</summary>
    public TaskState Of(TaskId id) => Tasks[IndexOf(id)];

    /// <summary>Index of a task, handler or child.</summary>
    /// <exception cref="KeyNotFoundException">The run has no such task (yet).</exception>
    public int IndexOf(TaskId id) => TryIndexOf(id, out var index) ? index : throw new KeyNotFoundException($"No task '{id}' in this run.");

    /// <summary>Index of a task, handler or child; false when there is none (yet).</summary>
    public bool TryIndexOf(TaskId id, out int index) => Tasks.TryIndexOf(id, out index);

    /// <summary>The definition of the task at an index; a child's is its task's under the child's id.</summary>
    public TaskDefinition DefinitionOf(int index) => Tasks.DefinitionOf(index);

    /// <summary>The compiled expressions of the task at an index.</summary>
    public TaskTemplates TemplatesOf(int index) => Plan.TemplatesOf(Tasks.NodeOf(index));

    /// <summary>The id of the task at an index.</summary>
    public TaskId IdOf(int index) => DefinitionOf(index).Id;

    /// <summary>The item of a child; null for tasks that are not children.</summary>
    public JsonElement? ItemOf(int index) => Tasks[index] is { Parent: >= 0 and var parent, ItemIndex: var item } ? Tasks[parent].FanOut!.Items[item] : null;

    internal RunTasks Tasks { get; }

    /// <summary>Number of a task's stage; -1 for a handler.</summary>
    internal int StageOf(int index) => Plan.StageOf(Tasks.NodeOf(index));

    internal Moment CreatedAt { get; private set; }

    internal Moment StartedAt { get; private set; }

    internal Moment FinalizingAt { get; private set; }

    /// <summary>When the handlers of `finally` had their turn, after those of the outcome; null before that, and where there are none.</summary>
    internal Moment? FinallyAt { get; private set; }

    /// <summary>The event with which their turn came, so that their budget is armed once.</summary>
    internal long FinallySeq { get; private set; }

    /// <summary>Handlers of the outcome that are still to come, the current one first.</summary>
    internal Queue<int> Handlers { get; } = new();

    /// <summary>Why the handlers whose turn it is are to stop; null: they are not. What stops those of the outcome does not stop those of `finally`.</summary>
    internal CancelReason? HandlersStoppedBy { get; private set; }

    /// <summary>Whether a cancel was requested while handlers ran: the run is not restarted then.</summary>
    internal bool HandlersCancelled { get; private set; }

    internal bool HandlersStopped => HandlersStoppedBy is not null;

    /// <summary>What made it a failure beside its tasks.</summary>
    internal string? OwnError { get; private set; }

    /// <summary>What kind of failure that is.</summary>
    internal FailureKind OwnErrorKind { get; private set; }

    internal bool SlaRiskTold { get; private set; }

    internal bool SlaExceededTold { get; private set; }

    /// <summary>Whether every unfinished task waits for approval, time or an event.</summary>
    internal bool OnlyWaits
    {
        get
        {
            if (Tasks.Parked.Count == 0 || Tasks.Running.Count > 0 || Tasks.Retrying.Count > 0
                || Tasks.TryPeekReady(null, out _) || Tasks.TryPeekHeldBack(out _) || Tasks.TryPeekUngated(out _) || Tasks.TryPeekClosable(out _)) return false;
            var any = false;
            foreach (var i in Tasks.Parked)
            {
                if (Tasks[i].Wait is { Pauses: false, Kind: not WaitKind.Items }) return false;
                any |= Tasks[i].Wait!.Pauses;
            }
            return any;
        }
    }

    /// <summary>Folds one event onto the state.</summary>
    /// <param name="recorded">The next event of the run's stream.</param>
    /// <param name="monotonicMs">This process's monotonic clock when the event was decided; NaN for events of an earlier process.</param>
    /// <exception cref="InvalidTransitionException">The event does not follow from the state: the stream is not a run's, or a decision is wrong.</exception>
    public void Apply(RecordedEvent recorded, double monotonicMs = double.NaN)
    {
        if (recorded.Seq != Version + 1) throw new InvalidTransitionException($"Event {recorded.Seq} of {recorded.Stream} follows event {Version}.");
        if (IsTerminal) throw new InvalidTransitionException($"{recorded.Event.Type} after the terminal event of {recorded.Stream}.");
        Version = recorded.Seq;
        var at = new Moment(recorded.Time, monotonicMs);
        switch (recorded.Event)
        {
            case TaskEvent e:
                Tasks.Apply(e, at, IsUnderWay, recorded.Seq);
                if (Outcome is not null) NextHandler(at, recorded.Seq);
                break;
            case StageEvent e: Tasks.Apply(e, at); break;
            default: ApplyRun(recorded, at); break;
        }
    }

    private void ApplyRun(RecordedEvent recorded, Moment at)
    {
        switch (recorded.Event)
        {
            case WorkflowCreated e:
                Expect(Created is null, recorded.Event);
                Created = e;
                if (!recorded.Stream.TryGetRun(out var id)) throw new InvalidTransitionException($"{recorded.Stream} is not a run's stream.");
                Id = id;
                CreatedAt = at;
                break;
            case WorkflowQueued e:
                Expect(Created is not null && Status == RunStatus.Pending, e);
                Status = RunStatus.Queued;
                break;
            case WorkflowStarted e:
                Expect(Status == RunStatus.Queued, e);
                Status = RunStatus.Running;
                StartedAt = at;
                OwnerEpoch = e.OwnerEpoch;
                Tasks.Release(at);
                break;
            case WorkflowPaused e:
                Expect(Status == RunStatus.Running, e);
                Status = RunStatus.Paused;
                break;
            case WorkflowResumed e:
                Expect(Status == RunStatus.Paused, e);
                Status = RunStatus.Running;
                break;
            case WorkflowCancelRequested e:
                Expect(Created is not null, e);
                if (Outcome is null) (CancelRequested, CancelActor) = (e.Reason, e.Actor);
                else
                {
                    HandlersStoppedBy ??= e.Reason;
                    HandlersCancelled |= e.Reason == CancelReason.RunCancelled;
                }
                if (e.Error is not null) (OwnError, OwnErrorKind) = (e.Error, FailureKind.Panic);
                Tasks.StopAll(e.Reason);
                break;
            case WorkflowRecovered e:
                Expect(IsUnderWay, e);
                OwnerEpoch = e.OwnerEpoch;
                break;
            case SlaEvent e: ApplySla(e); break;
            case WorkflowEventsLost: break;   // what they said is not known; what the state is without them is
            case WorkflowFinalizing e:
                Expect(Counts.AreComplete && Outcome is null, e);
                (Outcome, FinalizingAt) = (e.Outcome, at);
                if (e.Error is not null) (OwnError, OwnErrorKind) = (e.Error, FailureKind.ConditionError);
                foreach (var handler in Plan.HandlersOf(e.Outcome))
                {
                    Handlers.Enqueue(handler);
                    Tasks[handler].ReadyAt = at;
                }
                BeginFinally(at, recorded.Seq);
                break;
            case WorkflowRetrying e:
                Expect(Outcome == RunStatus.Failed && NextRun is null, e);
                NextRun = e;
                break;
            case WorkflowEnded e:
                Expect(Counts.AreComplete && e.Counts == Counts, e);
                Status = e.StatusTo;
                End = e;
                break;
            default:
                throw new InvalidTransitionException($"{recorded.Event.Type} does not belong to a run.");
        }
    }

    private void NextHandler(Moment at, long seq)
    {
        var moved = false;
        while (Handlers.TryPeek(out var current) && Tasks[current].IsTerminal) moved = Handlers.TryDequeue(out _);
        if (!moved || !Handlers.TryPeek(out var next)) return;
        Tasks[next].ReadyAt = at;
        BeginFinally(at, seq);
    }

    // `finally` starts whatever ended the run or the handlers before it, with a budget of its own.
    private void BeginFinally(Moment at, long seq)
    {
        if (FinallyAt is not null || !Handlers.TryPeek(out var next) || !Plan.IsFinally(next)) return;
        (FinallyAt, FinallySeq, HandlersStoppedBy) = (at, seq, null);
    }

    private void ApplySla(SlaEvent e)
    {
        if (e.Subject is not { } id)
        {
            SlaRiskTold = true;
            SlaExceededTold |= e is SlaExceeded;
            return;
        }
        var task = Of(id);
        task.SlaRiskTold = true;
        task.SlaExceededTold |= e is SlaExceeded;
    }

    private static void Expect(bool holds, JournalEvent e)
    {
        if (!holds) throw new InvalidTransitionException($"{e.Type} does not follow from the run's state.");
    }
}

using Orchestrator.Core.Definitions;
using Orchestrator.Core.Planning;

namespace Orchestrator.Core.Runs;

/// <summary>
/// A run as its events tell it: the fold of its stream. It is indexed (queues of tasks that can move, counters), so that no
/// turn looks at all tasks. Changes through <see cref="Apply"/> and in no other way; belongs to one thread.
/// </summary>
public sealed class RunState
{
    private readonly TaskState[] _tasks;
    private readonly StageState[] _stages;
    private readonly Queue<int> _ungated = new();
    private readonly Queue<int> _ready = new();
    private readonly SortedSet<int> _running = [];
    private readonly SortedSet<int> _waiting = [];

    /// <summary>A run of <paramref name="plan"/> before its first event.</summary>
    public RunState(RunPlan plan)
    {
        Plan = plan;
        var graph = plan.Graph;
        _tasks = new TaskState[graph.Count];
        for (var i = 0; i < _tasks.Length; i++) _tasks[i] = new() { OpenDependencies = graph.DependenciesOf(i).Length };
        _stages = new StageState[plan.Stages.Length];
        for (var i = 0; i < _stages.Length; i++) _stages[i] = new();
        Counts = new(graph.Count, 0, 0, 0, 0, 0);
    }

    /// <summary>What is being run.</summary>
    public RunPlan Plan { get; }

    /// <summary>The run's constants; null before <c>workflow.created</c>.</summary>
    public WorkflowCreated? Created { get; private set; }

    /// <summary>The run's id.</summary>
    public RunId Id { get; private set; }

    /// <summary>Where the run stands.</summary>
    public RunStatus Status { get; private set; }

    /// <summary>Seq of the last event.</summary>
    public long Version { get; private set; }

    /// <summary>How the tasks ended so far.</summary>
    public RunCounts Counts { get; private set; }

    /// <summary>How many workers have owned the run.</summary>
    public int OwnerEpoch { get; private set; }

    /// <summary>Why the run is to end early; null when it is not.</summary>
    public CancelReason? CancelRequested { get; private set; }

    /// <summary>Who asked for that.</summary>
    public string? CancelActor { get; private set; }

    /// <summary>Whether a final failure ended what had not started.</summary>
    public bool IsFailingFast => Plan.Definition.FailFast && Counts.Failed > 0;

    /// <summary>The terminal event; null while the run is open.</summary>
    public WorkflowEnded? End { get; private set; }

    /// <summary>Whether the run is over.</summary>
    public bool IsTerminal => End is not null;

    /// <summary>When the run's own timeout passes; null before it starts or where it has none.</summary>
    public DateTimeOffset? TimeoutAt => Plan.Definition.Timeout is { } timeout && Status == RunStatus.Running ? StartedAt.Utc + timeout : null;

    /// <summary>Indices of the tasks with an attempt in flight.</summary>
    public IReadOnlyCollection<int> RunningTasks => _running;

    /// <summary>Indices of the tasks that wait for a retry's due time.</summary>
    public IReadOnlyCollection<int> WaitingRetries => _waiting;

    /// <summary>Whether a task could start if there were a slot.</summary>
    public bool WantsSlot => TryPeekReady(out _) && RunningTasks.Count < (Plan.Definition.MaxParallel ?? int.MaxValue);

    /// <summary>The task at an index of the plan's graph.</summary>
    public TaskState this[int index] => _tasks[index];

    /// <summary>A task by its id.</summary>
    public TaskState Of(TaskId id) => _tasks[Plan.Graph.IndexOf(id)];

    /// <summary>The id of the task at an index.</summary>
    public TaskId IdOf(int index) => Plan.Graph[index].Id;

    internal Moment CreatedAt { get; private set; }

    internal Moment StartedAt { get; private set; }

    internal bool IsFinalizing { get; private set; }

    internal List<int> FailedTasks { get; } = [];

    internal string? FirstError { get; private set; }

    internal FailureKind FirstErrorKind { get; private set; }

    internal bool AnyCancelledBy(CancelReason reason) => (_cancelledBy & (1 << (int)reason)) != 0;

    internal StageState StageAt(int stage) => _stages[stage];

    private int _cancelledBy;

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
            case TaskEvent e: ApplyTask(e, at); break;
            case StageEvent e: ApplyStage(e, at); break;
            default: ApplyRun(recorded, at); break;
        }
    }

    internal bool TryPeekUngated(out int task)
    {
        while (_ungated.TryPeek(out task))
        {
            if (_tasks[task] is { Status: TaskStatus.Pending, IsQueued: false }) return true;
            _ungated.Dequeue();   // it moved on since: skipped, cancelled, queued or started
        }
        return false;
    }

    internal bool TryPeekReady(out int task)
    {
        while (_ready.TryPeek(out task))
        {
            if (_tasks[task] is { IsQueued: true, Status: TaskStatus.Pending or TaskStatus.Retrying }) return true;
            _ready.Dequeue();
        }
        return false;
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
                for (var i = 0; i < _tasks.Length; i++)
                    if (_tasks[i].OpenDependencies == 0) BecomeUngated(i, at);
                break;
            case WorkflowCancelRequested e:
                Expect(Created is not null, e);
                CancelRequested = e.Reason;
                CancelActor = e.Actor;
                foreach (var i in _running) _tasks[i].Stopping ??= e.Reason;
                break;
            case WorkflowRecovered e:
                Expect(Status == RunStatus.Running, e);
                OwnerEpoch = e.OwnerEpoch;
                break;
            case WorkflowFinalizing e:
                Expect(Counts.Terminal == Counts.Total, e);
                IsFinalizing = true;
                break;
            case WorkflowEnded e:
                Expect(Counts.Terminal == Counts.Total && e.Counts == Counts, e);
                Status = e.StatusTo;
                End = e;
                break;
            default:
                throw new InvalidTransitionException($"{recorded.Event.Type} does not belong to a run.");
        }
    }

    private void ApplyStage(StageEvent e, Moment at)
    {
        var stage = _stages[Plan.Stages.IndexOf(e.StageName)];
        if (e is StageStarted)
        {
            Expect(!stage.Started, e);
            stage.Started = true;
            stage.StartedAt = at;
        }
        else
        {
            Expect(!stage.Closed, e);
            stage.Closed = true;
        }
    }

    private void ApplyTask(TaskEvent e, Moment at)
    {
        var index = Plan.Graph.IndexOf(e.Task);
        var task = _tasks[index];
        var from = task.Status;
        task.Status = TaskTransitions.Next(from, e);
        switch (e)
        {
            case TaskQueued:
                task.IsQueued = true;
                _waiting.Remove(index);
                _ready.Enqueue(index);
                return;
            case TaskStarted s:
                task.IsQueued = false;
                task.Attempt = s.Attempt;
                task.AttemptStartedAt = at;
                if (s.Attempt == 1) task.StartedAt = at;
                _waiting.Remove(index);
                _running.Add(index);
                return;
            case TaskRetrying r:
                task.RetryAt = r.RetryAt;
                task.ExitCode = r.ExitCode;
                task.Stopping = null;
                if (r.ErrorType == FailureKind.WorkerLost) task.Losses++;
                _running.Remove(index);
                _waiting.Add(index);
                return;
            case TaskCompleted c:
                task.ExitCode = c.ExitCode;
                task.DurationMs = c.DurationMs;
                if (c.Outputs is { } outputs) task.Outputs = outputs;
                break;
            case TaskFailed f:
                task.Failure = f.Kind;
                task.FailureAllowed = f.Allowed;
                task.ExitCode = f.ExitCode;
                task.DurationMs = f.DurationMs;
                if (f.Allowed) break;
                FailedTasks.Add(index);
                FirstError ??= $"Task '{e.Task}' failed: {f.Error}";
                if (FailedTasks.Count == 1) FirstErrorKind = f.Kind;
                break;
            case TaskSkipped s:
                task.Skip = s.Reason;
                break;
            case TaskCancelled c:
                task.DurationMs = c.DurationMs;
                _cancelledBy |= 1 << (int)c.Reason;
                break;
        }
        _running.Remove(index);
        _waiting.Remove(index);
        task.IsQueued = false;
        task.Stopping = null;
        Count(index, task, e, at);
    }

    private void Count(int index, TaskState task, TaskEvent e, Moment at)
    {
        var stage = _stages[Plan.StageOf(index)];
        stage.Terminal++;
        switch (task.Status)
        {
            case TaskStatus.Completed: Counts = Counts with { Completed = Counts.Completed + 1 }; stage.Completed++; break;
            case TaskStatus.Failed when task.FailureAllowed: Counts = Counts with { FailedAllowed = Counts.FailedAllowed + 1 }; stage.FailedAllowed++; break;
            case TaskStatus.Failed:
                Counts = Counts with { Failed = Counts.Failed + 1 };
                stage.Failed++;
                stage.FirstError ??= ((TaskFailed)e).Error;
                if (stage.Failed == 1) stage.FirstErrorKind = ((TaskFailed)e).Kind;
                break;
            case TaskStatus.Skipped: Counts = Counts with { Skipped = Counts.Skipped + 1 }; stage.Skipped++; break;
            case TaskStatus.Cancelled: Counts = Counts with { Cancelled = Counts.Cancelled + 1 }; stage.Cancelled++; break;
        }
        foreach (var dependant in Plan.Graph.DependantsOf(index))
            if (--_tasks[dependant].OpenDependencies == 0 && Status == RunStatus.Running) BecomeUngated(dependant, at);
    }

    private void BecomeUngated(int index, Moment at)
    {
        _tasks[index].ReadyAt = at;
        foreach (var need in Plan.Graph.DependenciesOf(index))
            if (_tasks[need] is { ResultsAbove: true } or { Outputs.IsEmpty: false })
            {
                _tasks[index].ResultsAbove = true;
                break;
            }
        _ungated.Enqueue(index);
    }

    private static void Expect(bool holds, JournalEvent e)
    {
        if (!holds) throw new InvalidTransitionException($"{e.Type} does not follow from the run's state.");
    }
}

using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Planning;

namespace Orchestrator.Core.Runs;

/// <summary>
/// The tasks of a run, indexed: queues of those that can move, sets of those in flight, counters. Tasks of the graph come first, then
/// handlers, then the children of fan-outs in the order they came to be. Changed by the fold alone.
/// </summary>
internal sealed class RunTasks
{
    private readonly RunPlan _plan;
    private readonly List<TaskState> _tasks;
    private readonly List<TaskDefinition> _children = [];
    private readonly StageState[] _stages;
    private readonly Queue<int> _ungated = new();
    private readonly Queue<int> _closable = new();
    private readonly Queue<int> _heldBack = new();
    private readonly ReadyTasks _ready;
    private int _cancelledBy;

    public RunTasks(RunPlan plan)
    {
        _plan = plan;
        _ready = new(i => _tasks![i] is { IsQueued: true, Status: TaskStatus.Pending or TaskStatus.Retrying });
        _tasks = new(plan.NodeCount);
        for (var i = 0; i < plan.NodeCount; i++) _tasks.Add(new() { OpenDependencies = plan.IsHandler(i) ? 0 : plan.Graph.DependenciesOf(i).Length });
        _stages = new StageState[plan.Stages.Length];
        for (var i = 0; i < _stages.Length; i++) _stages[i] = new() { Counts = new(plan.StageSizes[i], 0, 0, 0, 0, 0) };
        Counts = new(plan.Graph.Count, 0, 0, 0, 0, 0);
    }

    private readonly Dictionary<string, int> _runningInPool = new(StringComparer.Ordinal);

    public RunCounts Counts { get; private set; }

    /// <summary>Attempts in flight that hold a slot of a pool.</summary>
    public IReadOnlyDictionary<string, int> RunningInPool => _runningInPool;

    /// <summary>With an attempt in flight that holds a slot.</summary>
    public SortedSet<int> Running { get; } = [];

    /// <summary>Started, waiting without a slot.</summary>
    public SortedSet<int> Parked { get; } = [];

    /// <summary>Waiting for a retry's due time.</summary>
    public SortedSet<int> Retrying { get; } = [];

    /// <summary>Retrying tasks whose next attempt is due and waits for a slot.</summary>
    public IEnumerable<int> QueuedRetries => Enumerable.Range(0, _tasks.Count).Where(i => _tasks[i] is { Status: TaskStatus.Retrying, IsQueued: true });

    public List<int> Failed { get; } = [];

    /// <summary>Failures that count for fail_fast: those of children do through their task only.</summary>
    public int RootFailures { get; private set; }

    public int HandlersFailed { get; private set; }

    public string? FirstError { get; private set; }

    public FailureKind FirstErrorKind { get; private set; }

    public int Count => _tasks.Count;

    public TaskState this[int index] => _tasks[index];

    public StageState StageAt(int stage) => _stages[stage];

    public bool AnyCancelledBy(CancelReason reason) => (_cancelledBy & (1 << (int)reason)) != 0;

    public bool TryIndexOf(TaskId id, out int index)
    {
        if (_plan.TryIndexOf(id, out index)) return true;
        if (!id.TrySplit(out var parent, out var item) || !_plan.TryIndexOf(parent, out var node) || _tasks[node].FanOut is not { } fanOut || item >= fanOut.Count) return false;
        index = fanOut.First + item;
        return true;
    }

    public TaskDefinition DefinitionOf(int index) => index < _plan.NodeCount ? _plan[index] : _children[index - _plan.NodeCount];

    /// <summary>The node of the plan a task comes from: itself, or its fan-out's task.</summary>
    public int NodeOf(int index) => _tasks[index].Parent is >= 0 and var parent ? parent : index;

    public bool TryPeekUngated(out int task)
    {
        while (_ungated.TryPeek(out task))
        {
            if (_tasks[task] is { Status: TaskStatus.Pending, IsQueued: false }) return true;
            _ungated.Dequeue();   // it moved on since: skipped, cancelled, queued or started
        }
        return false;
    }

    /// <summary>The head goes on at once, in an order of the caller's.</summary>
    public void TakeUngated() => _ungated.Dequeue();

    public bool TryPeekReady(Func<string, bool>? hasRoom, out int task) => _ready.TryPeek(hasRoom, out task);

    /// <summary>A task that needs no slot and could not begin because its worker was stopping.</summary>
    public bool TryPeekHeldBack(out int task)
    {
        while (_heldBack.TryPeek(out task))
        {
            if (_tasks[task] is { IsQueued: true, Status: TaskStatus.Pending or TaskStatus.Retrying }) return true;
            _heldBack.Dequeue();
        }
        return false;
    }

    /// <summary>A fan-out all of whose children are terminal.</summary>
    public bool TryPeekClosable(out int task)
    {
        while (_closable.TryPeek(out task))
        {
            if (!_tasks[task].IsTerminal) return true;
            _closable.Dequeue();
        }
        return false;
    }

    /// <summary>The run has started: tasks without dependencies have nothing to wait for. Some may be terminal already, taken over from another run.</summary>
    public void Release(Moment at)
    {
        for (var i = 0; i < _plan.Graph.Count; i++)
            if (_tasks[i] is { OpenDependencies: 0, IsTerminal: false }) BecomeUngated(i, at);
    }

    /// <summary>A handler's turn has come.</summary>
    public void BecomeUngated(int index, Moment at)
    {
        var task = _tasks[index];
        task.ReadyAt = at;
        task.ResultsAbove = task.Parent >= 0 ? _tasks[task.Parent].ResultsAbove : AnyResultsBefore(index);
        _ungated.Enqueue(index);
    }

    private bool AnyResultsBefore(int node)
    {
        if (_plan.IsHandler(node)) return false;
        foreach (var need in _plan.Graph.DependenciesOf(node))
            if (_tasks[need] is { ResultsAbove: true } or { Outputs.IsEmpty: false }) return true;
        return false;
    }

    /// <summary>Everything that a worker executes must stop.</summary>
    public void StopAll(CancelReason reason)
    {
        foreach (var i in Running) _tasks[i].Stopping ??= reason;
        foreach (var i in Parked)
            if (_tasks[i].Wait!.HasRunner || _tasks[i].Wait!.Kind == WaitKind.Items) _tasks[i].Stopping ??= reason;
    }

    public void Apply(StageEvent e, Moment at)
    {
        var stage = _stages[_plan.Stages.IndexOf(e.StageName)];
        if (e is StageStarted)
        {
            if (stage.Started) throw new InvalidTransitionException($"Stage '{e.StageName}' starts twice.");
            stage.Started = true;
            stage.StartedAt = at;
        }
        else
        {
            if (stage.Closed) throw new InvalidTransitionException($"Stage '{e.StageName}' ends twice.");
            stage.Closed = true;
        }
    }

    public void Apply(TaskEvent e, Moment at, bool isUnderWay, long seq)
    {
        if (!TryIndexOf(e.Task, out var index)) throw new InvalidTransitionException($"The run has no task '{e.Task}'.");
        var task = _tasks[index];
        task.Status = TaskTransitions.Next(task.Status, e);
        switch (e)
        {
            case TaskQueued:
                task.IsQueued = true;
                Retrying.Remove(index);
                if (DefinitionOf(index) is var definition && Starting.TakesSlot(definition)) _ready.Add(index, definition);
                else _heldBack.Enqueue(index);
                return;
            case TaskStarted s:
                task.IsQueued = false;
                task.Attempt = s.Attempt;
                task.AttemptStartedAt = at;
                task.AttemptSeq = seq;
                if (s.Attempt == 1) task.StartedAt = at;
                Retrying.Remove(index);
                if (Running.Add(index)) CountPool(index, 1);
                return;
            case TaskRetrying r:
                task.RetryAt = r.RetryAt;
                task.ExitCode = r.ExitCode;
                task.Stopping = null;
                task.Wait = null;
                if (r.Loss is not null) task.Losses++;
                LeaveSlot(index);
                Parked.Remove(index);
                Retrying.Add(index);
                return;
            case TaskWaiting w:
                Park(index, new(w.WaitsFor, w.Attempt) { Until = w.Until, EventName = w.EventName, ChildRunId = w.ChildRunId });
                return;
            case CheckpointPending c:
                Park(index, new(WaitKind.Approval, c.Attempt) { Until = c.ExpiresAt, Question = c });
                return;
            case CheckpointApproved a:
                var wait = task.Wait ?? throw new InvalidTransitionException($"Task '{e.Task}' asks nothing.");
                wait.ApprovedBy = wait.ApprovedBy.Add(a.By);
                wait.Answers = wait.Answers.SetItems(a.Values);
                return;
            case TaskExpanded x:
                Expand(index, x.Items, at);
                return;
            case TaskRenewing r:
                if (!TryIndexOf(r.Producer, out var producer)) throw new InvalidTransitionException($"The run has no task '{r.Producer}'.");
                _tasks[producer].LastRenewal = r.Number;
                return;
            case TaskProgress or TaskRenewed or CheckpointRejected or CheckpointExpired:
                return;
            default:
                Close(index, task, e, at, isUnderWay);
                return;
        }
    }

    private void LeaveSlot(int index)
    {
        if (Running.Remove(index)) CountPool(index, -1);
    }

    private void CountPool(int index, int by)
    {
        if (DefinitionOf(index).Pool is { } pool) _runningInPool[pool] = _runningInPool.GetValueOrDefault(pool) + by;
    }

    private void Park(int index, WaitState wait)
    {
        _tasks[index].Wait = wait;
        LeaveSlot(index);
        Parked.Add(index);
    }

    private void Expand(int index, JsonElement list, Moment at)
    {
        ImmutableArray<JsonElement> items = [.. list.EnumerateArray()];
        var definition = DefinitionOf(index);
        var released = Math.Min(items.Length, definition.FanOut?.MaxParallel ?? int.MaxValue);
        _tasks[index].FanOut = new(_tasks.Count, items, released);
        Park(index, new(WaitKind.Items, _tasks[index].Attempt));
        var shape = definition with { FanOut = null };
        for (var n = 0; n < items.Length; n++)
        {
            _children.Add(shape with { Id = definition.Id.Child(n) });
            _tasks.Add(new() { Parent = index, ItemIndex = n });
            if (n < released) BecomeUngated(_tasks.Count - 1, at);
        }
        Counts = Counts with { Total = Counts.Total + items.Length };
        if (_plan.StageOf(index) is >= 0 and var stage) _stages[stage].Counts = _stages[stage].Counts with { Total = _stages[stage].Counts.Total + items.Length };
        if (items.IsEmpty) _closable.Enqueue(index);
    }

    private void Close(int index, TaskState task, TaskEvent e, Moment at, bool isUnderWay)
    {
        switch (e)
        {
            case TaskCompleted c:
                task.ExitCode = c.ExitCode;
                task.DurationMs = c.DurationMs;
                task.SecretOutputs = c.SecretOutputs ?? [];
                break;
            case TaskFailed f:
                task.Failure = f.Kind;
                task.FailureAllowed = f.Allowed;
                task.ExitCode = f.ExitCode;
                task.DurationMs = f.DurationMs;
                break;
            case TaskSkipped s:
                task.Skip = s.Reason;
                break;
            case TaskCancelled c:
                task.ExitCode = c.Process?.ExitCode ?? task.ExitCode;
                task.DurationMs = c.DurationMs;
                break;
            default:
                throw new InvalidTransitionException($"{e.Type} is not an event of a task.");
        }
        if (task.FanOut is { } fanOut) task.Outputs = FanningOut.Results(fanOut, i => _tasks[i]);
        else if (e is AttemptClosed { Outputs: { } outputs }) task.Outputs = outputs;
        LeaveSlot(index);
        Parked.Remove(index);
        Retrying.Remove(index);
        (task.IsQueued, task.Stopping, task.Wait) = (false, null, null);
        if (_plan.IsHandler(index))
        {
            if (task is { Status: TaskStatus.Failed, FailureAllowed: false }) HandlersFailed++;
            return;
        }
        Tally(index, e);
        if (task.Parent >= 0) ChildClosed(task, e, at);
        else
            foreach (var dependant in _plan.Graph.DependantsOf(index))
                if (--_tasks[dependant].OpenDependencies == 0 && isUnderWay) BecomeUngated(dependant, at);
    }

    private void Tally(int index, TaskEvent e)
    {
        var stage = _stages[_plan.StageOf(NodeOf(index))];
        if (TaskFates.Of(e) is { } fate) (Counts, stage.Counts) = (Counts.Plus(fate), stage.Counts.Plus(fate));
        if (e is TaskFailed { Allowed: false } failed) Fail(index, failed, stage);
        else if (e is TaskCancelled cancelled)
        {
            _cancelledBy |= 1 << (int)cancelled.Reason;
            if (stage.CancelledBy is null or CancelReason.FailFast) stage.CancelledBy = cancelled.Reason;
        }
    }

    private void Fail(int index, TaskFailed e, StageState stage)
    {
        if (_tasks[index].Parent < 0) RootFailures++;
        if (e.FailedItems is not null) return;   // the items have told
        if (stage.Counts.Failed == 1) (stage.FirstError, stage.FirstErrorKind) = (e.Error, e.Kind);
        Failed.Add(index);
        if (Failed.Count == 1) (FirstError, FirstErrorKind) = ($"Task '{e.Task}' failed: {e.Error}", e.Kind);
    }

    private void ChildClosed(TaskState child, TaskEvent e, Moment at)
    {
        var fanOut = _tasks[child.Parent].FanOut!;
        if (TaskFates.Of(e) is { } fate) fanOut.Counts = fanOut.Counts.Plus(fate);
        if (e is TaskCancelled cancelled) fanOut.CancelledBy = cancelled.Reason;
        else if (e is TaskFailed f && fanOut.Failed == 1) (fanOut.FirstError, fanOut.FirstErrorKind) = ($"'{f.Task}': {f.Error}", f.Kind);
        if (fanOut.Counts.AreComplete) _closable.Enqueue(child.Parent);
        else if (fanOut.Next < fanOut.Count) BecomeUngated(fanOut.First + fanOut.Next++, at);
    }
}

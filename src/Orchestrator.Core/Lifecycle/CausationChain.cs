using System.Runtime.InteropServices;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;

namespace Orchestrator.Core.Lifecycle;

/// <summary>
/// Which event of a run caused which, by seq. A run's events form one tree with <c>workflow.created</c> at its root:
/// created, queued, started, then each stage's start, each task's first attempt and that task's further events; the
/// end of a run is caused by its finalizing, that by the last task or stage to end.
/// </summary>
internal sealed class CausationChain(StagePlan plan)
{
    private readonly Dictionary<TaskId, TaskTrail> _tasks = [];
    private readonly Dictionary<string, StageTrail> _stages = new(StringComparer.Ordinal);
    private long? _lastOfWorkflow;
    private long? _started;
    private long? _cancelRequested;
    private long? _last;

    /// <summary>What is known of a task: looked up once an event, because a stream has millions of them.</summary>
    public TaskTrail TrailOf(TaskId task)
    {
        ref var trail = ref CollectionsMarshal.GetValueRefOrAddDefault(_tasks, task, out _);
        return trail ??= new(plan.IsHandler(task), TrailOf(plan.StageOf(task)));
    }

    /// <param name="e">An event that was not remembered yet.</param>
    /// <param name="trail">Of a task's event, that task's.</param>
    public long? CauseOf(JournalEvent e, TaskTrail? trail) => trail is not null ? CauseOf((TaskEvent)e, trail) : e switch
    {
        StageStarted => _started ?? _lastOfWorkflow,
        StageEvent stage => TrailOf(stage.StageName) is { Started: > 0 } seen ? seen.Last : _started ?? _lastOfWorkflow,
        WorkflowFinalizing => _last,
        WorkflowCreated => null,
        _ => _lastOfWorkflow,
    };

    public void Remember(RecordedEvent recorded, TaskTrail? trail)
    {
        var seq = _last = recorded.Seq;
        if (trail is not null)
        {
            trail.Remember((TaskEvent)recorded.Event, seq.Value);
            return;
        }
        switch (recorded.Event)
        {
            case StageStarted started:
                var stage = TrailOf(started.StageName);
                stage.Started = stage.Last = seq.Value;
                break;
            case StageEvent:
                break;
            case WorkflowStarted:
                _started = _lastOfWorkflow = seq;
                break;
            case WorkflowCancelRequested:
                _cancelRequested = _lastOfWorkflow = seq;
                break;
            default:
                _lastOfWorkflow = seq;
                break;
        }
    }

    private StageTrail TrailOf(string stage)
    {
        ref var trail = ref CollectionsMarshal.GetValueRefOrAddDefault(_stages, stage, out _);
        return trail ??= new(stage);
    }

    private long? CauseOf(TaskEvent e, TaskTrail trail) =>
        e is TaskStarted { Attempt: 1 } ? StageStart(trail) : trail.Last > 0 ? trail.Last : CauseOfFirst(e, trail);

    private long? StageStart(TaskTrail task) => task.IsHandler ? _lastOfWorkflow : task.Stage.Started > 0 ? task.Stage.Started : _started ?? _lastOfWorkflow;

    private long? CauseOfFirst(TaskEvent task, TaskTrail trail) => task switch
    {
        TaskSkipped { BlockedBy: [var blocker, ..] } when TrailOf(blocker) is { Last: > 0 } blocking => blocking.Last,
        TaskCancelled { Reason: CancelReason.RunCancelled or CancelReason.RunTimeout or CancelReason.Superseded } when _cancelRequested is { } seq => seq,
        _ => StageStart(trail),
    };
}

/// <summary>Events of a task so far.</summary>
internal sealed class TaskTrail(bool isHandler, StageTrail stage)
{
    /// <summary>Handlers belong to no stage.</summary>
    public bool IsHandler { get; } = isHandler;

    public StageTrail Stage { get; } = stage;

    /// <summary>Seq of its last event; 0 before the first.</summary>
    public long Last { get; private set; }

    /// <summary>No executor runs its attempts, so they have no span: fan-outs, and waits that a decision alone ends.</summary>
    public bool HasNoAttempt { get; private set; }

    private string? _module;

    /// <summary>The task's module; null for a task that is no child of a fan-out. Asked for once a task has had children.</summary>
    public string? Module(ModuleNames names, TaskId task) => (_module ??= names.Of(task) ?? "") is { Length: > 0 } module ? module : null;

    public void Remember(TaskEvent e, long seq)
    {
        Last = seq;
        if (Stage.Started > 0) Stage.Last = seq;
        if (e is TaskStarted started) HasNoAttempt = !AttemptLedger.HasRunner(started.Executor);
        else if (e is TaskWaiting { WaitsFor: WaitKind.Poll }) HasNoAttempt = false;
    }
}

/// <summary>Events of a stage so far.</summary>
internal sealed class StageTrail(string name)
{
    public string Name { get; } = name;

    /// <summary>Seq of its start; 0 before it.</summary>
    public long Started { get; set; }

    /// <summary>Seq of the last event of one of its tasks since, or of its start.</summary>
    public long Last { get; set; }
}

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
    private readonly Dictionary<TaskId, long> _lastOfTask = [];
    private readonly Dictionary<string, (long Started, long Last)> _stages = new(StringComparer.Ordinal);
    private long? _lastOfWorkflow;
    private long? _started;
    private long? _cancelRequested;
    private long? _last;

    public long? CauseOf(JournalEvent e) => e switch
    {
        TaskStarted { Attempt: 1 } first => StageStart(first.Task),
        TaskEvent task => _lastOfTask.TryGetValue(task.Task, out var seq) ? seq : CauseOfFirst(task),
        StageStarted => _started ?? _lastOfWorkflow,
        StageEvent stage => _stages.TryGetValue(stage.StageName, out var seen) ? seen.Last : _started ?? _lastOfWorkflow,
        WorkflowFinalizing => _last,
        WorkflowEnded => _lastOfWorkflow,
        WorkflowCreated => null,
        _ => _lastOfWorkflow,
    };

    public void Remember(RecordedEvent recorded)
    {
        var seq = recorded.Seq;
        switch (recorded.Event)
        {
            case TaskEvent task:
                _lastOfTask[task.Task] = seq;
                var of = plan.StageOf(task.Task);
                if (_stages.TryGetValue(of, out var stage)) _stages[of] = stage with { Last = seq };
                break;
            case StageStarted started:
                _stages[started.StageName] = (seq, seq);
                break;
            case WorkflowStarted:
                _started = _lastOfWorkflow = seq;
                break;
            case WorkflowCancelRequested:
                _cancelRequested = _lastOfWorkflow = seq;
                break;
            case StageEvent:
                break;
            default:
                _lastOfWorkflow = seq;
                break;
        }
        _last = seq;
    }

    private long? StageStart(TaskId task) => plan.IsHandler(task) ? _lastOfWorkflow :
        _stages.TryGetValue(plan.StageOf(task), out var stage) ? stage.Started : _started ?? _lastOfWorkflow;

    private long? CauseOfFirst(TaskEvent task) => task switch
    {
        TaskSkipped { BlockedBy: [var blocker, ..] } when _lastOfTask.TryGetValue(blocker, out var seq) => seq,
        TaskCancelled { Reason: CancelReason.RunCancelled or CancelReason.RunTimeout or CancelReason.Superseded } when _cancelRequested is { } seq => seq,
        _ => StageStart(task.Task),
    };
}

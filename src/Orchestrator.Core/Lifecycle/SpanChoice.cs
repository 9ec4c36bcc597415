using Orchestrator.Core.Runs;

namespace Orchestrator.Core.Lifecycle;

/// <summary>The span each event of a run belongs to: the run's, a declared stage's, a task's or an attempt's.</summary>
internal sealed class SpanChoice(RunId run, StagePlan plan)
{
    public string TraceId { get; private set; } = run.Hex;

    public void Begin(TraceStamp? inbound) => TraceId = TraceIds.TraceId(run, inbound);

    public TraceReference Of(JournalEvent e) => new(TraceId, e switch
    {
        TaskStarted or TaskRetrying => Attempt((TaskEvent)e),
        TaskEvent task => TraceIds.SpanId(run, TraceIds.Task, task.Task.ToString()),
        StageEvent stage when plan.IsDeclared(stage.StageName) => TraceIds.SpanId(run, TraceIds.Stage, stage.StageName),
        _ => TraceIds.SpanId(run, TraceIds.Run),
    });

    private string Attempt(TaskEvent e) => TraceIds.SpanId(run, TraceIds.Attempt, e.Task.ToString(), e.Attempt);
}

using Orchestrator.Core.Runs;

namespace Orchestrator.Core.Lifecycle;

/// <summary>The span each event of a run belongs to: the run's, a declared stage's, a task's or an attempt's.</summary>
internal sealed class SpanChoice(RunId run, StagePlan plan)
{
    private string? _run;

    public string TraceId { get; private set; } = run.Hex;

    public void Begin(TraceStamp? inbound) => TraceId = TraceIds.TraceId(run, inbound);

    /// <param name="e">The event.</param>
    /// <param name="trail">Of a task's event, that task's.</param>
    public TraceReference Of(JournalEvent e, TaskTrail? trail) => new(TraceId, e switch
    {
        TaskStarted or TaskRetrying when !trail!.HasNoAttempt => Attempt((TaskEvent)e),
        TaskEvent task => TraceIds.SpanId(run, TraceIds.Task, task.Task.ToString()),
        StageEvent stage when plan.IsDeclared(stage.StageName) => TraceIds.SpanId(run, TraceIds.Stage, stage.StageName),
        _ => _run ??= TraceIds.SpanId(run, TraceIds.Run),
    });

    private string Attempt(TaskEvent e) => TraceIds.SpanId(run, TraceIds.Attempt, e.Task.ToString(), e.Attempt);
}

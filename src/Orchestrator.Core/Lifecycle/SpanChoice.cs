using Orchestrator.Core.Runs;

namespace Orchestrator.Core.Lifecycle;

/// <summary>The span each event of a run belongs to: the run's, a declared stage's, a task's or an attempt's.</summary>
internal sealed class SpanChoice(RunId run, StagePlan plan)
{
    private readonly HashSet<Definitions.TaskId> _without = [];

    public string TraceId { get; private set; } = run.Hex;

    public void Begin(TraceStamp? inbound) => TraceId = TraceIds.TraceId(run, inbound);

    public TraceReference Of(JournalEvent e) => new(TraceId, e switch
    {
        TaskStarted started when HasAttempt(started) => Attempt(started),
        TaskRetrying retrying when !_without.Contains(retrying.Task) => Attempt(retrying),
        TaskEvent task => TraceIds.SpanId(run, TraceIds.Task, task.Task.ToString()),
        StageEvent stage when plan.IsDeclared(stage.StageName) => TraceIds.SpanId(run, TraceIds.Stage, stage.StageName),
        _ => TraceIds.SpanId(run, TraceIds.Run),
    });

    // Waits that a decision alone ends, and fan-outs, have no attempt that anybody carries out, and so no span of one.
    private bool HasAttempt(TaskStarted e)
    {
        if (e.Executor is not ("foreach" or "matrix" or "approval" or "wait")) return true;
        _without.Add(e.Task);
        return false;
    }

    private string Attempt(TaskEvent e) => TraceIds.SpanId(run, TraceIds.Attempt, e.Task.ToString(), e.Attempt);
}

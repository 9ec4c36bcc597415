namespace Orchestrator.Core.Runs.View;

/// <summary>One line of `runs`.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Workflow">Name of the workflow.</param>
/// <param name="Status">State of the run.</param>
/// <param name="StartedAt">When a worker began it; null when none did.</param>
/// <param name="DurationMs">As in <see cref="RunView.DurationMs"/>.</param>
/// <param name="Trigger">What asked for it.</param>
/// <param name="TasksDone">Tasks in a terminal state.</param>
/// <param name="TasksTotal">Tasks in the graph.</param>
public sealed record RunRow(
    RunId RunId, string Workflow, RunStatus Status, DateTimeOffset? StartedAt, double DurationMs, TriggerKind Trigger, int TasksDone, int TasksTotal)
{
    /// <summary>As in <see cref="RunView.Damage"/>.</summary>
    public string? Damage { get; init; }

    /// <summary>The row of a view.</summary>
    public static RunRow From(RunView run) =>
        new(run.RunId, run.Workflow, run.Status, run.StartedAt, run.DurationMs, run.Trigger, run.Counts.Terminal, run.Counts.Total) { Damage = run.Damage };

    /// <summary>
    /// The row of a finished run from the ends of its stream, without reading what lies between; null when these are not its
    /// ends: then the whole stream has to be folded. Its start is that of the event: a duration is of the monotonic clock, and says nothing of the wall's.
    /// </summary>
    /// <param name="head">The events from the first to the start, or to the end of a run that never started: the third is usually the start.</param>
    /// <param name="last">The last event.</param>
    public static RunRow? FromEnds(RunId run, IReadOnlyList<RecordedEvent> head, RecordedEvent last)
    {
        if (head.Count == 0 || head[0].Event is not WorkflowCreated created || last.Event is not WorkflowEnded ended) return null;
        var started = head.FirstOrDefault(e => e.Event is WorkflowStarted)?.Time;
        if (started is null && ended.StatusFrom is not (RunStatus.Pending or RunStatus.Queued)) return null;
        return new(run, created.Workflow, ended.StatusTo, started, ended.DurationMs, created.Trigger, ended.Counts.Terminal, ended.Total);
    }
}

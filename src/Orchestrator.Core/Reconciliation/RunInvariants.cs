using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;

namespace Orchestrator.Core.Reconciliation;

/// <summary>
/// What holds for the record of every run, counted anew from its events: seq gapless from 1, begun by <c>workflow.created</c>, at most one terminal
/// event and that the last, nothing of a task after its end, every attempt begun and closed once, and the terminal event's counts those of the tasks.
/// </summary>
public static class RunInvariants
{
    private const string Check = "journal";

    /// <summary>What does not hold; empty when all does. For a run under way its counts are not asked for.</summary>
    /// <param name="run">The run.</param>
    /// <param name="events">All its events, as the journal has them.</param>
    public static IReadOnlyList<Difference> Of(RunId run, IReadOnlyList<RecordedEvent> events)
    {
        var found = new List<Difference>();
        var subject = run.ToString();
        var fates = new Dictionary<TaskId, string>();
        var begun = new HashSet<(TaskId, int)>();
        var closed = new HashSet<(TaskId, int)>();
        var ends = 0;
        for (var i = 0; i < events.Count; i++)
        {
            var (seq, e) = (events[i].Seq, events[i].Event);
            if (seq != i + 1) found.Add(new(Check, subject, $"seq of event {i + 1}", Difference.Number(i + 1), Difference.Number(seq)));
            if (ends > 0) found.Add(new(Check, subject, "events after the terminal one", "none", $"{e.Type} at {seq}"));
            if (e is WorkflowEnded) ends++;
            if (e is TaskEvent task) Follow(task);
        }
        if (events.Count > 0 && events[0].Event is not WorkflowCreated) found.Add(new(Check, subject, "first event", "workflow.created", events[0].Event.Type));
        if (ends > 1) found.Add(new(Check, subject, "terminal events", "1", Difference.Number(ends)));
        if (events.Count > 0 && events[^1].Event is WorkflowEnded end) Counts(end);
        return found;

        void Follow(TaskEvent e)
        {
            if (fates.TryGetValue(e.Task, out var fate)) found.Add(new(Check, subject, $"events of {e.Task} after its end", $"none after {fate}", e.Type));
            if (e is TaskStarted && !begun.Add((e.Task, e.Attempt))) found.Add(new(Check, subject, $"starts of attempt {e.Attempt} of {e.Task}", "1", "more"));
            // A task that waits for its next attempt may be cancelled: its latest attempt is closed already.
            if (e is AttemptClosed { Attempt: > 0 } && !closed.Add((e.Task, e.Attempt)) && e is TaskRetrying) found.Add(new(Check, subject, $"ends of attempt {e.Attempt} of {e.Task}", "1", "more"));
            if (FateOf(e) is { } final) fates[e.Task] = e.Role is null ? final : TaskEvent.Handler;
        }

        void Counts(WorkflowEnded e)
        {
            Same("total", fates.Values.Count(f => f != TaskEvent.Handler), e.Total);
            Same("completed", fates.Values.Count(f => f == "completed"), e.Completed);
            Same("failed", fates.Values.Count(f => f == "failed"), e.Failed);
            Same("failed_allowed", fates.Values.Count(f => f == "failed_allowed"), e.FailedAllowed);
            Same("skipped", fates.Values.Count(f => f == "skipped"), e.Skipped);
            Same("cancelled", fates.Values.Count(f => f == "cancelled"), e.Cancelled);
            foreach (var attempt in begun.Except(closed)) found.Add(new(Check, subject, $"end of attempt {attempt.Item2} of {attempt.Item1}", "1", "none"));
        }

        void Same(string what, int counted, int told)
        {
            if (counted != told) found.Add(new(Check, subject, $"{what} in the terminal event", Difference.Number(counted), Difference.Number(told)));
        }
    }

    private static string? FateOf(TaskEvent e) => e switch
    {
        TaskCompleted => "completed",
        TaskFailed { Allowed: true } => "failed_allowed",
        TaskFailed => "failed",
        TaskSkipped => "skipped",
        TaskCancelled => "cancelled",
        _ => null,
    };
}

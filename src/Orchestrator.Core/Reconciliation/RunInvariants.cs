using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;

namespace Orchestrator.Core.Reconciliation;

/// <summary>
/// What holds for the record of every run, counted from its events: seq gapless from 1, begun by <c>workflow.created</c>, at most one terminal event and
/// that the last, nothing of a task after its end, every attempt begun and ended once and in this order,
/// and the terminal event's counts those of the tasks.
/// </summary>
public static class RunInvariants
{
    private const string Check = "journal";

    /// <summary>What does not hold; empty when all does. Of a run under way the counts and open attempts are not checked.</summary>
    /// <param name="run">The run.</param>
    /// <param name="events">All its events, as the journal has them.</param>
    public static IReadOnlyList<Difference> Of(RunId run, IReadOnlyList<RecordedEvent> events)
    {
        var found = new List<Difference>();
        var fates = new Dictionary<TaskId, TaskFate>();
        var attempts = new AttemptLedger(forgetsEnded: false);
        var counts = new RunCounts();
        var ends = 0;
        for (var i = 0; i < events.Count; i++)
        {
            var (seq, e) = (events[i].Seq, events[i].Event);
            if (seq != i + 1) Tell($"seq of event {i + 1}", Difference.Number(i + 1), Difference.Number(seq));
            if (ends > 0) Tell("events after the terminal one", "none", $"{e.Type} at {seq}");
            if (e is WorkflowEnded) ends++;
            if (e is TaskEvent task) Follow(task, events[i].Time);
        }
        if (events.Count > 0 && events[0].Event is not WorkflowCreated) Tell("first event", "workflow.created", events[0].Event.Type);
        if (ends > 1) Tell("terminal events", "1", Difference.Number(ends));
        if (events.Count > 0 && events[^1].Event is WorkflowEnded end) End(end);
        return found;

        void Tell(string what, string expected, string actual) => found.Add(new(Check, run.ToString(), what, expected, actual));

        void Follow(TaskEvent e, DateTimeOffset at)
        {
            if (fates.TryGetValue(e.Task, out var known)) Tell($"events of {e.Task} after its end", $"none after {Words.Of(known)}", e.Type);
            var move = attempts.Take(e, at).Move;
            var which = $"attempt {e.Attempt} of {e.Task}";
            if (move == AttemptMove.BeginsTwice) Tell($"starts of {which}", "1", "more");
            else if (move == AttemptMove.BeginsTooEarly) Tell($"open attempts of {e.Task} at the start of attempt {e.Attempt}", "none", "1");
            else if (move == AttemptMove.ClosesTwice) Tell($"ends of {which}", "1", "more");
            else if (move == AttemptMove.ClosesUnbegun) Tell($"start of {which}, which has ended", "1", "none");
            if (TaskFates.Of(e) is not { } fate) return;
            if (fates.TryAdd(e.Task, fate) && e.Role is null) counts = counts.Plus(fate);
        }

        void End(WorkflowEnded e)
        {
            // The total is not told by itself anywhere: every task of an ended run has ended.
            foreach (var ((what, told), (_, counted)) in e.Counts.Named.Zip((counts with { Total = counts.Terminal }).Named))
                if (counted != told) Tell($"{what} in the terminal event", Difference.Number(counted), Difference.Number(told));
            foreach (var (task, number) in attempts.Open) Tell($"end of attempt {number} of {task}", "1", "none");
        }
    }
}

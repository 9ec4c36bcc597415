using Orchestrator.Core.Runs;
using Orchestrator.Core.Schedules.Ledger;

namespace Orchestrator.Core.Explanations;

/// <summary>What the next due time of a schedule does that cancels runs, and to which; and whose end an earlier one still waits for.</summary>
internal static class ActionGate
{
    public const string Name = "action";
    private const int MaxFacts = 20;

    public static Gate Of(ExplainedSchedule schedule, ScheduleAction action, bool isPast)
    {
        var open = schedule.OpenOfWorkflow;
        var restarts = action == ScheduleAction.Restart;
        var gate = new Gate(Name, Words.Of(action), Ends(schedule) is null ? open.Count > 0 || restarts ? true : null : false, string.Concat(
            Ends(schedule) is { } ends ? $"{ends} " : "", Next(schedule, restarts), isPast ? " (The action is that of today's definition.)" : ""));
        return gate with { Facts = [.. open.Take(MaxFacts).Select(r => new GateFact(r.Id.ToString(), Words.Of(r.Status)))] };
    }

    /// <summary>Whether an earlier due time still waits for the end of runs it cancels, as a sentence; null: none does.</summary>
    public static string? Ends(ExplainedSchedule schedule)
    {
        if (schedule.State.Stopping.IsEmpty) return null;
        var (due, runs) = schedule.State.Stopping.First();
        var left = runs.Where(r => schedule.OpenOfWorkflow.Any(o => o.Id == r)).Select(r => r.ToString()).ToList();
        return left.Count == 0 ? $"The runs that the due time {Said.Time(due)} cancels have ended; the service has not written that down yet."
            : $"The due time {Said.Time(due)} has asked {Runs(left)} to end; {(left.Count == 1 ? "it has" : "they have")} not ended yet.";
    }

    /// <summary>When the runs of a due time had ended, as the end of a sentence.</summary>
    public static string Ended(ExplainedSchedule schedule, ScheduleStopping stopping) =>
        schedule.Entries.LastOrDefault(e => e.Event is ScheduleStopped s && s.DueAt == stopping.DueAt) is { } ended ? $"; {(stopping.Runs.Length == 1 ? "it" : "they")} had ended at {Said.Time(ended.Time)}" : "";

    private static string Next(ExplainedSchedule schedule, bool restarts)
    {
        if (schedule.NextDue is null) return restarts ? "There is no next due time that would restart anything." : "There is no next due time that would stop anything.";
        var open = schedule.OpenOfWorkflow.Select(r => r.Id.ToString()).ToList();
        if (open.Count == 0) return restarts ? "No run of the workflow is open: the next due time starts one and stops none." : "No run of the workflow is open: as it is now, the next due time stops nothing.";
        return $"The next due time cancels {Runs(open)}{(restarts ? $" and starts a run when {(open.Count == 1 ? "it has" : "they have")} ended" : "")}, if still open then.";
    }

    private static string Runs(List<string> runs) => $"{(runs.Count == 1 ? "run" : "the runs")} {Said.Names(runs)}";
}

using System.Collections.Immutable;
using Orchestrator.Core.Runs;

namespace Orchestrator.Core.Explanations;

/// <summary>Why a schedule started a run, or did not.</summary>
public static class ScheduleExplanation
{
    private static readonly TimeSpan Deciding = TimeSpan.FromSeconds(60);

    /// <summary>Explains a schedule.</summary>
    /// <param name="schedule">The schedule.</param>
    /// <param name="at">The instant.</param>
    /// <param name="isPast">Whether that is past.</param>
    public static Explanation Of(ExplainedSchedule schedule, DateTimeOffset at, bool isPast)
    {
        ImmutableArray<Gate> gates = [.. ScheduleGates.Of(schedule, at, isPast)];
        var (status, why) = Find(schedule, gates, at);
        var next = status is "waiting" or "queued" or "stopping" or "excluded" && schedule.NextDue is { } due ? $" It is next due at {Said.Time(due)}." : "";
        if (next.Length > 0 && gates.FirstOrDefault(g => g.Name == ActionGate.Name) is { } action) next += $" {action.Sentence}";
        return new("schedule", schedule.Key, at, status, $"Schedule {schedule.Key}: {why}{next}") { Gates = gates };
    }

    private static (string Status, string Why) Find(ExplainedSchedule schedule, ImmutableArray<Gate> gates, DateTimeOffset at)
    {
        string Sentence(string name) => gates.First(g => g.Name == name).Sentence;
        bool IsClosed(string name) => gates.Any(g => g.Name == name && g.Passes == false);
        var decided = ScheduleGates.Decided(schedule);
        if (schedule.State.Terms is null)
            return (schedule.Definition is { Enabled: false } ? "disabled" : "not_in_force",
                IsClosed("definition") ? $"{Sentence("definition")} {Sentence("in_force")}" : IsClosed("service") ? $"{Sentence("in_force")} {Sentence("service")}" : Sentence("in_force"));
        if (IsClosed("maintenance")) return ("paused", $"{Sentence("maintenance")}{(IsClosed("pause") ? $" {Sentence("pause")}" : "")}{(decided is null ? "" : $" {decided}")}");
        if (IsClosed("pause")) return ("paused", $"{Sentence("pause")}{(decided is null ? "" : $" {decided}")}");
        if (IsClosed("calendar")) return ("excluded", Sentence("calendar"));
        if (schedule.LastDue is { } due && decided is null)
        {
            if (IsClosed("service")) return ("missed", $"It was due at {Said.Time(due)} and has started no run. {Sentence("service")}");
            return at - due > Deciding ? ("overdue", Sentence("decision")) : ("deciding", Sentence("decision"));
        }
        var refused = IsClosed("dispatch") ? $" {Sentence("dispatch")}" : "";
        var status = schedule.Decision?.Event is ScheduleQueued ? "queued" : !schedule.State.Stopping.IsEmpty ? "stopping" : schedule.NextDue is null && schedule.Times is { IsAtStart: false } ? "over" : "waiting";
        var down = IsClosed("service") ? $" {Sentence("service")}" : "";
        if (IsClosed("definition")) down = $" {Sentence("definition")}{down}";
        return (status, (decided ?? (status == "over" ? "It is never due again." : "It has not been due yet.")) + refused + down);
    }
}

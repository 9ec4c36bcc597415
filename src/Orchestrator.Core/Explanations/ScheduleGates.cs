using System.Globalization;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Schedules.Deadlines;
using Orchestrator.Core.Schedules.Ledger;

namespace Orchestrator.Core.Explanations;

/// <summary>
/// What decides whether a schedule starts a run: in force, a service, a pause, the rule, its calendars, catch-up, overlap, and what was decided.
/// </summary>
internal static class ScheduleGates
{
    private const int MaxHolders = 20;

    public static IEnumerable<Gate> Of(ExplainedSchedule schedule, DateTimeOffset at, bool isPast)
    {
        if (!isPast) yield return Definition(schedule);
        yield return Enabled(schedule);
        yield return new("service", schedule.IsServed switch { true => "up", false => "down", _ => null }, schedule.IsServed, schedule.Service);
        yield return Maintenance(schedule);
        yield return Pause(schedule);
        if (schedule.Terms is not null)
        {
            yield return Rule(schedule, at);
            if (Limits(schedule, at) is { } limits) yield return limits;
            if (Calendar(schedule) is { } calendar) yield return calendar;
        }
        if (schedule.Definition is { } definition)
        {
            yield return CatchUp(schedule, definition.Catchup, isPast);
            yield return definition.Action == ScheduleAction.Start ? Overlap(schedule, definition.Overlap, isPast) : ActionGate.Of(schedule, definition.Action, isPast);
        }
        if (schedule.Definition?.ExpectedBy is { } expected) yield return Expected(schedule, expected, at);
        if (schedule.LastDue is { } due)
        {
            yield return Decision(schedule, due, at);
            if (schedule.Decision?.Event is ScheduleStarts starts) yield return Dispatch(schedule, starts);
        }
    }

    /// <summary>What was decided about the latest due time, as a sentence; null: nothing yet.</summary>
    public static string? Decided(ExplainedSchedule schedule)
    {
        if (schedule.Decision is not { } decision) return null;
        var at = Said.Time(decision.Time);
        return decision.Event switch
        {
            ScheduleFired e => $"The due time {Said.Time(e.DueAt)} started run {e.RunId}.",
            ScheduleLate e => $"The due time {Said.Time(e.DueAt)} started run {e.RunId} late, at {at}.",
            ScheduleCaughtUp e => $"The due time {Said.Time(e.DueAt)} was missed and caught up at {at} as run {e.RunId}.",
            ScheduleBlocked e => $"The due time {Said.Time(e.DueAt)} started no run: run {e.By} of the schedule was still open (overlap skip).",
            ScheduleStopping { Runs: [] } e => $"The due time {Said.Time(e.DueAt)} did nothing: no run of the workflow was open (action stop).",
            ScheduleStopping e => $"The due time {Said.Time(e.DueAt)} stopped {Said.Names([.. e.Runs.Select(r => r.ToString())])} (action stop){ActionGate.Ended(schedule, e)}.",
            ScheduleQueued { Stops: { } stops } e => $"The due time {Said.Time(e.DueAt)} stops {Said.Names([.. stops.Select(r => r.ToString())])} and starts a run after their end (action restart).",
            ScheduleQueued e => $"The due time {Said.Time(e.DueAt)} waits until run {e.By} of the schedule has ended (overlap queue).",
            ScheduleSkipped { Until: { } until, Count: { } count } e => $"{Said.Count(count, "due time")} from {Said.Time(e.DueAt)} to {Said.Time(until)} started no run: {Because(schedule, e.Reason)} Decided at {at}.",
            ScheduleSkipped e => $"The due time {Said.Time(e.DueAt)} started no run: {Because(schedule, e.Reason)} Decided at {at}.",
            _ => null,
        };
    }

    private static Gate Definition(ExplainedSchedule schedule) => schedule switch
    {
        { Problem: { } problem } => new("definition", "broken", false, $"Its definition cannot be used: {Said.Ended(problem)}"),
        { Definition: null } => new("definition", "none", false, "No definition has this schedule now."),
        { Definition.Enabled: false } => new("definition", "disabled", false, "Its definition has `enabled: false`."),
        _ => new("definition", "enabled", true, "Its definition is enabled."),
    };

    private static Gate Enabled(ExplainedSchedule schedule)
    {
        if (schedule.Terms is not null || schedule.State.Terms is not null)
            return new("in_force", "true", true, $"It has been in force since {Said.Time(schedule.State.InForceFrom!.Value)}.");
        return schedule.LastChange is { Event: ScheduleUpdated { Change: ScheduleChange.Disabled or ScheduleChange.Removed } change }
            ? new("in_force", "false", false, $"It has not been in force since {Said.Time(change.From)}: it was {Words.Of(change.Change)}.")
            : new("in_force", "false", false, "It was never in force: no service has read its definition.");
    }

    private static Gate Pause(ExplainedSchedule schedule)
    {
        if (schedule.State.PausedAt is not { } since) return new("pause", "none", true, "It is not paused.");
        var pause = schedule.LastPause;
        return new("pause", Said.Time(since), false, $"It has been paused since {Said.Time(since)}{(pause is null ? "" : $" by {pause.Actor}")}{(pause?.Reason is { } why ? $": {Said.Ended(Said.Short(why))}" : ".")}");
    }

    private static Gate Maintenance(ExplainedSchedule schedule)
    {
        if (schedule.Maintenance.Pause is not { } pause) return new("maintenance", "none", true, "Schedules are not paused as a whole.");
        var until = pause.Until is { } end ? $" until {Said.Time(end)}" : "";
        return new("maintenance", Said.Time(pause.At), false, $"All schedules have been paused since {Said.Time(pause.At)} by {pause.Actor}{until}{(pause.Reason is { } why ? $": {Said.Ended(Said.Short(why))}" : ".")}");
    }

    private static Gate Rule(ExplainedSchedule schedule, DateTimeOffset at)
    {
        var terms = schedule.Terms!;
        var text = terms.Cron ?? (terms.Every is { } every ? $"every {DurationText.Format(every)}" : terms.Rrule ?? string.Join(", ", terms.At));
        if (schedule.Times is null) return new("rule", text, false, $"The due times of '{Said.Short(text)}' in {terms.Timezone} cannot be computed here.");
        if (schedule.Times.IsAtStart) return new("rule", text, null, "It is due when the service starts.");
        var last = schedule.LastDue is { } due ? $"It was last due at {Said.Time(due)}" : "It has not been due yet";
        return schedule.NextDue is { } next
            ? new("rule", text, true, $"'{Said.Short(text)}' in {terms.Timezone}. {last}; next at {Said.Time(next)}, in {Said.Span(next - at)}.")
            : new("rule", text, false, $"'{Said.Short(text)}' in {terms.Timezone}. {last}; it is never due again.");
    }

    private static Gate? Limits(ExplainedSchedule schedule, DateTimeOffset at)
    {
        var terms = schedule.Terms!;
        if (terms.Start is null && terms.End is null) return null;
        var value = $"{terms.Start ?? "..."} to {terms.End ?? "..."}";
        var isOver = schedule.NextDue is null && terms.End is not null;
        var isBefore = schedule.LastDue is null && terms.Start is not null && schedule.NextDue > at;
        return new("start_and_end", value, !isOver && !isBefore,
            isOver ? $"Nothing is due after its end {terms.End}." : isBefore ? $"Nothing is due before its start {terms.Start}." : $"It is between its start and end ({value}).");
    }

    private static Gate? Calendar(ExplainedSchedule schedule)
    {
        var terms = schedule.Terms!;
        if (terms.Exclude.IsEmpty && terms.Only.IsEmpty) return null;
        var taken = schedule.LastWithoutCalendars is { } last && !(schedule.LastDue >= last) ? last : (DateTimeOffset?)null;
        var next = schedule.NextWithoutCalendars is { } coming && schedule.NextDue != coming ? coming : (DateTimeOffset?)null;
        if (taken is { } at) return new("calendar", Taking(schedule, at), false, $"It was not due at {Said.Time(at)}: {Taking(schedule, at)} excludes that day.");
        return new("calendar", next is { } later ? Taking(schedule, later) : Names(schedule), true, next is { } away
            ? $"The latest due time is not excluded; {Said.Time(away)} will be, by {Taking(schedule, away)}." : "Its calendars exclude no due time now.");
    }

    private static string Names(ExplainedSchedule schedule) =>
        schedule.Definition is { } d && d.Exclude.Length + d.Only.Length > 0 ? Said.Names([.. d.Exclude, .. d.Only]) : "calendars";

    // The definition has the names, the terms in force have the days; they belong together by their order while there are as many of them.
    private static string Taking(ExplainedSchedule schedule, DateTimeOffset due)
    {
        var (terms, definition) = (schedule.Terms!, schedule.Definition);
        for (var i = 0; i < terms.Exclude.Length; i++)
            if (schedule.TakesAway(terms with { Exclude = [terms.Exclude[i]], Only = [] }, due))
                return definition?.Exclude.Length == terms.Exclude.Length ? $"the excluded calendar '{definition.Exclude[i]}'" : "an excluded calendar";
        return definition is { Only: { Length: > 0 } only } ? $"`only` ({Said.Names(only)})" : "`only`";
    }

    private static Gate CatchUp(ExplainedSchedule schedule, CatchUpRule rule, bool isPast)
    {
        var value = rule.Policy == CatchUpPolicy.None ? "none" : string.Create(CultureInfo.InvariantCulture, $"{Words.Of(rule.Policy)}, window {(rule.Window is { } w ? DurationText.Format(w) : "none")}, max {rule.Max}");
        var missed = schedule.Decision?.Event is ScheduleSkipped { Reason: SkipReasons.Misfire or SkipReasons.Window or SkipReasons.Max } skipped ? skipped : null;
        return new("catch_up", value, missed is null ? null : false, missed is not null ? $"The latest due time was missed and not caught up. {Today(isPast)}".TrimEnd()
            : schedule.Decision?.Event is ScheduleCaughtUp ? "The latest due time was missed and caught up." : "The latest due time was not missed.");
    }

    private static Gate Overlap(ExplainedSchedule schedule, OverlapRule rule, bool isPast)
    {
        var holders = schedule.Open.Take(MaxHolders).Select(r => new GateFact(r.Id.ToString(), Words.Of(r.Status)));
        var value = Words.Of(rule);
        if (schedule.Open.Count == 0) return new("overlap", value, true, "No run of the schedule is open.");
        var open = $"{Said.Count(schedule.Open.Count, "run")} of the schedule {(schedule.Open.Count == 1 ? "is" : "are")} open ({Said.Names([.. schedule.Open.Select(o => o.Id.ToString())])})";
        var gate = rule switch
        {
            OverlapRule.Allow => new Gate("overlap", value, true, $"{open}; the next run starts alongside."),
            OverlapRule.Replace => new("overlap", value, true, $"{open}; the next due time cancels it."),
            OverlapRule.Queue => new("overlap", value, false, $"{open}; the next due time waits for its end. {Today(isPast)}".TrimEnd()),
            _ => new("overlap", value, false, $"{open}; the next due time passes without a run. {Today(isPast)}".TrimEnd()),
        };
        return gate with { Facts = [.. holders] };
    }

    private static Gate Expected(ExplainedSchedule schedule, DeadlineRule rule, DateTimeOffset at)
    {
        var told = schedule.Entries.LastOrDefault(e => e.Time <= at && e.Event is ScheduleOverdue { Reason: OverdueReason.NotCompleted });
        return told is { Event: ScheduleOverdue missed }
            ? new("expected_by", rule.ToString(), !(missed.DueAt >= schedule.LastDue), $"No run had completed for the due time {Said.Time(missed.DueAt)} by {Said.Time(missed.Deadline ?? told.Time)} (found: {missed.Found ?? "nothing"}).")
            : new("expected_by", rule.ToString(), true, $"No deadline was missed; a run is expected to complete by {rule}{(rule.After is null ? "" : " after its due time")}.");
    }

    private static Gate Decision(ExplainedSchedule schedule, DateTimeOffset due, DateTimeOffset at)
    {
        if (schedule.Decision is { } decision)
            return new("decision", decision.Event.Type, decision.Event is ScheduleStarts, Decided(schedule)!)
            {
                Facts = schedule.State.Queued.Count == 0 ? [] : [.. schedule.State.Queued.Keys.Take(MaxHolders).Select(q => new GateFact("queued", Said.Time(q)))],
            };
        var yet = schedule.Maintenance.Pause?.At <= due ? "is decided when the pause of all schedules ends" : "nothing is decided about it yet";
        return new("decision", "none", false, $"It was due at {Said.Time(due)}, {Said.Span(at - due)} ago, and {yet}.");
    }

    private static Gate Dispatch(ExplainedSchedule schedule, ScheduleStarts starts) => schedule.SettledBy(starts.DueAt) switch
    {
        ScheduleDispatched => new("dispatch", starts.RunId.ToString(), true, $"Run {starts.RunId} was accepted."),
        ScheduleFailed failed => new("dispatch", starts.RunId.ToString(), false, $"Run {starts.RunId} was refused: {Said.Ended(Said.Short(failed.Error))}"),
        _ => new("dispatch", starts.RunId.ToString(), false, $"Run {starts.RunId} is not accepted yet: the service submits it until it is."),
    };

    private static string Because(ExplainedSchedule schedule, string reason) => reason switch
    {
        SkipReasons.Misfire => "missed while the service was down, the machine slept or its clock was set, and the schedule does not catch up.",
        SkipReasons.Superseded => "a later due time replaced it.",
        SkipReasons.Window => $"missed before the catch-up window{(schedule.Definition?.Catchup.Window is { } window ? $" of {DurationText.Format(window)}" : "")}.",
        SkipReasons.Max => "missed, and the catch-up has reached its maximum.",
        SkipReasons.Paused => "the schedule was paused.",
        SkipReasons.Maintenance => "all schedules were paused.",
        SkipReasons.Disabled => "it was still waiting when the schedule was disabled or removed.",
        SkipReasons.Backlog => "too many due times wait for their runs to be accepted.",
        _ => $"{reason}.",
    };

    private static string Today(bool isPast) => isPast ? "(The policy is that of today's definition.)" : "";
}

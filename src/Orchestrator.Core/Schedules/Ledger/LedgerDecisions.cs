using System.Collections.Immutable;
using Orchestrator.Core.Runs;

namespace Orchestrator.Core.Schedules.Ledger;

/// <summary>The rules of a schedule's ledger: what an input means, given what is known. Pure and total.</summary>
public static class LedgerDecisions
{
    /// <summary>A due time decided at most so long after it was due is on time.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(60);

    /// <summary>A ledger further ahead of the clock than this was written by a clock that was wrong.</summary>
    public static readonly TimeSpan MaxAhead = TimeSpan.FromMinutes(1);

    /// <summary>The actor of what a ledger does by itself.</summary>
    public const string Self = "orchestrator";

    /// <summary>Entries after which the terms are written down again.</summary>
    public const int RestateAfter = 1000;

    /// <summary>The entries that an input leads to, in order; to be appended in one batch.</summary>
    /// <remarks>Where the terms in force cannot be computed any more, nothing is due by them, and a change goes on from now.</remarks>
    /// <param name="state">What is known.</param>
    /// <param name="input">What happened.</param>
    /// <param name="context">Time, due times, policy, open runs.</param>
    public static IReadOnlyList<RecordedEvent> Decide(LedgerState state, LedgerInput input, LedgerContext context)
    {
        if (input is LedgerInput.Open { Times: var times } open && state.Terms == open.Terms.ToText()) context = context with { Times = times };
        var turn = new LedgerTurn(state, context);
        switch (input)
        {
            case LedgerInput.Accepted e: Settle(turn, e.Run, null); break;
            case LedgerInput.Refused e: Settle(turn, e.Run, e.Error); break;
            case LedgerInput.Overdue e when turn.State.OverdueTold != e.DueAt:
                turn.Add(new ScheduleOverdue(context.ScheduleId, context.Workflow, e.DueAt));
                break;
            case LedgerInput.DeadlinePassed e when !(turn.State.DeadlineTold >= e.DueAt):
                turn.Add(new ScheduleOverdue(context.ScheduleId, context.Workflow, e.DueAt) { Reason = OverdueReason.NotCompleted, Deadline = e.Deadline, RunId = e.Run, Found = e.Found });
                break;
            case LedgerInput.Overdue or LedgerInput.DeadlinePassed: break;
            default: Advance(turn, input, context); break;
        }
        return turn.Events;
    }

    private static void Advance(LedgerTurn turn, LedgerInput input, LedgerContext context)
    {
        turn.EndStops();
        if (turn.State.Through - context.Now > MaxAhead) Rearm(turn, context);
        if (turn.State.Pause?.Until is { } end && end <= context.Now) EndPause(turn, context, end);
        switch (input)
        {
            case LedgerInput.Open e: Open(turn, e, context); break;
            case LedgerInput.Close e: Close(turn, e, context); break;
            case LedgerInput.Pause e when turn.State.Pause is { } pause && pause.Reason == e.Reason && pause.Until == e.Until: break;
            case LedgerInput.Pause e:
                DueTimes.Decide(turn, context, context.Policy.CatchUp);
                turn.Add(new SchedulePaused(context.ScheduleId, context.Workflow, e.Actor) { Reason = e.Reason, Until = e.Until });
                break;
            case LedgerInput.Resume e when turn.State.PausedAt is not null:
                turn.Add(new ScheduleResumed(context.ScheduleId, context.Workflow, e.Actor) { Reason = e.Reason });
                DueTimes.Decide(turn, context with { AwakeSince = context.Now }, context.Policy.CatchUp, SkipReasons.Paused);
                break;
            case LedgerInput.ServiceStarted
                when context.Times is { IsAtStart: true } && turn.State is { Terms: not null, PausedAt: null } && !(turn.State.Through > context.Now):
                if (context.IsHeld) turn.Skip(context.Now, SkipReasons.Maintenance);
                else turn.Start(context.Now, missed: false);
                break;
            default: DueTimes.Decide(turn, context, context.Policy.CatchUp); break;
        }
        if (turn.State.Terms is { } terms && turn.State.Version - turn.State.StatedAt > RestateAfter)
        {
            turn.Add(turn.Updated(ScheduleChange.Restated, turn.State.InForceFrom ?? context.Now) with
            {
                Terms = terms,
                ZoneVersion = context.Times?.ZoneVersion,
                NextDueAt = turn.State.NextDueAt,
                Through = turn.State.Through,
                PausedAt = turn.State.Pause?.At,
                PausedBy = turn.State.Pause?.Actor,
                PauseReason = turn.State.Pause?.Reason,
                PausedUntil = turn.State.Pause?.Until,
                Open =
                [
                    .. turn.State.Pending.Values.Select(p => new OpenDueTime(p.DueAt, p.RunId, null)),
                    .. turn.State.Queued.Select(q => new OpenDueTime(q.Key, null, q.Value) { Stops = StopsOf(turn.State, q.Key) }),
                    .. turn.State.Stopping.Keys.Where(due => !turn.State.Queued.ContainsKey(due)).Select(due => new OpenDueTime(due, null, null) { Stops = StopsOf(turn.State, due) }),
                ],
            });
        }
    }

    private static ImmutableArray<RunId>? StopsOf(LedgerState state, DateTimeOffset due) => state.Stopping.TryGetValue(due, out var runs) ? runs : null;

    // What was due in the pause is decided by it, however late that is; what was due after it is decided as always.
    private static void EndPause(LedgerTurn turn, LedgerContext context, DateTimeOffset end)
    {
        turn.Add(new ScheduleResumed(context.ScheduleId, context.Workflow, Self) { Reason = "the pause is over" });
        DueTimes.Decide(turn, context with { AwakeSince = end }, context.Policy.CatchUp, SkipReasons.Paused, end.AddTicks(-1));
    }

    private static void Open(LedgerTurn turn, LedgerInput.Open e, LedgerContext context)
    {
        var terms = e.Terms.ToText();
        if (turn.State.Terms == terms)
        {
            DueTimes.Decide(turn, context, context.Policy.CatchUp);
            return;
        }
        // What was due until now is decided by the terms that held; a change makes up for nothing.
        var change = turn.State.Terms is null ? ScheduleChange.Enabled : ScheduleChange.Changed;
        if (change == ScheduleChange.Changed) DueTimes.DecideAll(turn, context);
        var from = turn.State.Through > context.Now ? turn.State.Through.Value : context.Now;
        var updated = turn.Updated(change, from) with { Terms = terms, ZoneVersion = e.Times.ZoneVersion };
        turn.Add(updated with { NextDueAt = DueTimes.NextUndecided(turn.Preview(updated), e.Times, from) });
    }

    private static void Close(LedgerTurn turn, LedgerInput.Close e, LedgerContext context)
    {
        if (turn.State.Terms is null) return;
        DueTimes.DecideAll(turn, context);
        foreach (var due in turn.State.Queued.Keys) turn.Skip(due, SkipReasons.Disabled);
        turn.Add(turn.Updated(e.IsRemoved ? ScheduleChange.Removed : ScheduleChange.Disabled, context.Now));
    }

    private static void Rearm(LedgerTurn turn, LedgerContext context)
    {
        var ahead = turn.State.Through;
        var rearmed = turn.Updated(ScheduleChange.Rearmed, context.Now) with { Ahead = ahead, Terms = turn.State.Terms, ZoneVersion = context.Times?.ZoneVersion };
        // What was started stays started, so what is waited for depends on what the entry makes of the state.
        var after = turn.Preview(rearmed);
        turn.Add(rearmed with { NextDueAt = turn.State.Terms is null ? null : DueTimes.NextUndecided(after, context.Times, context.Now) });
    }

    private static void Settle(LedgerTurn turn, RunId run, string? error)
    {
        foreach (var pending in turn.State.Pending.Values)
        {
            if (pending.RunId != run) continue;
            turn.Add(error is null
                ? new ScheduleDispatched(turn.Context.ScheduleId, turn.Context.Workflow, pending.DueAt, run)
                : new ScheduleFailed(turn.Context.ScheduleId, turn.Context.Workflow, pending.DueAt, run, error));
            return;
        }
    }
}

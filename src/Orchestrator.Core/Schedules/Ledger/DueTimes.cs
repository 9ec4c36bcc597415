using Orchestrator.Core.Schedules.Rules;

namespace Orchestrator.Core.Schedules.Ledger;

/// <summary>Decides the due times that have come since the last decision.</summary>
internal static class DueTimes
{
    // A turn is bounded: what is left is decided in the next, which is due at once.
    private const int MaxPerTurn = 100_000;

    /// <summary>The first due time after an instant that was not started by a clock that was ahead.</summary>
    public static DateTimeOffset? NextUndecided(LedgerState state, ScheduleTimes? times, DateTimeOffset after)
    {
        var due = times?.Next(after);
        while (due is { } at && state.WasStarted(at)) due = times!.Next(at);
        return due;
    }

    /// <summary>Decides all that is due by the terms in force, those of a paused schedule too. A change follows: nothing is made up for.</summary>
    public static void DecideAll(LedgerTurn turn, LedgerContext context)
    {
        if (turn.State.PausedAt is not null) SkipRange(turn, Due(turn.State, context, context.Now, out _), SkipReasons.Paused);
        else
        {
            Decide(turn, context, CatchUpRule.None);
            // What is due while all are paused waits for its end, which this schedule will not see.
            if (context.IsHeld) SkipRange(turn, Due(turn.State, context, context.Now, out _), SkipReasons.Maintenance);
        }
    }

    /// <param name="reason">Why those pass that are not caught up.</param>
    /// <param name="end">Those after it are not decided; null: all up to now are.</param>
    public static void Decide(LedgerTurn turn, LedgerContext context, CatchUpRule catchUp, string reason = SkipReasons.Misfire, DateTimeOffset? end = null)
    {
        if (turn.State.Terms is null || turn.State.PausedAt is not null) return;
        var last = Earlier(end ?? context.Now, context.Until ?? context.Now);
        foreach (var window in context.Maintenance)
        {
            if (window.To <= turn.State.Through) continue;
            DecideUpTo(turn, context, catchUp, reason, Earlier(window.From.AddTicks(-1), last));
            if (window.To is not { } over) return;
            DecideUpTo(turn, context with { AwakeSince = over }, catchUp, SkipReasons.Maintenance, Earlier(over.AddTicks(-1), last));
        }
        DecideUpTo(turn, context, catchUp, reason, last);
    }

    private static DateTimeOffset Earlier(DateTimeOffset a, DateTimeOffset b) => b < a ? b : a;

    private static void DecideUpTo(LedgerTurn turn, LedgerContext context, CatchUpRule catchUp, string reason, DateTimeOffset end)
    {
        if (!context.IsHeld) turn.Release();
        var due = Due(turn.State, context, end, out var more);
        var live = more ? due.Count : due.FindIndex(d => d >= context.AwakeSince);
        if (live < 0) live = due.Count;
        // The latest is decided in time when it is not old, whatever happened before it.
        if (live == due.Count && due.Count > 0 && !more && reason == SkipReasons.Misfire && Age(context, due[^1]) <= LedgerDecisions.Grace) live--;

        var starts = Missed(turn, due[..live], context, catchUp, reason, hasLive: live < due.Count);
        starts.AddRange(due[live..].Select(d => (d, false)));
        for (var i = 0; i < starts.Count; i++)
        {
            // Of several at once only the last would not be replaced.
            if (context.Policy is { Overlap: OverlapRule.Replace } or { Action: not ScheduleAction.Start } && i < starts.Count - 1) turn.Skip(starts[i].Due, SkipReasons.Superseded);
            else turn.Start(starts[i].Due, starts[i].Missed);
        }
    }

    private static List<DateTimeOffset> Due(LedgerState state, LedgerContext context, DateTimeOffset end, out bool more)
    {
        var due = new List<DateTimeOffset>();
        more = false;
        if (state.Through is not { } through || context.Times is not { } times) return due;
        for (var next = NextUndecided(state, times, through); next is { } at && at <= end && at + times.DelayOf(at) <= end; next = NextUndecided(state, times, at))
        {
            if (due.Count == MaxPerTurn)
            {
                more = true;
                break;
            }
            due.Add(at);
        }
        return due;
    }

    private static List<(DateTimeOffset Due, bool Missed)> Missed(
        LedgerTurn turn, List<DateTimeOffset> missed, LedgerContext context, CatchUpRule rule, string reason, bool hasLive)
    {
        if (rule.Policy == CatchUpPolicy.None)
        {
            SkipRange(turn, missed, reason);
            return [];
        }
        var old = rule.Window is { } window ? missed.FindIndex(d => d >= context.Now - window) : 0;
        if (old < 0) old = missed.Count;
        SkipRange(turn, missed[..old], SkipReasons.Window);
        // The latest of all may be one that is in time: then it stands for those before it.
        var kept = rule.Policy == CatchUpPolicy.All ? Math.Max(rule.Max, 0) : hasLive ? 0 : 1;
        var over = Math.Max(old, missed.Count - kept);
        SkipRange(turn, missed[old..over], rule.Policy == CatchUpPolicy.All ? SkipReasons.Max : SkipReasons.Superseded);
        return [.. missed[over..].Select(d => (d, true))];
    }

    private static void SkipRange(LedgerTurn turn, List<DateTimeOffset> due, string reason)
    {
        if (due.Count == 1) turn.Skip(due[0], reason);
        else if (due.Count > 1) turn.Skip(due[0], reason, due[^1], due.Count);
    }

    private static TimeSpan Age(LedgerContext context, DateTimeOffset due) => context.Now - due - (context.Times?.DelayOf(due) ?? TimeSpan.Zero);
}

using System.Collections.Immutable;
using Orchestrator.Core.Runs;

namespace Orchestrator.Core.Schedules.Ledger;

/// <summary>The entries one input leads to, folded onto the state as they are decided.</summary>
internal sealed class LedgerTurn(LedgerState state, LedgerContext context)
    : EventTurn<LedgerState>(StreamId.Schedule(context.Workflow, context.ScheduleId), state, state.Version, static (s, e) => s.Apply(e), context.Now)
{
    // Beyond it runs are not accepted for so long that more of them help nobody.
    private const int MaxPending = 1000;

    public LedgerContext Context => context;

    public ScheduleUpdated Updated(ScheduleChange change, DateTimeOffset from) => new(context.ScheduleId, context.Workflow, change, from);

    /// <summary>A due time passes without a run, or a range of them.</summary>
    public void Skip(DateTimeOffset due, string reason, DateTimeOffset? until = null, int? count = null) =>
        Add(new ScheduleSkipped(context.ScheduleId, context.Workflow, due, reason)
        {
            Until = until, Count = count, NextDueAt = State.Queued.ContainsKey(due) ? State.NextDueAt : NextAfter(until ?? due),
        });

    /// <summary>A due time is to start its run: what the overlap rule makes of it.</summary>
    public void Start(DateTimeOffset due, bool missed)
    {
        var open = OpenRuns();
        if (State.Pending.Count >= MaxPending || State.Queued.Count >= MaxPending && context.Policy.Overlap == OverlapRule.Queue) Skip(due, SkipReasons.Backlog);
        else if (context.Policy.Overlap == OverlapRule.Skip && open.Length > 0)
            Add(new ScheduleBlocked(context.ScheduleId, context.Workflow, due, open[0]) { NextDueAt = NextAfter(due) });
        else if (context.Policy.Overlap == OverlapRule.Queue && (open.Length > 0 || !State.Queued.IsEmpty))
            Add(new ScheduleQueued(context.ScheduleId, context.Workflow, due, open.Length > 0 ? open[0] : default) { Missed = missed, NextDueAt = NextAfter(due) });
        else Begin(due, missed, context.Policy.Overlap == OverlapRule.Replace && open.Length > 0 ? open : null);
    }

    /// <summary>Due times that waited start as soon as no run is open.</summary>
    public void Release()
    {
        while (!State.Queued.IsEmpty && (context.Policy.Overlap != OverlapRule.Queue || OpenRuns().Length == 0))
            Begin(State.Queued.First().Key, State.Queued.First().Value, null);
    }

    private void Begin(DateTimeOffset due, bool missed, ImmutableArray<RunId>? replaces)
    {
        var run = RunId.ForSchedule(context.Installation(), context.Key, due);
        var next = State.Queued.ContainsKey(due) ? State.NextDueAt : NextAfter(due);
        var age = context.Now - due - (context.Times?.DelayOf(due) ?? TimeSpan.Zero);
        ScheduleStarts entry = missed ? new ScheduleCaughtUp(context.ScheduleId, context.Workflow, due, run, next)
            : age <= LedgerDecisions.Grace ? new ScheduleFired(context.ScheduleId, context.Workflow, due, run, next)
            : new ScheduleLate(context.ScheduleId, context.Workflow, due, run, next);
        Add(replaces is null ? entry : entry with { Replaces = replaces });
    }

    // Runs that are not accepted yet count: they will be.
    private ImmutableArray<RunId> OpenRuns() =>
        context.Policy.Overlap == OverlapRule.Allow ? [] : [.. context.Open.Concat(State.Pending.Values.Select(p => p.RunId)).Distinct()];

    private DateTimeOffset? NextAfter(DateTimeOffset due) => DueTimes.NextUndecided(State, context.Times, due);
}

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
        if (context.Policy.Action == ScheduleAction.Stop) Add(new ScheduleStopping(context.ScheduleId, context.Workflow, due, open) { NextDueAt = NextAfter(due) });
        else if (context.Policy.Action == ScheduleAction.Restart) Restart(due, missed, open);
        else if (State.Pending.Count >= MaxPending || State.Queued.Count >= MaxPending && context.Policy.Overlap == OverlapRule.Queue) Skip(due, SkipReasons.Backlog);
        else if (context.Policy.Overlap == OverlapRule.Skip && open.Length > 0)
            Add(new ScheduleBlocked(context.ScheduleId, context.Workflow, due, open[0]) { NextDueAt = NextAfter(due) });
        else if (context.Policy.Overlap == OverlapRule.Queue && (open.Length > 0 || !State.Queued.IsEmpty))
            Add(new ScheduleQueued(context.ScheduleId, context.Workflow, due, open.Length > 0 ? open[0] : default) { Missed = missed, NextDueAt = NextAfter(due) });
        else Begin(due, missed, context.Policy.Overlap == OverlapRule.Replace && open.Length > 0 ? open : null);
    }

    /// <summary>Due times that waited start as soon as no run is open, or none of those that they cancel.</summary>
    public void Release()
    {
        while (!State.Queued.IsEmpty && MayStart(State.Queued.First().Key)) Begin(State.Queued.First().Key, State.Queued.First().Value, null);
    }

    /// <summary>Due times that cancel runs and start none are done with once those have ended.</summary>
    public void EndStops()
    {
        foreach (var (due, runs) in State.Stopping)
            if (!State.Queued.ContainsKey(due) && !runs.Any(IsOpen)) Add(new ScheduleStopped(context.ScheduleId, context.Workflow, due, runs));
    }

    // One that still waits is replaced: one new run is enough.
    private void Restart(DateTimeOffset due, bool missed, ImmutableArray<RunId> open)
    {
        foreach (var waiting in State.Queued.Keys) Skip(waiting, SkipReasons.Superseded);
        if (open.IsEmpty) Begin(due, missed, null);
        else Add(new ScheduleQueued(context.ScheduleId, context.Workflow, due, open[0]) { Missed = missed, Stops = open, NextDueAt = NextAfter(due) });
    }

    private bool MayStart(DateTimeOffset due) =>
        State.Stopping.TryGetValue(due, out var runs) ? !runs.Any(IsOpen) : context.Policy.Overlap != OverlapRule.Queue || OpenRuns().Length == 0;

    private bool IsOpen(RunId run) => context.Open.Contains(run) || State.Pending.Values.Any(p => p.RunId == run);

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
        context.Policy is { Overlap: OverlapRule.Allow, Action: ScheduleAction.Start } ? [] : [.. context.Open.Concat(State.Pending.Values.Select(p => p.RunId)).Distinct()];

    private DateTimeOffset? NextAfter(DateTimeOffset due) => DueTimes.NextUndecided(State, context.Times, due);
}

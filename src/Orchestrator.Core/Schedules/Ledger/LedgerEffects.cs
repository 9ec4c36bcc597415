using System.Collections.Immutable;
using Orchestrator.Core.Runs;

namespace Orchestrator.Core.Schedules.Ledger;

/// <summary>Something to be done for a schedule.</summary>
public abstract record LedgerEffect
{
    private LedgerEffect() { }

    /// <summary>Ring when this due time comes; every earlier alarm of the schedule is void.</summary>
    /// <param name="DueAt">The due time, or the end of a pause; null: ring for none.</param>
    public sealed record Arm(DateTimeOffset? DueAt) : LedgerEffect;

    /// <summary>Submit a run, after those it replaces were asked to stop. Harmless when it is repeated.</summary>
    public sealed record Submit(PendingRun Run) : LedgerEffect;

    /// <summary>Ask runs to stop, and look again when they have ended. Harmless when it is repeated.</summary>
    /// <param name="DueAt">The due time that does.</param>
    /// <param name="Runs">The runs.</param>
    public sealed record Stop(DateTimeOffset DueAt, ImmutableArray<RunId> Runs) : LedgerEffect;

    /// <summary>Look again when an open run of the schedule ends.</summary>
    public sealed record Watch : LedgerEffect;
}

/// <summary>
/// What follows from entries. <see cref="After"/> is incremental and used live; <see cref="From"/> says the same from state alone and is used at
/// the start, however long ago the entries were written.
/// </summary>
public static class LedgerEffects
{
    /// <summary>The effects of entries just folded onto a state.</summary>
    public static List<LedgerEffect> After(LedgerState state, IReadOnlyList<RecordedEvent> entries)
    {
        var effects = new List<LedgerEffect>();
        var (arms, waits) = (false, false);
        foreach (var entry in entries)
        {
            arms |= entry.Event is ScheduleStarts or ScheduleSkipped or ScheduleBlocked or ScheduleQueued or ScheduleStopping or ScheduleUpdated or SchedulePaused or ScheduleResumed;
            waits |= entry.Event is ScheduleQueued;
            if (entry.Event is ScheduleStarts starts && state.Pending.GetValueOrDefault(starts.DueAt) is { } run && run.Seq == entry.Seq)
                effects.Add(new LedgerEffect.Submit(run));
            if (StopsAt(entry.Event) is { } due && state.Stopping.TryGetValue(due, out var runs)) effects.Add(new LedgerEffect.Stop(due, runs));
        }
        if (arms) effects.Insert(0, new LedgerEffect.Arm(state.WaitsFor));
        if (waits && !state.Queued.IsEmpty) effects.Add(new LedgerEffect.Watch());
        return effects;
    }

    private static DateTimeOffset? StopsAt(JournalEvent entry) => entry switch { ScheduleStopping e => e.DueAt, ScheduleQueued { Stops: not null } e => e.DueAt, _ => null };

    /// <summary>All outstanding effects of a state.</summary>
    public static List<LedgerEffect> From(LedgerState state)
    {
        var effects = new List<LedgerEffect> { new LedgerEffect.Arm(state.WaitsFor) };
        effects.AddRange(state.Pending.Values.Select(run => new LedgerEffect.Submit(run)));
        effects.AddRange(state.Stopping.Select(s => new LedgerEffect.Stop(s.Key, s.Value)));
        if (!state.Queued.IsEmpty) effects.Add(new LedgerEffect.Watch());
        return effects;
    }
}

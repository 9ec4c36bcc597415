using System.Collections.Immutable;
using Orchestrator.Core.Runs;

namespace Orchestrator.Core.Schedules.Ledger;

/// <summary>A due time whose run is not known to be accepted.</summary>
/// <param name="DueAt">The due time.</param>
/// <param name="RunId">Its run.</param>
/// <param name="Seq">Seq of the entry that starts it: the run's cause.</param>
public sealed record PendingRun(DateTimeOffset DueAt, RunId RunId, long Seq)
{
    /// <summary>Runs to cancel first.</summary>
    public ImmutableArray<RunId> Replaces { get; init; } = [];

    /// <summary>Who asked for it; null: nobody did, it was due.</summary>
    public string? Actor { get; init; }
}

/// <summary>A pause of a schedule.</summary>
/// <param name="At">Since when.</param>
/// <param name="Actor">Who paused it; empty where that is not known any more.</param>
/// <param name="Reason">Why.</param>
/// <param name="Until">When it resumes by itself; null: when somebody resumes it.</param>
public sealed record SchedulePause(DateTimeOffset At, string Actor, string? Reason, DateTimeOffset? Until);

/// <summary>A due time that started a run.</summary>
/// <param name="DueAt">The due time.</param>
/// <param name="RunId">Its run.</param>
public sealed record StartedRun(DateTimeOffset DueAt, RunId RunId);

/// <summary>A schedule's ledger as its entries tell it: the fold of its stream. Never changes; <see cref="Apply"/> gives the next.</summary>
public sealed record LedgerState
{
    // How much of what was started is remembered, to know it again when a clock that was ahead is set right.
    private const int MaxSpans = 100;

    /// <summary>A ledger before its first entry.</summary>
    public static LedgerState Empty { get; } = new();

    /// <summary>Seq of the last entry.</summary>
    public long Version { get; private init; }

    /// <summary>The terms in force, as text; null: none are.</summary>
    public string? Terms { get; private init; }

    /// <summary>The schedule, <c>workflow/id</c>, once it has an entry.</summary>
    public string? Key { get; private init; }

    /// <summary>From when on they are in force.</summary>
    public DateTimeOffset? InForceFrom { get; private init; }

    /// <summary>Every due time up to and including it is decided: the low-water mark. It outlives the entries that retention removes.</summary>
    public DateTimeOffset? Through { get; private init; }

    /// <summary>The due time that is waited for; null: there is none.</summary>
    public DateTimeOffset? NextDueAt { get; private init; }

    /// <summary>The pause it is in; null: it is not paused.</summary>
    public SchedulePause? Pause { get; private init; }

    /// <summary>Since when it is paused; null: it is not.</summary>
    public DateTimeOffset? PausedAt => Pause?.At;

    /// <summary>When something is to be decided next: the next due time, or the end of a pause; null: nothing is.</summary>
    public DateTimeOffset? WaitsFor => Terms is null ? null : Pause is { } pause ? pause.Until : NextDueAt;

    /// <summary>The due time that was last started, and its run; null: none is known.</summary>
    public StartedRun? LastStart { get; private init; }

    /// <summary>Seq of the last entry that has the terms.</summary>
    public long StatedAt { get; private init; }

    /// <summary>The due time that was last told to be overdue.</summary>
    public DateTimeOffset? OverdueTold { get; private init; }

    /// <summary>The due time whose missed deadline was told last.</summary>
    public DateTimeOffset? DeadlineTold { get; private init; }

    /// <summary>Runs that are not known to be accepted, by due time.</summary>
    public ImmutableSortedDictionary<DateTimeOffset, PendingRun> Pending { get; private init; } = ImmutableSortedDictionary<DateTimeOffset, PendingRun>.Empty;

    /// <summary>Due times that wait for open runs, and whether they were missed.</summary>
    public ImmutableSortedDictionary<DateTimeOffset, bool> Queued { get; private init; } = ImmutableSortedDictionary<DateTimeOffset, bool>.Empty;

    /// <summary>Due times that cancel runs which have not ended, and those runs. One that is also queued starts its run after them.</summary>
    public ImmutableSortedDictionary<DateTimeOffset, ImmutableArray<RunId>> Stopping { get; private init; } = ImmutableSortedDictionary<DateTimeOffset, ImmutableArray<RunId>>.Empty;

    /// <summary>Due times beyond <see cref="Through"/> that were started by a clock that was ahead, as spans.</summary>
    public ImmutableArray<(DateTimeOffset From, DateTimeOffset To)> Ahead { get; private init; } = [];

    // Spans of due times of these terms that all started, and whether the next due time would go on with the last.
    private ImmutableList<(DateTimeOffset From, DateTimeOffset To)> Started { get; init; } = [];

    private string? StartedBy { get; init; }

    private bool GoesOn { get; init; }

    // Entries of versions that wrote no dispatch: only the last can lack its run.
    private bool TellsDispatch { get; init; }

    /// <summary>Whether a due time beyond <see cref="Through"/> was started before.</summary>
    public bool WasStarted(DateTimeOffset due) => Ahead.Any(span => due >= span.From && due <= span.To);

    /// <summary>The state after one more entry.</summary>
    public LedgerState Apply(RecordedEvent recorded)
    {
        if (recorded.Event is not ScheduleEvent e) return this with { Version = recorded.Seq };
        var next = this with { Version = recorded.Seq, Key = Key ?? $"{e.Workflow}/{e.ScheduleId}" };
        return e switch
        {
            ScheduleStarts s => next.Start(s),
            ScheduleSkipped s => next.Decided(s.DueAt, s.Until ?? s.DueAt, s.NextDueAt),
            ScheduleBlocked b => next.Decided(b.DueAt, b.DueAt, b.NextDueAt),
            ScheduleQueued q => next.Decided(q.DueAt, q.DueAt, q.NextDueAt) with { Queued = next.Queued.SetItem(q.DueAt, q.Missed), Stopping = next.With(q.DueAt, q.Stops) },
            ScheduleStopping s => next.Decided(s.DueAt, s.DueAt, s.NextDueAt) with { Stopping = next.With(s.DueAt, s.Runs) },
            ScheduleStopped s => next with { Stopping = next.Stopping.Remove(s.DueAt) },
            ScheduleDispatched d => next.Settle(d.DueAt, d.RunId),
            ScheduleFailed f => next.Settle(f.DueAt, f.RunId),
            ScheduleUpdated u => next.Update(u),
            SchedulePaused p => next with { Pause = new(next.PausedAt ?? recorded.Time, p.Actor, p.Reason, p.Until) },
            ScheduleResumed => next with { Pause = null },
            ScheduleOverdue { Reason: OverdueReason.NotCompleted } o => next with { DeadlineTold = o.DueAt },
            ScheduleOverdue o => next with { OverdueTold = o.DueAt },
            _ => next,
        };
    }

    private LedgerState Start(ScheduleStarts e)
    {
        var waited = Queued.ContainsKey(e.DueAt);
        var started = waited || !GoesOn || NextDueAt != e.DueAt ? Started.Add((e.DueAt, e.DueAt)) : Started.SetItem(Started.Count - 1, (Started[^1].From, e.DueAt));
        return Decided(e.DueAt, e.DueAt, e.NextDueAt) with
        {
            Pending = (TellsDispatch ? Pending : Pending.Clear()).SetItem(e.DueAt, new(e.DueAt, e.RunId, Version) { Replaces = e.Replaces ?? [] }),
            Started = started.Count > MaxSpans ? started.RemoveAt(0) : started,
            LastStart = new(e.DueAt, e.RunId),
            GoesOn = !waited,
        };
    }

    private ImmutableSortedDictionary<DateTimeOffset, ImmutableArray<RunId>> With(DateTimeOffset due, ImmutableArray<RunId>? runs) => runs is { IsDefaultOrEmpty: false } some ? Stopping.SetItem(due, some) : Stopping;

    private LedgerState Decided(DateTimeOffset from, DateTimeOffset to, DateTimeOffset? next)
    {
        if (Queued.ContainsKey(from)) return this with { Queued = Queued.Remove(from), Stopping = Stopping.Remove(from), GoesOn = false };
        var through = Later(to);
        return this with { Through = through, NextDueAt = next, GoesOn = false, Ahead = Ahead.IsEmpty ? Ahead : [.. Ahead.Where(span => span.To > through)] };
    }

    private LedgerState Settle(DateTimeOffset due, RunId run)
    {
        var told = this with { TellsDispatch = true };
        return Pending.TryGetValue(due, out var pending) && pending.RunId == run ? told with { Pending = Pending.Remove(due) } : told;
    }

    private LedgerState Update(ScheduleUpdated e)
    {
        var stated = this with { TellsDispatch = true, StatedAt = Version, GoesOn = false };
        var open = e.Open.IsDefault ? [] : e.Open;   // an entry that was read has none where nothing was open
        switch (e.Change)
        {
            case ScheduleChange.Restated:
                return Terms is not null ? stated : stated with
                {
                    // The first that is left of a long stream.
                    Terms = e.Terms, StartedBy = e.Terms, InForceFrom = e.From, Through = e.Through ?? e.From, NextDueAt = e.NextDueAt,
                    Pause = e.PausedAt is { } since ? new(since, e.PausedBy ?? "", e.PauseReason, e.PausedUntil) : null,
                    Pending = open.Where(d => d.RunId is not null).ToImmutableSortedDictionary(d => d.DueAt, d => new PendingRun(d.DueAt, d.RunId!.Value, Version)),
                    Queued = open.Where(d => d is { RunId: null, Stops: null } or { RunId: null, Missed: not null }).ToImmutableSortedDictionary(d => d.DueAt, d => d.Missed ?? false),
                    Stopping = open.Where(d => d.Stops is not null).ToImmutableSortedDictionary(d => d.DueAt, d => d.Stops!.Value),
                };
            case ScheduleChange.Rearmed:
                return stated with
                {
                    Through = e.From,
                    NextDueAt = e.NextDueAt,
                    Ahead = [.. Started.Where(span => span.To > e.From)],
                    Queued = Queued.RemoveRange(Queued.Keys.Where(due => due > e.From)),
                    Stopping = Stopping.RemoveRange(Queued.Keys.Where(due => due > e.From)),
                };
            case ScheduleChange.Disabled or ScheduleChange.Removed:
                return stated with { Terms = null, InForceFrom = null, Through = Later(e.From), NextDueAt = null };
            default:
                return stated.Under(e.Terms) with { InForceFrom = e.From, Through = Later(e.From), NextDueAt = e.NextDueAt };
        }
    }

    // Of a span of other terms only its ends are known to be due times that started: what is between may be due by these and may not have been by those.
    private LedgerState Under(string? terms)
    {
        if (terms == StartedBy) return this with { Terms = terms };
        return this with
        {
            Terms = terms, StartedBy = terms,
            Ahead = [.. Ahead.SelectMany(Ends)],
            Started = [.. Started.SelectMany(Ends).TakeLast(MaxSpans)],
        };
    }

    private static IEnumerable<(DateTimeOffset, DateTimeOffset)> Ends((DateTimeOffset From, DateTimeOffset To) span) =>
        span.From == span.To ? [span] : [(span.From, span.From), (span.To, span.To)];

    private DateTimeOffset Later(DateTimeOffset at) => Through > at ? Through.Value : at;
}

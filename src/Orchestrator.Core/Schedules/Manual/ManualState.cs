using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Schedules.Ledger;

namespace Orchestrator.Core.Schedules.Manual;

/// <summary>What a request for a run has come to.</summary>
[JsonConverter(typeof(WordJson<ManualFate>))]
public enum ManualFate
{
    /// <summary>It was taken down and nothing was decided yet.</summary>
    Requested,
    /// <summary>It waits for an open run of the schedule.</summary>
    Queued,
    /// <summary>Its run starts.</summary>
    Started,
    /// <summary>Its run was accepted.</summary>
    Dispatched,
    /// <summary>An open run was in the way.</summary>
    Blocked,
    /// <summary>Its run was refused.</summary>
    Failed,
}

/// <summary>A request for a run.</summary>
/// <param name="RequestId">What it is known by.</param>
/// <param name="At">The instant of the request.</param>
/// <param name="RunId">Its run.</param>
/// <param name="Actor">Who asked.</param>
/// <param name="Fate">What it has come to.</param>
public sealed record ManualRun(string RequestId, DateTimeOffset At, RunId RunId, string Actor, ManualFate Fate)
{
    /// <summary>The run it waits for, or that was in the way.</summary>
    public RunId? By { get; init; }

    /// <summary>Why its run was refused.</summary>
    public string? Error { get; init; }
}

/// <summary>The runs of a schedule that somebody asked for, as their stream tells them. Never changes; <see cref="Apply"/> gives the next.</summary>
public sealed record ManualState
{
    /// <summary>So many requests are known again by their id.</summary>
    public const int MaxKnown = 10_000;

    /// <summary>Before the first request.</summary>
    public static ManualState Empty { get; } = new();

    /// <summary>Seq of the last event.</summary>
    public long Version { get; private init; }

    /// <summary>The latest request's instant.</summary>
    public DateTimeOffset? LastAt { get; private init; }

    /// <summary>Requests by their id, the latest of them.</summary>
    public ImmutableDictionary<string, ManualRun> Known { get; private init; } = ImmutableDictionary.Create<string, ManualRun>(StringComparer.Ordinal);

    /// <summary>Runs that are not known to be accepted, by the instant of their request.</summary>
    public ImmutableSortedDictionary<DateTimeOffset, PendingRun> Pending { get; private init; } = ImmutableSortedDictionary<DateTimeOffset, PendingRun>.Empty;

    /// <summary>Requests that wait for open runs, by their instant.</summary>
    public ImmutableSortedDictionary<DateTimeOffset, string> Queued { get; private init; } = ImmutableSortedDictionary<DateTimeOffset, string>.Empty;

    private ImmutableSortedDictionary<DateTimeOffset, string> ByTime { get; init; } = ImmutableSortedDictionary<DateTimeOffset, string>.Empty;

    /// <summary>The state after one more event.</summary>
    public ManualState Apply(RecordedEvent recorded)
    {
        var next = this with { Version = recorded.Seq };
        return recorded.Event switch
        {
            ScheduleRunRequested e => next.Request(e),
            ScheduleRunStarted e => next.With(e.At, r => r with { Fate = ManualFate.Started, By = null }) with
            {
                Queued = Queued.Remove(e.At),
                Pending = Pending.SetItem(e.At, new(e.At, e.RunId, recorded.Seq) { Replaces = e.Replaces ?? [], Actor = Find(e.At)?.Actor }),
            },
            ScheduleQueued e => next.With(e.DueAt, r => r with { Fate = ManualFate.Queued, By = e.By }) with { Queued = Find(e.DueAt) is { } run ? Queued.SetItem(e.DueAt, run.RequestId) : Queued },
            ScheduleBlocked e => next.With(e.DueAt, r => r with { Fate = ManualFate.Blocked, By = e.By }),
            ScheduleDispatched e => next.With(e.DueAt, r => r with { Fate = ManualFate.Dispatched }) with { Pending = Pending.Remove(e.DueAt) },
            ScheduleFailed e => next.With(e.DueAt, r => r with { Fate = ManualFate.Failed, Error = e.Error }) with { Pending = Pending.Remove(e.DueAt) },
            _ => next,
        };
    }

    private ManualState Request(ScheduleRunRequested e)
    {
        var (known, byTime) = (Known.SetItem(e.RequestId, new(e.RequestId, e.At, e.RunId, e.Actor, ManualFate.Requested)), ByTime.SetItem(e.At, e.RequestId));
        if (byTime.Count > MaxKnown)
        {
            var oldest = byTime.First();
            (known, byTime) = (known.Remove(oldest.Value), byTime.Remove(oldest.Key));
        }
        return this with { LastAt = e.At, Known = known, ByTime = byTime };
    }

    private ManualRun? Find(DateTimeOffset at) => ByTime.TryGetValue(at, out var id) ? Known.GetValueOrDefault(id) : null;

    private ManualState With(DateTimeOffset at, Func<ManualRun, ManualRun> change) => Find(at) is { } run ? this with { Known = Known.SetItem(run.RequestId, change(run)) } : this;
}

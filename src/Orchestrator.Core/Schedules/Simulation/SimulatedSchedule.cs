using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Schedules.Ledger;
using Orchestrator.Core.Schedules.Rules;

namespace Orchestrator.Core.Schedules.Simulation;

/// <summary>A schedule whose due times are played through.</summary>
/// <param name="Workflow">Name of the workflow.</param>
/// <param name="Schedule">Id of the schedule.</param>
/// <param name="Times">Its due times.</param>
public sealed record SimulatedSchedule(string Workflow, string Schedule, ScheduleTimes Times)
{
    /// <summary>What a due time does that finds an earlier run open.</summary>
    public OverlapRule Overlap { get; init; }

    /// <summary>What a due time does.</summary>
    public ScheduleAction Action { get; init; }

    /// <summary>How long a run is expected to take; null: nothing is known.</summary>
    public TimeSpan? Expected { get; init; }

    /// <summary>Nothing starts before it: the end of a pause, or the end of time where that has no end. Null: it is not paused.</summary>
    public DateTimeOffset? PausedUntil { get; init; }

    /// <summary>Since when its open runs are open, oldest first.</summary>
    public ImmutableArray<DateTimeOffset> Open { get; init; } = [];

    /// <summary>What a run takes of each limit while it goes on, at the least: <c>runs</c> 1, <c>slots</c> 1, a pool 1.</summary>
    public ImmutableSortedDictionary<string, int> Takes { get; init; } = ImmutableSortedDictionary<string, int>.Empty;

    /// <summary>The concurrency group of its runs; null: none.</summary>
    public SimulatedGroup? Group { get; init; }

    /// <summary>Which of several waiting runs goes first.</summary>
    public RunPriority Priority { get; init; }

    /// <summary>Which goes first within a priority: the smaller.</summary>
    public int Rank { get; init; }

    /// <summary>What the clocks of its zone do to its due times; null: nothing.</summary>
    public ClockEffects? Clocks { get; init; }
}

/// <summary>A concurrency group as runs of a schedule are in it.</summary>
/// <param name="NameAt">Its name for a due time; null: none.</param>
/// <param name="Most">Runs of the group that may have started at once.</param>
/// <param name="OnConflict">What a run does that finds it full.</param>
public sealed record SimulatedGroup(Func<DateTimeOffset, string?> NameAt, int Most, OnConflict OnConflict);

/// <summary>What becomes of a due time.</summary>
[JsonConverter(typeof(WordJson<SimulatedOutcome>))]
public enum SimulatedOutcome
{
    /// <summary>Its run starts.</summary>
    Starts,
    /// <summary>It passes: an earlier run of the schedule is open.</summary>
    Skipped,
    /// <summary>Its run starts when the earlier ones have ended.</summary>
    Queued,
    /// <summary>Its run starts, and the earlier ones are cancelled.</summary>
    Replaces,
    /// <summary>It cancels the open runs of its workflow.</summary>
    Stops,
    /// <summary>It cancels the open runs of its workflow and starts one.</summary>
    Restarts,
    /// <summary>Its concurrency group is full, so that its run ends at once.</summary>
    Superseded,
    /// <summary>It is due in a pause.</summary>
    Paused,
    /// <summary>The clocks leave it out.</summary>
    LeftOut,
}

/// <summary>A due time and what is expected to become of it.</summary>
/// <param name="Workflow">Name of the workflow.</param>
/// <param name="Schedule">Id of the schedule.</param>
/// <param name="DueAt">The due time, UTC.</param>
/// <param name="Outcome">What becomes of it.</param>
public sealed record SimulatedDue(string Workflow, string Schedule, DateTimeOffset DueAt, SimulatedOutcome Outcome)
{
    /// <summary>When its run is accepted and could start if there were room; null: it has none.</summary>
    public DateTimeOffset? ReadyAt { get; init; }

    /// <summary>When its run starts; null: it has none, or never has what it takes.</summary>
    public DateTimeOffset? StartsAt { get; init; }

    /// <summary>When its run ends; null: it has none, or its length is not known.</summary>
    public DateTimeOffset? EndsAt { get; init; }

    /// <summary>The due time, or the start, of the earlier run that is open then; null: none is.</summary>
    public DateTimeOffset? Earlier { get; init; }

    /// <summary>Whether the length of the earlier run is not known: the outcome is that of one that has ended, and may be another.</summary>
    public bool MayOverlap { get; init; }

    /// <summary>A later due time, of this schedule or one that stops runs, or a run of its concurrency group cancels its run then; null: none does.</summary>
    public DateTimeOffset? ReplacedAt { get; init; }

    /// <summary>What the clocks of the zone do to it.</summary>
    public ClockEffect Clock { get; init; }

    /// <summary>Limits of which more is asked for than there is when its run is accepted.</summary>
    public ImmutableArray<string> Exceeds { get; init; } = [];

    /// <summary>Of those, what its run lacks then, so that it waits.</summary>
    public ImmutableArray<string> Lacks { get; init; } = [];
}

/// <summary>A time in which runs wait since more is asked for than there is.</summary>
/// <param name="Limit">The limit, or <c>group NAME</c> of a concurrency group.</param>
/// <param name="Size">How much there is.</param>
/// <param name="From">Since when.</param>
/// <param name="To">Until when, as far as lengths are known; the end of time: nothing ends it.</param>
/// <param name="Most">The most that is asked for.</param>
public sealed record SimulatedShortage(string Limit, int Size, DateTimeOffset From, DateTimeOffset To, int Most);

/// <summary>Due times to come and what is expected to become of them.</summary>
/// <param name="Due">The due times, in their order.</param>
/// <param name="Shortages">Times in which limits are too small, by start.</param>
/// <param name="HasMore">Whether there are more due times in the range than were played through.</param>
public sealed record SimulationResult(ImmutableArray<SimulatedDue> Due, ImmutableArray<SimulatedShortage> Shortages, bool HasMore);

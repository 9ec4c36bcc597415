using Orchestrator.Core.Schedules.Simulation;

namespace Orchestrator.Engine.Queries;

/// <summary>A due time to come and what is expected to become of it.</summary>
internal sealed record SimulatedRow
{
    public required string Workflow { get; init; }

    public required string Schedule { get; init; }

    public required DateTimeOffset DueAt { get; init; }

    /// <summary>The same as the zone's clocks show it, with their offset.</summary>
    public required string Local { get; init; }

    public required string Timezone { get; init; }

    public required SimulatedOutcome Outcome { get; init; }

    /// <summary>When its run starts; null: it has none.</summary>
    public DateTimeOffset? StartsAt { get; init; }

    /// <summary>When its run ends; null: it has none, or its length is not known.</summary>
    public DateTimeOffset? EndsAt { get; init; }

    /// <summary>How long its run is expected to take, in milliseconds; null: nothing is known.</summary>
    public double? ExpectedMs { get; init; }

    /// <summary>The due time, or the start, of the earlier run that is open then, or may be.</summary>
    public DateTimeOffset? EarlierAt { get; init; }

    /// <summary>Whether it is unknown if the earlier run has ended by then.</summary>
    public bool MayOverlap { get; init; }

    /// <summary>When a later due time cancels its run.</summary>
    public DateTimeOffset? ReplacedAt { get; init; }

    /// <summary>What the clocks do to it.</summary>
    public required ClockEffect Clock { get; init; }

    /// <summary>How far the zone's clocks are set on that day, in minutes; null: they are not.</summary>
    public int? ClockChange { get; init; }

    /// <summary>Limits of which more is asked for than there is when its run is accepted.</summary>
    public required IReadOnlyList<string> Exceeds { get; init; }

    /// <summary>Of those, what its run waits for.</summary>
    public required IReadOnlyList<string> WaitsFor { get; init; }

    /// <summary>How long it waits for them, in milliseconds; null: it does not wait, or never starts.</summary>
    public double? WaitsMs { get; init; }
}

/// <summary>A time in which more is asked for than a limit has.</summary>
internal sealed record ShortageRow(string Limit, int Size, int Most, DateTimeOffset From, DateTimeOffset To);

/// <summary>The due times of a range and what is expected to become of them.</summary>
/// <param name="From">Due times after it.</param>
/// <param name="To">Due times up to it.</param>
/// <param name="DueTimes">The due times, in their order.</param>
/// <param name="HasMore">Whether there are more in the range.</param>
/// <param name="Shortages">Times in which limits are too small.</param>
/// <param name="Unknown">Schedules whose runs have no known length.</param>
/// <param name="Alone">Whether other schedules are left out of the shortages, since there are too many due times of them.</param>
internal sealed record SimulationPage(
    DateTimeOffset From, DateTimeOffset To, IReadOnlyList<SimulatedRow> DueTimes, bool HasMore, IReadOnlyList<ShortageRow> Shortages, IReadOnlyList<string> Unknown, bool Alone);

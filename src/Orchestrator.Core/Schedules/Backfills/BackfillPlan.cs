using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Runs;

namespace Orchestrator.Core.Schedules.Backfills;

/// <summary>What a backfill is to do, checked: its items in the order of execution, and what their runs have in common.</summary>
public sealed record BackfillPlan
{
    /// <summary>A backfill has at most so many items.</summary>
    public const int MaxItems = 10_000;

    /// <summary>At most so many of its runs are open at the same time.</summary>
    public const int MaxParallelism = 100;

    /// <summary>Name of the workflow.</summary>
    public required string Workflow { get; init; }

    /// <summary>Due times or dates, in the order of execution.</summary>
    public required BackfillItems Items { get; init; }

    /// <summary>Which items come first.</summary>
    public BackfillOrder Order { get; init; }

    /// <summary>At most so many of its runs are open at the same time.</summary>
    public int Parallelism { get; init; } = 1;

    /// <summary>The schedule whose due times are the items; null: they are dates.</summary>
    public string? ScheduleId { get; init; }

    /// <summary>The parameter that the items are values of; null: they are due times.</summary>
    public string? Param { get; init; }

    /// <summary>SHA-256 of the stored definition that all runs have.</summary>
    public string? DefinitionVersion { get; init; }

    /// <summary>Folder that relative paths of the definition start from.</summary>
    public string? BaseDir { get; init; }

    /// <summary>Parameter values, over those of the schedule.</summary>
    public ImmutableSortedDictionary<string, JsonElement> Params { get; init; } = ImmutableSortedDictionary<string, JsonElement>.Empty;

    /// <summary>Who asks.</summary>
    public required string Actor { get; init; }

    /// <summary>Why.</summary>
    public string? Reason { get; init; }

    /// <summary>The caller's correlation id.</summary>
    public string? CorrelationId { get; init; }

    /// <summary>The caller's trace context.</summary>
    public TraceStamp? Trace { get; init; }
}

/// <summary>The items of a range.</summary>
/// <param name="Keys">Due times (UTC) or dates, in order.</param>
/// <param name="From">Begin of the range, as it was asked for.</param>
/// <param name="To">End of the range, as it was asked for.</param>
/// <param name="StepDays">Days between two dates; null: they are due times.</param>
public sealed record BackfillItems(ImmutableArray<string> Keys, string From, string To, int? StepDays)
{
    /// <summary>The same in the order of execution.</summary>
    public BackfillItems In(BackfillOrder order) => order == BackfillOrder.Newest ? this with { Keys = [.. Keys.Reverse()] } : this;
}

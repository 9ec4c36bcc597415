using System.Text.Json;
using Orchestrator.Core;
using Orchestrator.Core.Runs;

namespace Orchestrator.Engine.Backfills;

/// <summary>A request for runs of a workflow for the due times of one of its schedules, or for the values of a date parameter.</summary>
public sealed record BackfillRequest
{
    /// <summary>The schedule; null: the workflow's only one, or none where <see cref="Param"/> is given.</summary>
    public string? Schedule { get; init; }

    /// <summary>The date parameter; null: due times of a schedule.</summary>
    public string? Param { get; init; }

    /// <summary>Begin of the range.</summary>
    public required string From { get; init; }

    /// <summary>End of the range, included.</summary>
    public required string To { get; init; }

    /// <summary>Time between two dates; null: a day.</summary>
    public TimeSpan? Step { get; init; }

    /// <summary>Which items come first.</summary>
    public BackfillOrder Order { get; init; }

    /// <summary>At most this many runs are open at the same time.</summary>
    public int Parallelism { get; init; } = 1;

    /// <summary>Parameter values, over those of the schedule.</summary>
    public IReadOnlyDictionary<string, JsonElement> Params { get; init; } = new Dictionary<string, JsonElement>();

    /// <summary>Who asks.</summary>
    public required string Actor { get; init; }

    /// <summary>Why.</summary>
    public string? Reason { get; init; }

    /// <summary>The caller's correlation id.</summary>
    public string? CorrelationId { get; init; }

    /// <summary>The caller's trace context.</summary>
    public TraceStamp? Trace { get; init; }
}

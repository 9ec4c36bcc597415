using System.Collections.Immutable;
using Orchestrator.Core.Runs;

namespace Orchestrator.Core.Statistics.Compatibility;

/// <summary>A run that another runner executed, as its logs tell it. What they do not say is null.</summary>
/// <param name="Key">What tells it from other imported runs: its id, else name and start.</param>
/// <param name="DagRunId">Its id in those logs.</param>
/// <param name="Name">Name of the DAG; empty: not known.</param>
public sealed record ImportedRun(string Key, string? DagRunId, string Name)
{
    /// <summary>
    /// Its id here: its own where that is one that this program gave it, else a UUID that is derived from <see cref="Key"/> and begins with its start.
    /// </summary>
    public RunId Id => RunId.TryParse(DagRunId, out var own) && own.Value.Version is 7 or 8
        ? own : RunId.ForImport(Key, StartedAt ?? EndedAt ?? DateTimeOffset.UnixEpoch);

    /// <summary>Its tenant.</summary>
    public string? Tenant { get; init; }

    /// <summary>The schedule that started it.</summary>
    public string? ScheduleId { get; init; }

    /// <summary>completed or failed; null: its end is not in the logs.</summary>
    public RunStatus? Status { get; init; }

    /// <summary>When it began.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When it ended.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>
    /// The logs have no end of the run: the end is that of the task that failed, after which those runners stop.
    /// </summary>
    public bool IsEndInferred { get; init; }

    /// <summary>Milliseconds.</summary>
    public double? DurationMs { get; init; }

    /// <summary>Tasks of the DAG.</summary>
    public int? TasksTotal { get; init; }

    /// <summary>Tasks that succeeded.</summary>
    public int? TasksOk { get; init; }

    /// <summary>Tasks that failed.</summary>
    public int? TasksFailed { get; init; }

    /// <summary>The last error of its tasks or of its schedule's job.</summary>
    public string? Error { get; init; }

    /// <summary>Its tasks in the order of their first events; at most <see cref="ImportedRuns.MaxTasks"/>.</summary>
    public ImmutableArray<DagTask> Tasks { get; init; } = [];
}

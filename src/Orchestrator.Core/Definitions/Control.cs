using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Orchestrator.Core.Definitions;

/// <summary>Runs of one group, of this workflow and others, exclude each other.</summary>
/// <param name="Group">Its name; may hold expressions over <c>params</c> and <c>schedule</c>.</param>
public sealed record ConcurrencyDefinition(string Group)
{
    /// <summary>Runs of the group that may have started at once.</summary>
    public int Max { get; init; } = 1;

    /// <summary>What a run does that finds the group full.</summary>
    public OnConflict OnConflict { get; init; }
}

/// <summary>What a run does that finds its concurrency group full.</summary>
[JsonConverter(typeof(WordJson<OnConflict>))]
public enum OnConflict
{
    /// <summary>It waits (the default).</summary>
    Queue,
    /// <summary>It ends as cancelled, superseded by the run that is there.</summary>
    Skip,
    /// <summary>The oldest run of the group is cancelled as superseded; the new one starts when it has ended.</summary>
    CancelRunning,
}

/// <summary>Which waiting run goes first; within a level tenants take turns, then the smaller rank, then the older run.</summary>
[JsonConverter(typeof(WordJson<RunPriority>))]
public enum RunPriority
{
    /// <summary>The usual.</summary>
    Normal,
    /// <summary>When no other run waits.</summary>
    Low,
    /// <summary>Before the usual.</summary>
    High,
}

/// <summary>How long a run or task is expected to take. Exceeding it is reported; nothing is stopped.</summary>
/// <param name="Expected">Longest time from its start.</param>
public sealed record SlaDefinition(TimeSpan Expected)
{
    /// <summary>Part of that time after which it is at risk, above 0 and up to 1.</summary>
    public double AtRisk { get; init; } = 0.8;
}

/// <summary>Tasks that run, one after another, once the outcome is fixed; then those of <see cref="Finally"/>.</summary>
public sealed record HandlersDefinition
{
    /// <summary>When the run completed.</summary>
    public ImmutableArray<TaskDefinition> OnSuccess { get; init; } = [];

    /// <summary>When it failed.</summary>
    public ImmutableArray<TaskDefinition> OnFailure { get; init; } = [];

    /// <summary>When it was cancelled.</summary>
    public ImmutableArray<TaskDefinition> OnCancel { get; init; } = [];

    /// <summary>Always, last.</summary>
    public ImmutableArray<TaskDefinition> Finally { get; init; } = [];

    /// <summary>All of them, in the order on_success, on_failure, on_cancel, finally.</summary>
    [JsonIgnore]
    public IEnumerable<TaskDefinition> All => [.. OnSuccess, .. OnFailure, .. OnCancel, .. Finally];
}

/// <summary>How long finished runs of a workflow are kept; the first limit that is passed removes the oldest. Null: no limit.</summary>
public sealed record RetentionDefinition
{
    /// <summary>Age of a finished run.</summary>
    public TimeSpan? Age { get; init; }

    /// <summary>Finished runs.</summary>
    public int? Count { get; init; }

    /// <summary>Bytes of their folders.</summary>
    public long? Bytes { get; init; }
}

/// <summary>What of a workflow's runs is exported.</summary>
public sealed record TelemetryDefinition
{
    /// <summary>Part of the runs whose spans are exported when they end well, 0 to 1; those of runs that fail always are. Null: the worker's.</summary>
    public double? Sample { get; init; }
}

/// <summary>Whether something stays after the end of a run.</summary>
[JsonConverter(typeof(WordJson<KeepRule>))]
public enum KeepRule
{
    /// <summary>Of runs that failed or were cancelled (the default).</summary>
    OnFailure,
    /// <summary>Of every run, as long as the run itself is kept.</summary>
    Always,
    /// <summary>Of none.</summary>
    Never,
}

/// <summary>When a report is written.</summary>
[JsonConverter(typeof(WordJson<ReportRule>))]
public enum ReportRule
{
    /// <summary>For every run (the default).</summary>
    Always,
    /// <summary>For runs that failed or were cancelled.</summary>
    OnFailure,
    /// <summary>For none.</summary>
    Never,
}

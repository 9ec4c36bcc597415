using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Runs.View;

namespace Orchestrator.Core.Statistics.RootCauses;

/// <summary>A task of a run that failed: what the search for the cause must know of it.</summary>
/// <param name="Id">The task.</param>
/// <param name="Status">Its state at the end.</param>
/// <param name="DependsOn">Tasks it waited for.</param>
public sealed record CauseTask(TaskId Id, TaskStatus Status, ImmutableArray<TaskId> DependsOn)
{
    /// <summary>When it became terminal.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Why it failed.</summary>
    public FailureKind? Kind { get; init; }

    /// <summary>Why it was skipped or cancelled, as a word.</summary>
    public string? Reason { get; init; }

    /// <summary>Exit code of its process.</summary>
    public int? ExitCode { get; init; }

    /// <summary>What went wrong, in a sentence.</summary>
    public string? Error { get; init; }

    /// <summary>Attempts made.</summary>
    public int Attempts { get; init; }

    /// <summary>Milliseconds.</summary>
    public double DurationMs { get; init; }

    /// <summary>Its stage.</summary>
    public string? Stage { get; init; }

    /// <summary>Its failure was allowed: it is no cause.</summary>
    public bool IsAllowed { get; init; }

    /// <summary>It ran after the outcome was fixed: it is no cause.</summary>
    public bool IsHandler { get; init; }

    /// <summary>Items of its fan-out failed it: they are the cause.</summary>
    public bool IsFailedByItems { get; init; }

    /// <summary>Log of its last attempt, relative to the run's folder.</summary>
    public string? LogRef { get; init; }

    /// <summary>The run it started, whose failure is its own.</summary>
    public RunId? ChildRunId { get; init; }
}

/// <summary>A run that failed.</summary>
/// <param name="Id">The run.</param>
/// <param name="Tasks">Its tasks, in declaration order.</param>
public sealed record FailedRun(RunId Id, ImmutableArray<CauseTask> Tasks)
{
    /// <summary>What failed it as its end says.</summary>
    public string? Error { get; init; }

    /// <summary>The kind.</summary>
    public FailureKind? Kind { get; init; }

    /// <summary>Which part is to blame.</summary>
    public ErrorClass? Class { get; init; }

    /// <summary>SHA-256 of its definition.</summary>
    public string? DefinitionVersion { get; init; }

    /// <summary>Values of its parameters.</summary>
    public ImmutableSortedDictionary<string, JsonElement> Params { get; init; } = ImmutableSortedDictionary<string, JsonElement>.Empty;

    /// <summary>Milliseconds.</summary>
    public double DurationMs { get; init; }

    /// <summary>When it ended.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>The process that executed it; null: not known.</summary>
    public WorkerFacts? Worker { get; init; }

    /// <summary>A run from its view.</summary>
    /// <param name="run">The view.</param>
    /// <param name="worker">The process that executed it; null: not known.</param>
    public static FailedRun From(RunView run, WorkerFacts? worker = null) => new(run.RunId, [.. run.Tasks.Select(Task)])
    {
        Error = run.Error, Kind = run.ErrorType, Class = run.ErrorClass, DefinitionVersion = run.DefinitionVersion,
        Params = run.Params, DurationMs = run.DurationMs,
        EndedAt = run.EndedAt, Worker = worker,
    };

    private static CauseTask Task(TaskView t) => new(t.Id, t.Status, t.DependsOn)
    {
        EndedAt = t.EndedAt, Kind = t.Status == TaskStatus.Failed && Words.TryParse<FailureKind>(t.Reason, out var kind) ? kind : null,
        Reason = t.Status == TaskStatus.Failed ? null : t.Reason, ExitCode = t.ExitCode, Error = t.Error,
        Attempts = t.Attempts, DurationMs = t.DurationMs, Stage = t.Stage,
        IsAllowed = t.Allowed, IsHandler = t.Role is not null, IsFailedByItems = t.FailedItems is not null,
        LogRef = t.History.IsEmpty ? null : t.History[^1].LogRef, ChildRunId = t.ChildRunId,
    };
}

/// <summary>An earlier run of the same workflow.</summary>
/// <param name="Id">The run.</param>
/// <param name="Status">How it ended.</param>
/// <param name="EndedAt">When.</param>
public sealed record EarlierRun(RunId Id, RunStatus Status, DateTimeOffset EndedAt)
{
    /// <summary>SHA-256 of its definition.</summary>
    public string? DefinitionVersion { get; init; }

    /// <summary>Values of its parameters.</summary>
    public ImmutableSortedDictionary<string, JsonElement> Params { get; init; } = ImmutableSortedDictionary<string, JsonElement>.Empty;

    /// <summary>Milliseconds.</summary>
    public double DurationMs { get; init; }

    /// <summary>The process that executed it; null: not known.</summary>
    public WorkerFacts? Worker { get; init; }

    /// <summary>Tasks that failed, allowed failures aside, with the kind as far as it is known.</summary>
    public ImmutableArray<(TaskId Task, FailureKind? Kind)> Failures { get; init; } = [];
}

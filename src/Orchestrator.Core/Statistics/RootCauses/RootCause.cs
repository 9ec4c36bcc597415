using System.Collections.Immutable;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Statistics.Diffs;

namespace Orchestrator.Core.Statistics.RootCauses;

/// <summary>Why a run failed, in one summary.</summary>
/// <param name="Task">The task that failed first and not because another had; null: no task did, the run itself failed.</param>
/// <param name="Class">Which part is to blame.</param>
/// <param name="Kind">The kind of failure; null: not known.</param>
public sealed record RootCause(TaskId? Task, ErrorClass Class, FailureKind? Kind)
{
    /// <summary>Most tasks that are named of each kind of consequence.</summary>
    public const int MaxNamed = 20;

    /// <summary>Most lines of the log.</summary>
    public const int MaxLogLines = 20;

    /// <summary>Stage of the task.</summary>
    public string? Stage { get; init; }

    /// <summary>When it failed.</summary>
    public DateTimeOffset? At { get; init; }

    /// <summary>Exit code of its process.</summary>
    public int? ExitCode { get; init; }

    /// <summary>Attempts made; 0 where it never started.</summary>
    public int Attempts { get; init; }

    /// <summary>What went wrong, in a sentence.</summary>
    public string? Error { get; init; }

    /// <summary>Log of its last attempt, relative to the run's folder.</summary>
    public string? LogRef { get; init; }

    /// <summary>The last lines of that log, in order; empty where there is none.</summary>
    public ImmutableArray<string> LogEnd { get; init; } = [];

    /// <summary>The run that the task started and whose failure is the task's: look there.</summary>
    public RunId? ChildRunId { get; init; }

    /// <summary>Tasks that were skipped because of it; the first ones.</summary>
    public ImmutableArray<TaskId> Skipped { get; init; } = [];

    /// <summary>How many they are.</summary>
    public int SkippedCount { get; init; }

    /// <summary>Tasks that were cancelled because of it; the first ones.</summary>
    public ImmutableArray<TaskId> Cancelled { get; init; } = [];

    /// <summary>How many they are.</summary>
    public int CancelledCount { get; init; }

    /// <summary>Other tasks that failed after it; the first ones.</summary>
    public ImmutableArray<TaskId> FailedLater { get; init; } = [];

    /// <summary>How many they are.</summary>
    public int FailedLaterCount { get; init; }

    /// <summary>What is different from the last run that completed; null: none of the earlier runs did.</summary>
    public SinceSuccess? Since { get; init; }

    /// <summary>Whether it failed like this before.</summary>
    public SimilarFailures Similar { get; init; } = new(0, 0, null, null);
}

/// <summary>What is different from the last run that completed. What is the same is null or empty, the duration aside.</summary>
/// <param name="Run">That run.</param>
/// <param name="EndedAt">When it ended.</param>
/// <param name="DurationMs">Its duration and that of the failed run.</param>
public sealed record SinceSuccess(RunId Run, DateTimeOffset EndedAt, Change<double> DurationMs)
{
    /// <summary>SHA-256 of the definition.</summary>
    public Change<string?>? DefinitionVersion { get; init; }

    /// <summary>Parameters with another value.</summary>
    public ImmutableArray<ValueDiff> Parameters { get; init; } = [];

    /// <summary>Machine of the worker.</summary>
    public Change<string?>? Host { get; init; }

    /// <summary>Version of the worker's program.</summary>
    public Change<string?>? WorkerVersion { get; init; }

    /// <summary>Nothing that is looked at differs.</summary>
    public bool IsSame => this is { DefinitionVersion: null, Host: null, WorkerVersion: null, Parameters.IsEmpty: true };
}

/// <summary>Earlier runs in which the same task failed with the same kind; of items of a fan-out any item of it.</summary>
/// <param name="Looked">Earlier runs that were looked at.</param>
/// <param name="Count">How many of those.</param>
/// <param name="LastAt">When the latest of them ended.</param>
/// <param name="LastRun">That run.</param>
public sealed record SimilarFailures(int Looked, int Count, DateTimeOffset? LastAt, RunId? LastRun);

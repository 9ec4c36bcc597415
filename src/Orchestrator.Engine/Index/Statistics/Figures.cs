using Orchestrator.Core.Statistics;

namespace Orchestrator.Engine.Index.Statistics;

/// <summary>What the runs of a group did in a window.</summary>
internal sealed record RunFigures(string Group)
{
    public int Total { get; init; }

    public int Completed { get; init; }

    public int Failed { get; init; }

    public int Cancelled { get; init; }

    /// <summary>Attempts that were followed by another.</summary>
    public long Retries { get; init; }

    /// <summary>Completed of completed and failed; null where there is neither.</summary>
    public double? SuccessRate => Rates.Success(Completed, Failed);

    /// <summary>Milliseconds of those that completed or failed.</summary>
    public required SampleSummary Duration { get; init; }

    /// <summary>Milliseconds between acceptance and start.</summary>
    public required SampleSummary Queue { get; init; }

    /// <summary>Failures in a row, recoveries, of what ended in the window.</summary>
    public required FailureHistory History { get; init; }

    /// <summary>Milliseconds of processor time; null where it is known of none.</summary>
    public double? CpuMs { get; init; }

    /// <summary>Bytes read from and written to disks; null where it is known of none.</summary>
    public long? IoBytes { get; init; }

    /// <summary>Largest resident size of one process; null where it is known of none.</summary>
    public long? PeakBytes { get; init; }
}

/// <summary>What the tasks of a group did in a window; handlers are not among them.</summary>
internal sealed record TaskFigures(string Group)
{
    public int Total { get; init; }

    public int Completed { get; init; }

    public int Failed { get; init; }

    public int Skipped { get; init; }

    public int Cancelled { get; init; }

    /// <summary>Completed with more than one attempt.</summary>
    public int Flaky { get; init; }

    public long Attempts { get; init; }

    public double? SuccessRate => Rates.Success(Completed, Failed);

    /// <summary>Flaky of completed and failed; null where there is neither.</summary>
    public double? FlakeScore => Rates.Flake(Flaky, Completed + Failed);

    /// <summary>Skipped of all.</summary>
    public double? SkipRate => Rates.Of(Skipped, Total);

    /// <summary>Milliseconds of those that completed or failed, waits between attempts included.</summary>
    public required SampleSummary Duration { get; init; }

    /// <summary>Milliseconds between all dependencies terminal and the first attempt.</summary>
    public required SampleSummary Queue { get; init; }

    /// <summary>All durations added up, in milliseconds.</summary>
    public double TimeMs { get; init; }

    /// <summary>Milliseconds it is expected to take at most: its SLA, else the p95 of the window before; null: neither is known.</summary>
    public double? ExpectedMs { get; init; }

    /// <summary>How often it took longer; null where nothing is expected.</summary>
    public int? OverExpected { get; init; }

    /// <summary>How often it was on the chain that made its run as long as it was.</summary>
    public int Critical { get; init; }

    public double? CpuMs { get; init; }

    public long? IoBytes { get; init; }

    public long? PeakBytes { get; init; }
}

/// <summary>Failed runs by what is to blame.</summary>
/// <param name="ErrorClass">task, persistence, transition, timeout, internal; empty: not known.</param>
/// <param name="ErrorType">The kind of the first failure.</param>
/// <param name="Runs">How many.</param>
/// <param name="LastAt">When the last one ended.</param>
internal sealed record ErrorFigures(string ErrorClass, string ErrorType, int Runs, DateTimeOffset LastAt);

/// <summary>A workflow as of now, whatever the window.</summary>
/// <param name="Workflow">Its name.</param>
/// <param name="Streak">Runs that failed since the last one that completed.</param>
/// <param name="LastSuccess">When that ended; null: none has.</param>
/// <param name="Regression">Whether it has become slower; null: too few runs to tell.</param>
internal sealed record WorkflowStanding(string Workflow, int Streak, DateTimeOffset? LastSuccess, DurationRegression? Regression);

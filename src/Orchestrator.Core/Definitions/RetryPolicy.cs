using System.Collections.Immutable;

namespace Orchestrator.Core.Definitions;

/// <summary>How often and after what delay a failed attempt is repeated.</summary>
public sealed record RetryPolicy
{
    /// <summary>Attempts in total, at least 1. An empty retry block means 3.</summary>
    public int MaxAttempts { get; init; } = 3;

    /// <summary>Delay before the second attempt.</summary>
    public TimeSpan InitialDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Factor from one delay to the next, at least 1.</summary>
    public double Backoff { get; init; } = 2;

    /// <summary>No delay is longer than this.</summary>
    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// Whether delays are drawn at random between the initial delay and three times the one before (decorrelated jitter), never above the maximum. The
    /// draw follows from run, task and attempt, so a replay gives the same.
    /// </summary>
    public bool Jitter { get; init; }

    /// <summary>Only these HTTP statuses are retried; empty: 408, 429 and 5xx.</summary>
    public ImmutableArray<int> OnHttpStatus { get; init; } = [];

    /// <summary>Only these SQLSTATE codes (or their two-character classes) are retried; empty: all.</summary>
    public ImmutableArray<string> OnSqlState { get; init; } = [];

    /// <summary>Only these exit codes are retried; empty: all. Failures without an exit code are not restricted by it.</summary>
    public ImmutableArray<int> OnExitCodes { get; init; } = [];

    /// <summary>Only these kinds of failure are retried; empty: all that can be.</summary>
    public ImmutableArray<FailureKind> OnKinds { get; init; } = [];

    /// <summary>The delay after failed attempt <paramref name="attempt"/> (1-based): min(initial * backoff^(attempt-1), max).</summary>
    public TimeSpan DelayAfter(int attempt)
    {
        var ms = InitialDelay.TotalMilliseconds * Math.Pow(Backoff, attempt - 1);
        return ms < MaxDelay.TotalMilliseconds ? TimeSpan.FromMilliseconds(ms) : MaxDelay;
    }
}

using Orchestrator.Core.Definitions;

namespace Orchestrator.Core.Runs;

/// <summary>Whether there is another attempt, and when: decided here and nowhere else.</summary>
internal static class Retries
{
    public static int MaxAttempts(TaskDefinition task) => task.Retry?.MaxAttempts ?? 1;

    /// <summary>The delay before the next attempt; or null when there is none, and why where some were left.</summary>
    /// <param name="isEnding">Whether the run, or its part with the task, is ending.</param>
    public static (TimeSpan? Delay, NoRetryReason? Refused) After(RunId run, TaskDefinition definition, TaskState task, TaskOutcome.Failed failed, bool isEnding)
    {
        var used = task.Attempt - task.Losses;
        if (definition.Retry is not { } policy || used >= policy.MaxAttempts) return (null, null);
        if (!Allows(policy, failed)) return (null, NoRetryReason.NotRetryable);
        return isEnding ? (null, NoRetryReason.RunEnding) : (Delay(policy, run, definition, used, failed), null);
    }

    private static TimeSpan Delay(RetryPolicy policy, RunId run, TaskDefinition definition, int used, TaskOutcome.Failed failed)
    {
        var delay = policy.Jitter ? RetryJitter.DelayAfter(policy, run, definition.Id, used) : policy.DelayAfter(used);
        // The server's request lengthens the wait, but never beyond the policy's limits.
        var asked = failed.RetryAfter is { } after ? after < policy.MaxDelay ? after : policy.MaxDelay : TimeSpan.Zero;
        return delay > asked ? delay : asked;
    }

    /// <summary>
    /// Each filter judges the failures that carry what it names and no others: a list of exit codes says nothing of a timeout. A list of
    /// statuses also overrules which statuses are retried by default.
    /// </summary>
    private static bool Allows(RetryPolicy policy, TaskOutcome.Failed failed)
    {
        if (policy.OnKinds.Length > 0 && !policy.OnKinds.Contains(failed.Kind)) return false;
        if (policy.OnHttpStatus.Length > 0 && failed.HttpStatus is { } status) return policy.OnHttpStatus.Contains(status);
        if (!failed.Retryable) return false;
        if (policy.OnSqlState.Length > 0 && failed.SqlState is { } state && !policy.OnSqlState.Any(s => state.StartsWith(s, StringComparison.Ordinal))) return false;
        return policy.OnExitCodes.Length == 0 || failed.Process?.ExitCode is not { } code || policy.OnExitCodes.Contains(code);
    }

    /// <summary>Why an attempt lost with its worker may not be repeated; null where it may. Losses have a bound of their own.</summary>
    /// <param name="isEnding">Whether the run, or its part with the task, is ending.</param>
    public static NoRetryReason? AfterLoss(WorkflowDefinition workflow, TaskDefinition definition, TaskState task, bool isEnding) =>
        !definition.Idempotent ? NoRetryReason.NotIdempotent
        : task.Losses >= workflow.MaxWorkerLosses ? NoRetryReason.LossLimit
        : isEnding ? NoRetryReason.RunEnding : null;
}

using Orchestrator.Core.Definitions;

namespace Orchestrator.Core.Runs;

/// <summary>Whether there is another attempt, and when: decided here and nowhere else.</summary>
internal static class Retries
{
    public static int MaxAttempts(TaskDefinition task) => task.Retry?.MaxAttempts ?? 1;

    /// <summary>The delay before the next attempt, or null when there is none.</summary>
    public static TimeSpan? After(TaskDefinition definition, TaskState task, TaskOutcome.Failed failed)
    {
        var used = task.Attempt - task.Losses;
        if (definition.Retry is not { } policy || used >= policy.MaxAttempts || !failed.Retryable) return null;
        if (policy.OnKinds.Length > 0 && !policy.OnKinds.Contains(failed.Kind)) return null;
        if (policy.OnExitCodes.Length > 0 && failed.Process?.ExitCode is { } code && !policy.OnExitCodes.Contains(code)) return null;
        return policy.DelayAfter(used);
    }

    /// <summary>Whether an attempt lost with its worker may be repeated. Losses have a bound of their own.</summary>
    public static bool AfterLoss(WorkflowDefinition workflow, TaskDefinition definition, TaskState task) =>
        definition.Idempotent && task.Losses < workflow.MaxWorkerLosses;
}

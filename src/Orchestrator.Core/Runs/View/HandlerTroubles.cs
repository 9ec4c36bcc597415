namespace Orchestrator.Core.Runs.View;

/// <summary>Handlers of a run that did not do their work.</summary>
public static class HandlerTroubles
{
    /// <summary>
    /// One clause for each, in the order of the definition: which one, and whether it failed, was stopped or never started. Empty when all did their work.
    /// </summary>
    public static IReadOnlyList<string> Of(RunView run) =>
        [.. run.Tasks.Where(t => t.Role == TaskEvent.Handler).Select(Trouble).OfType<string>()];

    private static string? Trouble(TaskView handler) => handler switch
    {
        { Status: TaskStatus.Failed, Allowed: false } => $"handler '{handler.Id}' failed",
        { Status: TaskStatus.Cancelled, Attempts: > 0 } => $"handler '{handler.Id}' was stopped",
        { Status: TaskStatus.Cancelled } => $"handler '{handler.Id}' never started",
        _ => null,
    };
}

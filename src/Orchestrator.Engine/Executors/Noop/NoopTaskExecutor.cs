using Orchestrator.Core.Runs;

namespace Orchestrator.Engine.Executors.Noop;

/// <summary>Does nothing, at once: a join or a milestone.</summary>
public sealed class NoopTaskExecutor : ITaskExecutor
{
    private static readonly TaskOutcome Done = new TaskOutcome.Succeeded();

    /// <inheritdoc/>
    public ValueTask<TaskOutcome> ExecuteAsync(TaskAttempt attempt, CancellationToken stop) => ValueTask.FromResult(Done);
}

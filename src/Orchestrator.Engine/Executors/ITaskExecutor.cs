using Orchestrator.Core.Runs;

namespace Orchestrator.Engine.Executors;

/// <summary>Does the work of one kind of task.</summary>
public interface ITaskExecutor
{
    /// <summary>
    /// Carries out one attempt. Expected failures are outcomes; an exception is a fault of the executor and becomes
    /// <c>panic</c>. When <paramref name="stop"/> fires, everything the attempt started is ended first, then
    /// <see cref="TaskOutcome.Cancelled"/> is returned: the caller knows whether it was a timeout, a cancel or a shutdown.
    /// </summary>
    ValueTask<TaskOutcome> ExecuteAsync(TaskAttempt attempt, CancellationToken stop);
}

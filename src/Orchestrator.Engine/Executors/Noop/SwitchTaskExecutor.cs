using Orchestrator.Core.Definitions;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Runs;

namespace Orchestrator.Engine.Executors.Noop;

/// <summary>Kind switch: says what was chosen; the gates of its dependants heed it.</summary>
internal sealed class SwitchTaskExecutor : ITaskExecutor
{
    /// <inheritdoc/>
    public ValueTask<TaskOutcome> ExecuteAsync(TaskAttempt attempt, CancellationToken stop) => ValueTask.FromResult<TaskOutcome>(
        new TaskOutcome.Succeeded { Outputs = SwitchChoice.Results((SwitchAction)attempt.Task.Action, attempt.Invocation.Value ?? "") });
}

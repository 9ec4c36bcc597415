using Orchestrator.Core;
using Orchestrator.Core.Expressions;
using Orchestrator.Core.Runs;

namespace Orchestrator.Engine.Executors.Wait;

/// <summary>Kind wait with a check: repeats it, at growing intervals, until it succeeds and its condition holds. A check that fails means "not yet".</summary>
/// <param name="executors">The executors of checks.</param>
/// <param name="clock">Measures the intervals.</param>
internal sealed class PollTaskExecutor(Func<string, ITaskExecutor?> executors, TimeProvider clock) : ITaskExecutor
{
    /// <inheritdoc/>
    public async ValueTask<TaskOutcome> ExecuteAsync(TaskAttempt attempt, CancellationToken stop)
    {
        var poll = attempt.Invocation.Poll ?? throw new InvalidOperationException($"Task '{attempt.Task.Id}' has no check.");
        if (executors(poll.Rule.Check.Kind) is not { } executor)
            return new TaskOutcome.Failed(FailureKind.Error, $"This worker cannot run checks of kind '{poll.Rule.Check.Kind}'.", Retryable: false);
        var check = attempt with
        {
            Task = attempt.Task with { Action = poll.Rule.Check },
            Invocation = poll.Check with { Env = attempt.Invocation.Env, WorkingDir = attempt.Invocation.WorkingDir },
        };
        for (var interval = poll.Rule.Interval; ; interval = Next(interval, poll.Rule))
        {
            var outcome = await executor.ExecuteAsync(check, stop).ConfigureAwait(false);
            if (outcome is TaskOutcome.Succeeded done && Holds(poll.Holds, done, out var problem))
                return problem is null ? done : new TaskOutcome.Failed(FailureKind.ConditionError, $"The condition of the check cannot be evaluated: {problem}", Retryable: false);
            if (outcome is TaskOutcome.Cancelled or TaskOutcome.Interrupted) return outcome;
            await Task.Delay(interval, clock, stop).ConfigureAwait(false);
        }
    }

    // A condition that cannot be evaluated ends the wait: it would not get better.
    private static bool Holds(Func<System.Collections.Immutable.ImmutableSortedDictionary<string, System.Text.Json.JsonElement>, bool>? condition, TaskOutcome.Succeeded done, out string? problem)
    {
        problem = null;
        try { return condition?.Invoke(done.Outputs) ?? true; }
        catch (ExpressionException e)
        {
            problem = e.Message;
            return true;
        }
    }

    private static TimeSpan Next(TimeSpan interval, Core.Definitions.PollDefinition rule)
    {
        var next = interval * rule.Backoff;
        return next < rule.MaxInterval ? next : rule.MaxInterval;
    }
}

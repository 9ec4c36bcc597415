using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;

namespace Orchestrator.Engine.Running.Attempts;

/// <summary>Gets secret results again that were lost with their process, as the first part of the attempt that needs them.</summary>
internal static class Renewing
{
    /// <summary>Runs the tasks again whose results the attempt needs; null when all are there, else how the attempt ends.</summary>
    /// <param name="services">What attempts need.</param>
    /// <param name="run">The run.</param>
    /// <param name="task">The task that needs them.</param>
    /// <param name="attempt">Its attempt.</param>
    /// <param name="renewals">The tasks to run, in this order.</param>
    /// <param name="decide">Hands an input to the run; completes when what it decided is durable, with false when it takes nothing any more.</param>
    /// <param name="isInterrupted">Whether the attempt is stopped so that it can go on elsewhere.</param>
    /// <param name="stop">The attempt is to stop.</param>
    public static async Task<TaskOutcome?> RunAsync(
        AttemptServices services, OpenRun run, TaskId task, int attempt, IReadOnlyList<Renewal> renewals,
        Func<RunInput, Task<bool>> decide, Func<bool> isInterrupted, CancellationToken stop)
    {
        if (renewals.All(r => run.Held.Has(r.Task.Id))) return null;
        try
        {
            await run.Held.EnterAsync(stop).ConfigureAwait(false);
            try
            {
                foreach (var renewal in renewals)
                    if (!run.Held.Has(renewal.Task.Id) && await AgainAsync(renewal).ConfigureAwait(false) is { } ended) return ended;
                return null;
            }
            finally
            {
                run.Held.Leave();
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return new TaskOutcome.Cancelled();
        }

        async Task<TaskOutcome?> AgainAsync(Renewal renewal)
        {
            var producer = renewal.Task.Id;
            if (!renewal.Task.Idempotent) return renewal.Lost("the task is not idempotent, so it is not run again.") with { Retryable = false };
            var number = run.Held.NextNumber(producer, renewal.Number);
            if (!await decide(new RunInput.Renew(task, attempt, producer, number)).ConfigureAwait(false)) return new TaskOutcome.Cancelled();
            var started = services.Clock.GetTimestamp();
            using var timeout = renewal.Task.Timeout is { } most ? new CancellationTokenSource(most, services.Clock) : new CancellationTokenSource();
            using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, stop);
            var outcome = await AttemptExecution.RenewAsync(services, run, renewal, number, isInterrupted, either.Token).ConfigureAwait(false);
            switch (outcome)
            {
                case TaskOutcome.Succeeded when run.Held.Has(producer):
                    var ms = Math.Round(services.Clock.GetElapsedTime(started).TotalMilliseconds, 3);
                    return await decide(new RunInput.Renewed(task, attempt, producer, number, ms, outcome.LogRef)).ConfigureAwait(false) ? null : new TaskOutcome.Cancelled();
                case TaskOutcome.Succeeded: return renewal.Lost("the task was run again and did not make them.");
                case TaskOutcome.Failed failed: return renewal.Lost($"the task was run again and failed: {failed.Message}");
                default:
                    return stop.IsCancellationRequested ? outcome
                        : renewal.Lost($"the task was run again and took longer than its timeout of {DurationText.Format(renewal.Task.Timeout ?? default)}.");
            }
        }
    }
}

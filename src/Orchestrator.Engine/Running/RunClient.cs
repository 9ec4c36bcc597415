using Microsoft.Extensions.Logging;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Journal;

namespace Orchestrator.Engine.Running;

/// <summary>What can be asked of an open run: its end, a cancel, an answer. Safe to call from any thread.</summary>
internal sealed class RunClient(Func<LoopMessage, bool> post, TimeProvider clock, ILogger log)
{
    /// <inheritdoc cref="RunEngine.WaitAsync"/>
    public Task<WorkflowEnded> WaitAsync(RunId run, CancellationToken stop)
    {
        var answer = new TaskCompletionSource<WorkflowEnded>(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!post(new LoopMessage.Watch(run, answer))) answer.TrySetException(new RunInterruptedException(run, RunEngine.StopReason));
        return answer.Task.WaitAsync(stop);
    }

    /// <inheritdoc cref="RunEngine.CancelAsync(RunId, CancelAsk, CancellationToken)"/>
    public async Task<bool> CancelAsync(RunId run, CancelAsk ask, CancellationToken stop)
    {
        var started = clock.GetTimestamp();
        log.Cancelling(run, ask.Actor);
        var answer = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!post(new LoopMessage.DeliverById(run, new RunInput.Cancel(ask.Actor, Comment: ask.Comment), answer))) answer.TrySetResult(false);
        var found = await answer.Task.WaitAsync(stop).ConfigureAwait(false);
        log.CancelRequested(run, ask.Actor, found, clock.GetElapsedTime(started).TotalMilliseconds);
        return found;
    }

    /// <inheritdoc cref="RunEngine.AnswerAsync"/>
    public Task<AnswerResult> AnswerAsync(RunId run, RunInput input, CancellationToken stop)
    {
        if (input is not (RunInput.Approve or RunInput.Reject or RunInput.Signal)) throw new ArgumentException($"{input.GetType().Name} does not come from outside.", nameof(input));
        var answer = new TaskCompletionSource<AnswerResult>(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!post(new LoopMessage.Ask(run, input, answer))) answer.TrySetResult(new(new("not_open", $"Run {run} is not open here.")));
        return answer.Task.WaitAsync(stop);
    }
}

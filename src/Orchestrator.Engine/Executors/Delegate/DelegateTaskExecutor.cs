using Microsoft.Extensions.Logging;
using Orchestrator.Core;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Executors.Process;
using Orchestrator.Engine.Executors.Results;
using Orchestrator.Engine.Executors.Secrets;

namespace Orchestrator.Engine.Executors.Delegate;

/// <summary>
/// Kind delegate: registered C#, called on the caller's thread. It writes no log file and makes no folder, and one that completes at once
/// costs next to nothing.
/// </summary>
public sealed class DelegateTaskExecutor(TaskDelegates delegates, ProcessTaskOptions options, TimeProvider clock, ILogger<DelegateTaskExecutor> log) : ITaskExecutor
{
    private static readonly TaskOutcome Nothing = new TaskOutcome.Succeeded();
    private readonly ProcessTaskOptions _options = options.Checked();

    /// <inheritdoc/>
    public ValueTask<TaskOutcome> ExecuteAsync(TaskAttempt attempt, CancellationToken stop)
    {
        if (stop.IsCancellationRequested) return ValueTask.FromResult<TaskOutcome>(new TaskOutcome.Cancelled());
        var name = ((DelegateAction)attempt.Task.Action).Name;
        if (delegates.Find(name) is not { } run) return ValueTask.FromResult<TaskOutcome>(Missing(name));
        Task<object?> work;
        try
        {
            work = run(new(attempt.RunId, attempt.Task.Id, attempt.Attempt, attempt.Invocation.With, log), stop);
        }
        catch (Exception e) when (e is not OperationCanceledException || !stop.IsCancellationRequested)
        {
            return ValueTask.FromResult<TaskOutcome>(Panicked(attempt, e));
        }
        catch (OperationCanceledException)
        {
            return ValueTask.FromResult<TaskOutcome>(new TaskOutcome.Cancelled());
        }
        if (!work.IsCompletedSuccessfully) return new(FollowAsync(attempt, name, work, stop));
        return ValueTask.FromResult(Accept(attempt, Completed(work)));
    }

    private async Task<TaskOutcome> FollowAsync(TaskAttempt attempt, string name, Task<object?> work, CancellationToken stop)
    {
        await ((Task)work.WaitAsync(stop)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!work.IsCompleted) await ((Task)work.WaitAsync(_options.DelegateGrace, clock, CancellationToken.None)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!work.IsCompleted)
        {
            ExecutorLog.DelegateAbandoned(log, name, attempt.RunId.ToString(), attempt.Task.Id.ToString(), _options.DelegateGrace);
            _ = work.ContinueWith(
                w => ExecutorLog.AbandonedDelegateFailed(log, w.Exception!, name),
                CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
            return new TaskOutcome.Cancelled();
        }
        if (work.IsCompletedSuccessfully) return Accept(attempt, Completed(work));
        if (stop.IsCancellationRequested && (work.IsCanceled || work.Exception?.InnerException is OperationCanceledException)) return new TaskOutcome.Cancelled();
        return Panicked(attempt, work.Exception?.InnerException ?? new TaskCanceledException("The delegate cancelled itself."));
    }

    private TaskOutcome Accept(TaskAttempt attempt, object? value)
    {
        if (value is null) return Nothing;
        try
        {
            return DelegateResult.Read(value) is { IsEmpty: false } outputs ? new TaskOutcome.Succeeded { Outputs = outputs } : Nothing;
        }
        catch (OutputProblemException e)
        {
            return new TaskOutcome.Failed(e.Kind, SecretMasker.Apply(SecretPatterns.Of(attempt.Secrets), e.Message));
        }
    }

    private TaskOutcome.Failed Missing(string name) => new(
        FailureKind.DelegateMissing,
        $"No delegate '{name}' is registered in this worker. {(Suggest.Closest(name, delegates.Names) is { } near ? $"Did you mean '{near}'?" : "Register it with TaskDelegates.Add.")}",
        Retryable: false);

    private static TaskOutcome.Failed Panicked(TaskAttempt attempt, Exception e) => new(
        FailureKind.Panic, SecretMasker.Apply(SecretPatterns.Of(attempt.Secrets), $"{e.GetType().FullName}: {e.Message}"));

#pragma warning disable RS0030 // The task has completed: nothing is waited for.
    private static object? Completed(Task<object?> work) => work.Result;
#pragma warning restore RS0030
}

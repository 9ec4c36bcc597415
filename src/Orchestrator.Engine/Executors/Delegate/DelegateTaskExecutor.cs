using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orchestrator.Core;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Executors.Process;
using Orchestrator.Engine.Executors.Results;
using Orchestrator.Engine.Secrets;

namespace Orchestrator.Engine.Executors.Delegate;

/// <summary>
/// Kind delegate: registered C#, called on the caller's thread. It makes a log only when something is logged, and one that completes at once
/// costs next to nothing. One that continues after it was asked to stop is abandoned when its grace is over: the attempt is closed, the slot
/// is free, and whatever becomes of the work is dropped.
/// </summary>
public sealed class DelegateTaskExecutor : ITaskExecutor
{
    private static readonly TaskOutcome Nothing = new TaskOutcome.Succeeded();
    private readonly TaskDelegates _delegates;
    private readonly ProcessTaskOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;
    private readonly Func<TaskAttempt, DelegateLog> _open;
    private int _leftBehind;

    public DelegateTaskExecutor(TaskDelegates delegates, ProcessTaskOptions options, TimeProvider clock, ILogger<DelegateTaskExecutor> log)
    {
        (_delegates, _options, _clock, _log) = (delegates, options.Checked(), clock, log);
        _open = attempt => new(attempt, _options, _clock, _log);
    }

    /// <summary>Told of each attempt that was closed while its delegate went on.</summary>
    public Action<TaskAttempt>? Abandoned { get; init; }

    /// <summary>Where attempts get their services from; null outside a host.</summary>
    internal IServiceScopeFactory? Scopes { get; init; }

    /// <summary>Told which attempt a delegate's code belongs to.</summary>
    internal AmbientAttempt Ambient { get; init; } = new();

    /// <summary>Delegates that were abandoned and still run.</summary>
    public int LeftBehind => Volatile.Read(ref _leftBehind);

    /// <inheritdoc/>
    public ValueTask<TaskOutcome> ExecuteAsync(TaskAttempt attempt, CancellationToken stop)
    {
        if (stop.IsCancellationRequested) return ValueTask.FromResult<TaskOutcome>(new TaskOutcome.Cancelled());
        var name = ((DelegateAction)attempt.Task.Action).Name;
        if (_delegates.Find(name) is not { } run) return ValueTask.FromResult<TaskOutcome>(Missing(name));
        var context = new DelegateContext(attempt, _open, Scopes);
        Task<DelegateOutputs> work;
        try
        {
            using (Ambient.Enter(context)) work = run(context, stop);
        }
        catch (Exception e)   // somebody else's code: whatever it throws is how the attempt ended
        {
            work = Task.FromException<DelegateOutputs>(e);
        }
        return work.IsCompletedSuccessfully && Scopes is null ? ValueTask.FromResult(Close(context, Accept(Completed(work)))) : new(FollowAsync(attempt, context, name, work, stop));
    }

    private async Task<TaskOutcome> FollowAsync(TaskAttempt attempt, DelegateContext context, string name, Task<DelegateOutputs> work, CancellationToken stop)
    {
        await ((Task)work.WaitAsync(stop)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!work.IsCompleted) await ((Task)work.WaitAsync(_options.DelegateGrace, _clock, CancellationToken.None)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!work.IsCompleted) return Abandon(attempt, context, name, work);
        var outcome = work.IsCompletedSuccessfully
            ? Accept(Completed(work))
            : Judge(attempt, context, work.Exception?.InnerException ?? new TaskCanceledException("The delegate cancelled itself."), stop);
        await DisposeServicesAsync(context, name).ConfigureAwait(false);
        return Close(context, outcome);
    }

    private TaskOutcome Abandon(TaskAttempt attempt, DelegateContext context, string name, Task<DelegateOutputs> work)
    {
        ExecutorLog.DelegateAbandoned(_log, name, attempt.RunId.ToString(), attempt.Task.Id.ToString(), _options.DelegateGrace);
        Interlocked.Increment(ref _leftBehind);
        Abandoned?.Invoke(attempt);
        _ = ObserveAsync(name, context, work);
        return Close(context, new TaskOutcome.Cancelled());
    }

    // The work is no longer awaited: its end is observed here, so that no exception stays unobserved.
    private async Task ObserveAsync(string name, DelegateContext context, Task<DelegateOutputs> work)
    {
        await ((Task)work).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await DisposeServicesAsync(context, name).ConfigureAwait(false);
        Interlocked.Decrement(ref _leftBehind);
        if (work.Exception is { } error) ExecutorLog.AbandonedDelegateFailed(_log, context.Masked(error.InnerException ?? error), name);
        else ExecutorLog.AbandonedDelegateEnded(_log, name);
    }

    // What an attempt has done is done, whatever its services say at their end.
    private async ValueTask DisposeServicesAsync(DelegateContext context, string name)
    {
        // One that does not end is abandoned like the delegate itself.
        try { await context.DisposeServicesAsync().AsTask().WaitAsync(_options.DelegateGrace, _clock).ConfigureAwait(false); }
        catch (Exception e) { ExecutorLog.DelegateServicesNotDisposed(_log, context.Masked(e), name); }
    }

    private static TaskOutcome Close(DelegateContext context, TaskOutcome outcome) => context.Close() is { } log ? outcome with { LogRef = log } : outcome;

    private static TaskOutcome Accept(DelegateOutputs outputs) => outputs.Values.IsEmpty ? Nothing : new TaskOutcome.Succeeded { Outputs = outputs.Values };

    private TaskOutcome.Failed Missing(string name) => new(
        FailureKind.DelegateMissing,
        $"No delegate '{name}' is registered in this worker. {(Suggest.Closest(name, _delegates.Names) is { } near ? $"Did you mean '{near}'?" : "Register it with AddTask.")}",
        Retryable: false);

    private static TaskOutcome Judge(TaskAttempt attempt, DelegateContext context, Exception e, CancellationToken stop)
    {
        if (e is OperationCanceledException && stop.IsCancellationRequested) return new TaskOutcome.Cancelled();
        // The event has one sentence; where it happened is in the attempt's log and in the host's. What fails in its own words says enough, its cause does not.
        if ((e is TaskFailedException or OutputProblemException ? e.InnerException : e) is { } cause) ExecutorLog.DelegateFailed(context.Log, cause, attempt.Task.Id.ToString());
        return e switch
        {
            OutputProblemException problem => new TaskOutcome.Failed(problem.Kind, Masked(attempt, problem.Message)).By(e),
            TaskFailedException failed => new TaskOutcome.Failed(failed.Kind, Masked(attempt, failed.Message), failed.Retryable).By(e),
            _ => new TaskOutcome.Failed(FailureKind.Panic, Masked(attempt, $"{e.GetType().FullName}: {e.Message}")).By(e),
        };
    }

    private static string Masked(TaskAttempt attempt, string text) => SecretMasker.Apply(attempt.Patterns, text);

#pragma warning disable RS0030 // The task has completed: nothing is waited for.
    private static DelegateOutputs Completed(Task<DelegateOutputs> work) => work.Result;
#pragma warning restore RS0030
}

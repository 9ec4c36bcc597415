using Orchestrator.Core;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Executors;
using Orchestrator.Engine.Telemetry.Tracing;
using Polly;
using Polly.Retry;
using Polly.Timeout;

namespace Orchestrator.Engine.Running.Attempts;

/// <summary>
/// The attempts of one task within this process, executed by Polly and decided by the run: ShouldHandle reports the attempt
/// that ended and awaits the journaled decision, DelayGenerator waits until the time that decision names, and before a
/// further attempt starts, the run is asked for a slot. The only place of Polly.
/// </summary>
#pragma warning disable CA1001 // A token source without a timer holds nothing to free, and Stop may come at any time.
internal sealed class TaskRunner
#pragma warning restore CA1001
{
    private static readonly TimeSpan LongestTimer = TimeSpan.FromDays(49);
    private readonly AttemptServices _services;
    private readonly OpenRun _run;
    private readonly TaskDefinition _task;
    private readonly TaskTemplates _templates;
    private readonly Action<LoopMessage> _post;
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile StopCause _cause;
    private int _attempt;
    private bool _owesReport = true;
    private StartPermit? _first;
    private TaskCompletionSource<StartPermit>? _permit;
    private TaskCompletionSource<DateTimeOffset?>? _decision;

    public TaskRunner(AttemptServices services, OpenRun run, int index, int attempt, StartPermit first, Action<LoopMessage> post)
    {
        (_services, _run, _attempt, _first, _post) = (services, run, attempt, first, post);
        (_task, _templates) = (run.State.DefinitionOf(index), run.State.TemplatesOf(index));
    }

    /// <summary>Whether Polly repeats attempts here; otherwise the one attempt's end is reported and that is all.</summary>
    private bool Repeats => _task.Retry is { MaxAttempts: > 1 };

    /// <summary>Completes when nothing of it runs any more.</summary>
    public Task Ended => _ended.Task;

    public void Start()
    {
        // Nothing is done in no time: the way through the pool would be all there is to it.
        if (_task is { Action: NoopAction or SwitchAction, Timeout: null, Retry: null }) _ = RunAsync();
        else Queue();
    }

    private void Queue() => ThreadPool.UnsafeQueueUserWorkItem(static runner => _ = runner.RunAsync(), this, preferLocal: false);

    /// <summary>The next attempt has its slot.</summary>
    public void Grant(StartPermit start)
    {
        // The wait may have been stopped in this very moment; the attempt is in the journal and must be closed.
        if (_permit is { } permit && !permit.TrySetResult(start)) Report(Attribute(new TaskOutcome.Cancelled(), _stop.Token), 0);
    }

    /// <summary>The run decided on another attempt. False when this runner does not wait for one and may be forgotten.</summary>
    public bool Waits(DateTimeOffset retryAt)
    {
        if (_cause != StopCause.None || _decision is not { } decision) return false;
        _permit = new(TaskCreationOptions.RunContinuationsAsynchronously);
        return decision.TrySetResult(retryAt);
    }

    /// <summary>The run needs nothing more of this runner.</summary>
    public void End()
    {
        _decision?.TrySetResult(null);
        if (_permit is not null) Cancel();
    }

    /// <summary>Stops the attempt in flight, or the wait for the next one.</summary>
    public void Stop(StopCause cause)
    {
        if (_cause == StopCause.None) _cause = cause;
        Cancel();
    }

    // On the pool: what listens to the token (signals, kills) must not run on the loop.
    private void Cancel() => ThreadPool.UnsafeQueueUserWorkItem(static stop => stop.Cancel(), _stop, preferLocal: false);

    private async Task RunAsync()
    {
        try
        {
            if (!Repeats) await AttemptAsync(_stop.Token).ConfigureAwait(false);
            else await Attempts().ExecuteAsync(static (runner, stop) => runner.AttemptAsync(stop), this, _stop.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Stopped before the attempt began, which Polly answers without asking us, or while waiting for the next one.
            if (_owesReport) Report(Attribute(new TaskOutcome.Cancelled(), _stop.Token), 0);
        }
        catch (Exception e)   // nobody awaits this: without an answer the run would wait for ever
        {
            _services.Log.ExecutorThrew(e, _run.Id, _task.Id, _attempt);
            if (_owesReport) Report(new TaskOutcome.Failed(FailureKind.Panic, $"{e.GetType().Name}: {e.Message}").By(e), 0);
        }
        finally
        {
            _ended.TrySetResult();
        }
    }

    private void Report(TaskOutcome outcome, double ms)
    {
        _owesReport = false;
        _post(new LoopMessage.Deliver(_run, new RunInput.AttemptFinished(_task.Id, _attempt, outcome, ms)));
    }

    private ResiliencePipeline<TaskOutcome> Attempts() =>
        new ResiliencePipelineBuilder<TaskOutcome> { TimeProvider = _services.Clock }
            .AddRetry(new RetryStrategyOptions<TaskOutcome>
            {
                MaxRetryAttempts = int.MaxValue,   // the run decides; Polly only asks
                UseJitter = false,
                ShouldHandle = async _ => await DecisionAsync().ConfigureAwait(false) is not null,
                DelayGenerator = async _ =>
                {
                    var left = (await DecisionAsync().ConfigureAwait(false))!.Value - _services.Clock.GetUtcNow();
                    return left > TimeSpan.Zero ? left : TimeSpan.Zero;
                },
            })
            .Build();

    // Around the attempt alone: the wait for its slot is not part of it.
    private ResiliencePipeline<TaskOutcome> Limit(TimeSpan timeout) =>
        new ResiliencePipelineBuilder<TaskOutcome> { TimeProvider = _services.Clock }
            .AddTimeout(new TimeoutStrategyOptions { TimeoutGenerator = _ => new(timeout) })   // the fixed option takes at most a day
            .Build();

    private Task<DateTimeOffset?> DecisionAsync() => _decision!.Task;

    private async ValueTask<TaskOutcome> AttemptAsync(CancellationToken stop)
    {
        var start = _first ?? await PermitAsync().ConfigureAwait(false);
        _first = null;
        _decision = Repeats ? new(TaskCreationOptions.RunContinuationsAsynchronously) : null;
        var started = _services.Clock.GetTimestamp();
        using var activity = AttemptActivity.Start(_run.Id, _run.State.Created!, _task.Id, _attempt);
        var progress = new AttemptProgress(_task.Id, _attempt, _services.Clock, report => _post(new LoopMessage.Deliver(_run, report)));
        var lost = start.Renewals.Count == 0 ? null
            : await Renewing.RunAsync(
                _services, _run, _task.Id, _attempt, start.Renewals, input => DecideAsync(input, stop), () => _cause == StopCause.Interrupt, stop).ConfigureAwait(false);
        var outcome = lost is not null ? Attribute(lost, stop) : Left(start) is { } timeout
            ? await Limit(timeout).ExecuteAsync(static (at, limited) => at.Runner.ExecuteLimitedAsync(at.Start, at.Progress, limited), (Runner: this, Start: start, Progress: progress), stop).ConfigureAwait(false)
            : Attribute(await ExecuteAsync(start, progress, stop).ConfigureAwait(false), stop);
        progress.End();   // before the end is reported, so that the last word is in the journal first
        var ms = Math.Round(_services.Clock.GetElapsedTime(started).TotalMilliseconds, 3);
        AttemptActivity.Complete(activity);
        Report(outcome, ms);
        return outcome;
    }

    private async Task<bool> DecideAsync(RunInput input, CancellationToken stop)
    {
        var answer = new TaskCompletionSource<AnswerResult>(TaskCreationOptions.RunContinuationsAsynchronously);
        _post(new LoopMessage.Decide(_run, input, answer));
        return (await answer.Task.WaitAsync(stop).ConfigureAwait(false)).Refusal is null;
    }

    /// <summary>What is left of the timeout: a wait that another process began continues; it does not restart.</summary>
    private TimeSpan? Left(StartPermit start)
    {
        // Timers reach 49 days; a limit beyond that is as good as none.
        if (_task.Timeout is not { } timeout || timeout > LongestTimer) return null;
        if (_task.Action is not (WaitAction or WorkflowAction)) return timeout;
        var left = timeout - (_services.Clock.GetUtcNow() - start.StartedAt);
        return left > TimeSpan.FromMilliseconds(10) ? left : TimeSpan.FromMilliseconds(10);   // the least Polly takes
    }

    private async ValueTask<TaskOutcome> ExecuteLimitedAsync(StartPermit start, AttemptProgress progress, CancellationToken stop) =>
        Attribute(await ExecuteAsync(start, progress, stop).ConfigureAwait(false), stop);

    private ValueTask<TaskOutcome> ExecuteAsync(StartPermit start, AttemptProgress progress, CancellationToken stop) =>
        AttemptExecution.RunAsync(_services, _run, _task, _templates, _attempt, start, progress, () => _cause == StopCause.Interrupt, stop);

    /// <summary>Polly has waited: the attempt is due and the run is asked for a slot. A retrying task held none.</summary>
    private async Task<StartPermit> PermitAsync()
    {
        _attempt++;
        _post(new LoopMessage.Deliver(_run, new RunInput.RetryDue(_task.Id, _attempt)));
        var permit = _permit!;
        StartPermit start;
        try
        {
            start = await permit.Task.WaitAsync(_stop.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!permit.TrySetCanceled())
        {
            start = await permit.Task.ConfigureAwait(false);   // granted in the same moment: the attempt began and will be stopped as one
        }
        _owesReport = true;
        return start;
    }

    /// <summary>An executor says only that it was stopped; which token fired says why.</summary>
    private TaskOutcome Attribute(TaskOutcome outcome, CancellationToken stop)
    {
        if (outcome is not TaskOutcome.Cancelled) return outcome;
        if (_cause == StopCause.Interrupt) return new TaskOutcome.Interrupted { Process = outcome.Process, LogRef = outcome.LogRef };
        if (_cause == StopCause.None && stop.IsCancellationRequested)
            return new TaskOutcome.Failed(FailureKind.Timeout, $"The attempt took longer than its timeout of {DurationText.Format(_task.Timeout!.Value)}.")
            {
                Process = outcome.Process,
                LogRef = outcome.LogRef,
                Outputs = outcome.Outputs,
                OutputsFile = outcome.OutputsFile,
                OutputBytes = outcome.OutputBytes,
            };
        return outcome;
    }
}

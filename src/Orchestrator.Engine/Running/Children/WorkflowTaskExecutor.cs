using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Orchestrator.Core;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Lifecycle;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Triggers;
using Orchestrator.Engine.Executors;
using Orchestrator.Engine.Executors.Results;

namespace Orchestrator.Engine.Running.Children;

/// <summary>
/// Kind workflow: a run of another workflow, in the same trace and under the same correlation id. The attempt's child has one id for ever, so
/// that submitting it again after a crash finds it.
/// </summary>
/// <param name="engine">Runs the child.</param>
/// <param name="find">The definition in force under a name; its second argument is the folder of the parent's definition.</param>
/// <param name="endOf">The terminal event of a run that is not open any more; null when it has none.</param>
internal sealed class WorkflowTaskExecutor(
    RunEngine engine, Func<string, string, WorkflowLookup> find, Func<RunId, Task<WorkflowEnded?>> endOf) : ITaskExecutor
{
    /// <summary>Runs nested deeper than this are refused: most likely a workflow calls itself.</summary>
    public const int MaxNested = 16;

    /// <inheritdoc/>
    public async ValueTask<TaskOutcome> ExecuteAsync(TaskAttempt attempt, CancellationToken stop)
    {
        var call = attempt.Invocation.Child ?? throw new InvalidOperationException($"Task '{attempt.Task.Id}' names no workflow.");
        var parent = attempt.Created ?? throw new InvalidOperationException("The run has no first event.");
        if (attempt.ChildRunId is not { } child) throw new InvalidOperationException("The attempt has no child run id.");
        if (parent.Depth >= MaxNested)
            return Refused(string.Create(CultureInfo.InvariantCulture, $"Runs are nested {MaxNested} deep: workflow '{call.Workflow}' may be calling itself endlessly."));
        try
        {
            var found = find(call.Workflow, attempt.BaseDirectory);
            if (found.Definition is not { } definition)
                return await UnlessThereAsync(attempt, child, found.Problem ?? $"There is no workflow '{call.Workflow}'.", stop).ConfigureAwait(false);
            try
            {
                await engine.SubmitAsync(new RunRequest
                {
                    RunId = child, Definition = definition, Params = RunParameters.Given(call.Params),
                    Origin = new RunOrigin.ParentTask(attempt.RunId, attempt.Task.Id, parent.Depth + 1)
                    {
                        Chain = TriggerChain.After(parent), CorrelationId = parent.CorrelationId, CausationId = Core.Lifecycle.EventIds.Of(StreamId.Run(attempt.RunId), attempt.StartedSeq).ToString(),
                        // No task waits for a detached run: it has its own trace, which is linked to this one.
                        Trace = IsDetached(attempt) ? null : Stamp(attempt),
                        Links = IsDetached(attempt) ? [new("parent_run", Stamp(attempt).TraceParent)] : [],
                    },
                }, CancellationToken.None).ConfigureAwait(false);
            }
            catch (RunParametersException e)
            {
                var why = $"Workflow '{call.Workflow}' cannot run with these parameters: {string.Join(" ", e.Problems.Select(p => $"{p.Message} {p.Remedy}".TrimEnd()))}";
                return await UnlessThereAsync(attempt, child, why, stop).ConfigureAwait(false);
            }
            if (IsDetached(attempt)) return Succeeded(child, null);
            return await FollowAsync(attempt, child, NotFound(child), stop).ConfigureAwait(false);
        }
        catch (Exception e) when (e is EngineStoppingException or RunInterruptedException)
        {
            return new TaskOutcome.Interrupted();   // the child goes on with its parent, wherever that is
        }
        catch (Exception e) when (e is TooManyRunsException or Journal.JournalUnavailableException)
        {
            return new TaskOutcome.Failed(FailureKind.Error, $"The run of '{call.Workflow}' was not accepted: {e.Message}").By(e);
        }
    }

    // After a crash the child may be there already. It continues with its own definition, even if the name has another definition now.
    private Task<TaskOutcome> UnlessThereAsync(TaskAttempt attempt, RunId child, string why, CancellationToken stop) =>
        IsDetached(attempt) ? Task.FromResult<TaskOutcome>(Refused(why)) : FollowAsync(attempt, child, Refused(why), stop);

    private async Task<TaskOutcome> FollowAsync(TaskAttempt attempt, RunId child, TaskOutcome notFound, CancellationToken stop)
    {
        try
        {
            return Judge(attempt, child, await engine.WaitAsync(child, stop).ConfigureAwait(false));
        }
        catch (KeyNotFoundException)
        {
            return await endOf(child).ConfigureAwait(false) is { } end ? Judge(attempt, child, end) : notFound;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            if (attempt.IsInterrupted()) return new TaskOutcome.Interrupted();
            await engine.CancelAsync(child, $"run {attempt.RunId}", CancellationToken.None).ConfigureAwait(false);
            try { await engine.WaitAsync(child, CancellationToken.None).ConfigureAwait(false); }
            catch (KeyNotFoundException) { }   // it has ended
            return new TaskOutcome.Cancelled();
        }
    }

    private static TaskOutcome Judge(TaskAttempt attempt, RunId child, WorkflowEnded end) => end switch
    {
        WorkflowCompleted done => Succeeded(child, done.WorkflowResult),
        WorkflowFailed failed => new TaskOutcome.Failed(failed.ErrorType, $"Run {child} of workflow '{attempt.Invocation.Child!.Workflow}' failed: {failed.Error}") { Outputs = Succeeded(child, null).Outputs },
        _ => new TaskOutcome.Failed(FailureKind.Error, $"Run {child} of workflow '{attempt.Invocation.Child!.Workflow}' was cancelled: {end.Reason}.") { Outputs = Succeeded(child, null).Outputs },
    };

    private static TaskOutcome.Succeeded Succeeded(RunId child, ImmutableSortedDictionary<string, JsonElement>? results) => new()
    {
        Outputs = (results ?? ImmutableSortedDictionary<string, JsonElement>.Empty).SetItem("run_id", JsonSerializer.SerializeToElement(child.ToString(), OutputJson.Default.String)),
    };

    private static TaskOutcome.Failed NotFound(RunId child) =>
        new(FailureKind.Error, $"Run {child} is neither open here nor finished: another process may own it. See it with: orchestrator show {child}");

    private static TaskOutcome.Failed Refused(string why) => new(FailureKind.Error, why, Retryable: false);

    private static bool IsDetached(TaskAttempt attempt) => attempt.Task.Action is WorkflowAction { Detach: true };

    // The child's spans hang below this attempt's.
    private static TraceStamp Stamp(TaskAttempt attempt) =>
        TraceContexts.Of(attempt.RunId, attempt.InboundTrace, TraceIds.Attempt, attempt.Task.Id, attempt.Attempt, attempt.Created?.Sampled);
}

/// <summary>The definition found for a workflow's name.</summary>
/// <param name="Definition">The definition in force; null when there is none.</param>
/// <param name="Problem">Why there is none, in a sentence with a remedy.</param>
public sealed record WorkflowLookup(WorkflowDefinition? Definition, string? Problem = null);

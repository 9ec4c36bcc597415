using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Expressions;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Executors;
using Orchestrator.Engine.Executors.Artifacts;
using Orchestrator.Engine.Executors.Results;
using Orchestrator.Engine.Executors.Secrets;

namespace Orchestrator.Engine.Running.Attempts;

/// <summary>Carries out one attempt: resolves secrets, renders the task, runs its executor, accepts its results. Never throws.</summary>
internal static class AttemptExecution
{
    public static async ValueTask<TaskOutcome> RunAsync(AttemptServices services, OpenRun run, TaskDefinition task, TaskTemplates templates, int attempt, StartPermit start, AttemptProgress progress, Func<bool> isInterrupted, CancellationToken stop)
    {
        try
        {
            if (services.Executors(task.Action.Kind) is not { } executor)
                return new TaskOutcome.Failed(FailureKind.Error, $"This worker cannot carry out tasks of kind '{task.Action.Kind}'.", Retryable: false);
            var secrets = Secrets(services.Secrets, run.State.Plan.Definition, templates.References);
            var scope = secrets.Count == 0 ? start.Scope : start.Scope with { Secrets = secrets };
            string[] hidden = [.. secrets.Values];
            foreach (var parameter in templates.SecretParameters)
            {
                var value = services.Secrets.Resolve(parameter.Name, parameter.Secret!);
                hidden = [.. hidden, value];
                scope = scope with { Params = scope.Params.ToImmutableSortedDictionary(p => p.Key, p => p.Value, StringComparer.Ordinal).SetItem(parameter.Name, JsonSerializer.SerializeToElement(value, OutputJson.Default.String)) };
            }
            var invocation = templates.Render(scope);
            if (!invocation.Dotenv.IsDefaultOrEmpty) invocation = invocation with { Env = Dotenv.Beneath(invocation.Env, invocation.Dotenv, run.BaseDirectory) };
            var what = Attempt(services, run, task, attempt, invocation, hidden, start, progress, isInterrupted);
            var outcome = await executor.ExecuteAsync(what, stop).ConfigureAwait(false);
            if (outcome is TaskOutcome.Succeeded done && (templates.Transform is not null || !done.Outputs.IsEmpty)) outcome = Accept(services, what, templates, scope, done);
            else if (outcome is TaskOutcome.Failed or TaskOutcome.Cancelled) outcome = TaskResults.Keep(what, outcome, services.Limits);
            // An attempt that is to go on elsewhere has not ended; one that was stopped for its timeout has.
            return what.Invocation.Artifacts.IsEmpty || isInterrupted() ? outcome
                : await ArtifactCollection.KeepAsync(what, outcome, services.Limits, services.Log).ConfigureAwait(false);
        }
        catch (ExpressionException e)
        {
            return new TaskOutcome.Failed(FailureKind.Error, $"The task's text cannot be rendered: {e.Message}", Retryable: false).By(e);
        }
        catch (DotenvException e)
        {
            return new TaskOutcome.Failed(FailureKind.Error, e.Message, Retryable: false).By(e);
        }
        catch (SecretUnavailableException e)
        {
            return new TaskOutcome.Failed(FailureKind.Error, e.Message).By(e);
        }
        catch (OutputProblemException e)
        {
            return new TaskOutcome.Failed(e.Kind, e.Message, Retryable: false).By(e);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return new TaskOutcome.Cancelled();
        }
        catch (Exception e)   // the executor boundary: whatever it threw, the run goes on and says so
        {
            services.Log.ExecutorThrew(e, run.Id, task.Id, attempt);
            return new TaskOutcome.Failed(FailureKind.Panic, $"{e.GetType().Name}: {e.Message}").By(e);
        }
    }

    private static TaskAttempt Attempt(
        AttemptServices services, OpenRun run, TaskDefinition task, int attempt, TaskInvocation invocation, string[] secrets, StartPermit start, AttemptProgress progress, Func<bool> isInterrupted)
    {
        var definition = run.State.Plan.Definition;
        var results = ResultVariables.Of(start.Ancestors);
        return new()
        {
            RunId = run.Id,
            Workflow = definition.Name,
            Task = task,
            Invocation = invocation,
            Attempt = attempt,
            RunDirectory = services.Files.DirectoryOf(run.Id),
            BaseDirectory = run.BaseDirectory,
            InheritEnv = services.Secrets.Inherited(definition),
            InboundTrace = run.State.Created!.Trace,
            Created = run.State.Created,
            ChildRunId = start.ChildRunId,
            StartedSeq = start.Seq,
            IsInterrupted = isInterrupted,
            Progress = progress,
            ResultEnv = results.Variables,
            ResultsLeftOut = results.LeftOut,
            Secrets = secrets,
        };
    }

    /// <summary>Whatever kind of task they come from: made anew where the task says how, looked at for secrets and size, and stored.</summary>
    private static TaskOutcome Accept(AttemptServices services, TaskAttempt attempt, TaskTemplates templates, ExpressionScope scope, TaskOutcome.Succeeded done)
    {
        if (templates.Transform is not { } transform) return TaskResults.Judge(attempt, done, services.Limits);
        try
        {
            return TaskResults.Judge(attempt, done with { Outputs = transform.Render(scope with { Env = attempt.Invocation.Env, Outputs = done.Outputs }) }, services.Limits);
        }
        catch (ExpressionException e)
        {
            var message = SecretMasker.Apply(SecretPatterns.Of(attempt.Secrets), $"The results cannot be made by `transform`: {e.Message}");
            return new TaskOutcome.Failed(FailureKind.ConditionError, message, Retryable: false) { Process = done.Process, LogRef = done.LogRef }.By(e);
        }
    }

    private static Dictionary<string, string> Secrets(SecretSource source, WorkflowDefinition definition, IEnumerable<ExpressionReference> references)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var reference in references)
            if (reference.Root == "secrets" && definition.Secrets.TryGetValue(reference.Name, out var secret) && !values.ContainsKey(reference.Name))
                values.Add(reference.Name, source.Resolve(reference.Name, secret));
        return values;
    }
}

using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Expressions;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Executors;
using Orchestrator.Engine.Executors.Artifacts;
using Orchestrator.Engine.Executors.Process;
using Orchestrator.Engine.Executors.Results;
using Orchestrator.Engine.Secrets;

namespace Orchestrator.Engine.Running.Attempts;

/// <summary>Carries out one attempt: resolves secrets, renders the task, runs its executor, accepts its results. Never throws.</summary>
internal static class AttemptExecution
{
    public static async ValueTask<TaskOutcome> RunAsync(AttemptServices services, OpenRun run, TaskDefinition task, TaskTemplates templates, int attempt, StartPermit start, AttemptProgress progress, Func<bool> isInterrupted, CancellationToken stop)
    {
        var secrets = new Dictionary<string, string>(StringComparer.Ordinal);
        var derived = new DerivedSecrets();
        var outcome = await DoAsync(services, run, task, templates, attempt, start, progress, isInterrupted, secrets, derived, stop).ConfigureAwait(false);
        // Executors mask what they say; what went wrong around them may quote what was rendered.
        return (secrets.Count > 0 || derived.Values.Count > 0) && outcome is TaskOutcome.Failed failed
            ? failed with { Message = SecretMasker.Apply(SecretPatterns.Of([.. secrets.Values, .. derived.Values]), failed.Message) } : outcome;
    }

    /// <summary>Carries out a task that has ended once more, for its secret results alone: what else it hands on stays as it was.</summary>
    public static ValueTask<TaskOutcome> RenewAsync(
        AttemptServices services, OpenRun run, Renewal renewal, int number, Func<bool> isInterrupted, CancellationToken stop)
    {
        var progress = new AttemptProgress(renewal.Task.Id, number, services.Clock, static _ => { });   // nobody asks how far it is
        var start = renewal.Start with { IsRenewal = true };
        return RunAsync(services, run, renewal.Task with { Artifacts = [] }, renewal.Templates, number, start, progress, isInterrupted, stop);
    }

    private static async ValueTask<TaskOutcome> DoAsync(
        AttemptServices services, OpenRun run, TaskDefinition task, TaskTemplates templates, int attempt, StartPermit start, AttemptProgress progress, Func<bool> isInterrupted,
        Dictionary<string, string> secrets, DerivedSecrets derived, CancellationToken stop)
    {
        try
        {
            if (services.Executors(task.Action.Kind) is not { } executor)
                return new TaskOutcome.Failed(FailureKind.Error, $"This worker cannot execute tasks of kind '{task.Action.Kind}'.", Retryable: false);
            Resolve(services.Secrets, run.State.Plan.Definition, templates.References, secrets);
            var scope = start.Scope;
            foreach (var parameter in templates.SecretParameters)
            {
                // Beside the secrets of the definition, whose names have no dot: what holds for them holds for it.
                var value = secrets[$"params.{parameter.Name}"] = services.Secrets.Resolve(parameter.Name, parameter.Secret!);
                derived.AddParameter(parameter.Name);
                scope = scope with { Params = scope.Params.ToImmutableSortedDictionary(p => p.Key, p => p.Value, StringComparer.Ordinal).SetItem(parameter.Name, JsonSerializer.SerializeToElement(value, OutputJson.Default.String)) };
            }
            scope = HeldResults.Into(scope, templates, run.Held, secrets, derived);
            if (secrets.Count > 0) scope = scope with { Secrets = secrets, Derived = derived };
            var invocation = templates.Render(scope);
            if (!invocation.Dotenv.IsDefaultOrEmpty) invocation = invocation with { Env = Dotenv.Beneath(invocation.Env, invocation.Dotenv, run.BaseDirectory) };
            var what = Attempt(services, run, task, attempt, invocation, [.. secrets.Values, .. derived.Values], start, progress, isInterrupted);
            var before = ArtifactNames.Before(what);
            var outcome = await executor.ExecuteAsync(what, stop).ConfigureAwait(false);
            if (outcome is TaskOutcome.Succeeded done && (templates.Transform is not null || !done.Outputs.IsEmpty))
                outcome = Accept(services, run, what, templates, scope, start.IsRenewal, derived, done);
            else if (start.IsRenewal) outcome = outcome with { Outputs = outcome.Outputs.Clear() };
            else if (outcome is TaskOutcome.Failed or TaskOutcome.Cancelled)
                outcome = TaskResults.Keep(what, Unsuccessful(what, derived, outcome), services.Limits);
            // An attempt that is to go on elsewhere has not ended; one that was stopped for its timeout has.
            if (isInterrupted()) return outcome;
            if (!what.Invocation.Artifacts.IsEmpty) outcome = await ArtifactCollection.KeepAsync(what, outcome, services.Limits, services.Log).ConfigureAwait(false);
            return ArtifactNames.Judge(services.Limits.Disk, what, before, outcome);
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
            // An exception goes to the log with all it says.
            services.Log.ExecutorThrew(secrets.Count == 0 ? e : new InvalidOperationException($"{e.GetType().Name} at {e.StackTrace?.Trim()}"), run.Id, task.Id, attempt);
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

    /// <summary>Results of every kind of task: transformed as the task says, checked for secrets and size, and stored.</summary>
    private static TaskOutcome Accept(
        AttemptServices services, OpenRun run, TaskAttempt attempt, TaskTemplates templates, ExpressionScope scope, bool isRenewal, DerivedSecrets derived,
        TaskOutcome.Succeeded done)
    {
        try
        {
            var made = done;
            if (templates.Transform is { } transform) made = done with { Outputs = transform.Render(scope with { Env = attempt.Invocation.Env, Outputs = done.Outputs }) };
            var (kept, secret) = SecretResults.Split(attempt.Task, made.Outputs);
            foreach (var value in secret.Values) derived.AddValue(value);
            attempt = attempt with { Secrets = [.. scope.Secrets.Values, .. derived.Values] };
            if (!secret.IsEmpty)
            {
                // What it said before anybody knew that this is a secret.
                MaskLogs(attempt);
                TaskResults.Check(attempt, secret, services.Limits);
                made = made with { Outputs = kept, SecretOutputs = [.. secret.Keys] };
            }
            var judged = isRenewal ? made : TaskResults.Judge(attempt, made, services.Limits);
            if (judged is TaskOutcome.Succeeded && !secret.IsEmpty) run.Held.Hold(attempt.Task.Id, secret);
            return judged;
        }
        catch (ExpressionException e)
        {
            return new TaskOutcome.Failed(FailureKind.ConditionError, $"The results cannot be made by `transform`: {e.Message}", Retryable: false) { Process = done.Process, LogRef = done.LogRef }.By(e);
        }
    }

    /// <summary>The results of an attempt that did not succeed, without those that would have been secret.</summary>
    private static TaskOutcome Unsuccessful(TaskAttempt attempt, DerivedSecrets derived, TaskOutcome outcome)
    {
        if (attempt.Task.SecretOutputs.IsDefaultOrEmpty || outcome.Outputs.IsEmpty) return outcome;
        var (_, secret) = SecretResults.Split(attempt.Task, outcome.Outputs);
        foreach (var value in secret.Values) derived.AddValue(value);
        if (!secret.IsEmpty) MaskLogs(attempt with { Secrets = [.. attempt.Secrets, .. derived.Values] });
        return outcome with { Outputs = SecretResults.Without(attempt.Task, outcome.Outputs) };
    }

    private static void MaskLogs(TaskAttempt attempt)
    {
        if (attempt.Patterns is not { } patterns) return;
        var files = new AttemptFiles(attempt);
        LogFile.Mask(files.Log, patterns);
        if (files.Errors is { } errors) LogFile.Mask(errors, patterns);
    }

    private static void Resolve(SecretSource source, WorkflowDefinition definition, IEnumerable<ExpressionReference> references, Dictionary<string, string> values)
    {
        foreach (var reference in references)
            if (reference.Root == "secrets" && definition.Secrets.TryGetValue(reference.Name, out var secret) && !values.ContainsKey(reference.Name))
                values.Add(reference.Name, source.Resolve(reference.Name, secret));
    }
}

using Orchestrator.Core;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Expressions;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Executors;

namespace Orchestrator.Engine.Running.Attempts;

/// <summary>Carries out one attempt: resolves secrets, renders the task, runs its executor. Never throws.</summary>
internal static class AttemptExecution
{
    public static async ValueTask<TaskOutcome> RunAsync(AttemptServices services, OpenRun run, TaskDefinition task, TaskTemplates templates, int attempt, StartPermit start, AttemptProgress progress, Func<bool> isInterrupted, CancellationToken stop)
    {
        var definition = run.State.Plan.Definition;
        var created = run.State.Created!;
        try
        {
            var secrets = Secrets(services.Secrets, definition, templates.References);
            return services.Executors(task.Action.Kind) is not { } executor
                ? new TaskOutcome.Failed(FailureKind.Error, $"This worker cannot carry out tasks of kind '{task.Action.Kind}'.", Retryable: false)
                : await executor.ExecuteAsync(new TaskAttempt
                {
                    RunId = run.Id,
                    Workflow = definition.Name,
                    Task = task,
                    Invocation = templates.Render(secrets.Count == 0 ? start.Scope : start.Scope with { Secrets = secrets }),
                    Attempt = attempt,
                    RunDirectory = services.Paths.Of(run.Id),
                    BaseDirectory = run.BaseDirectory,
                    InheritEnv = definition.InheritEnv,
                    InboundTrace = created.Trace,
                    Created = created,
                    ChildRunId = start.ChildRunId,
                    IsInterrupted = isInterrupted,
                    Progress = progress,
                    Secrets = secrets.Count == 0 ? [] : [.. secrets.Values],
                }, stop).ConfigureAwait(false);
        }
        catch (ExpressionException e)
        {
            return new TaskOutcome.Failed(FailureKind.Error, $"The task's text cannot be rendered: {e.Message}", Retryable: false);
        }
        catch (SecretUnavailableException e)
        {
            return new TaskOutcome.Failed(FailureKind.Error, e.Message);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return new TaskOutcome.Cancelled();
        }
        catch (Exception e)   // the executor boundary: whatever it threw, the run goes on and says so
        {
            services.Log.ExecutorThrew(e, run.Id, task.Id, attempt);
            return new TaskOutcome.Failed(FailureKind.Panic, $"{e.GetType().Name}: {e.Message}");
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

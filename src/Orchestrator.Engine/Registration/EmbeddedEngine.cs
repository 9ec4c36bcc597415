using Microsoft.Extensions.Logging;
using Orchestrator.Engine.Definitions;
using Orchestrator.Engine.Executors;
using Orchestrator.Engine.Executors.Delegate;
using Orchestrator.Engine.Executors.Process;
using Orchestrator.Engine.Executors.Workflow;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Lifecycle;
using Orchestrator.Engine.Running;
using Orchestrator.Engine.Running.Attempts;

namespace Orchestrator.Engine.Registration;

/// <summary>An engine inside a host and what it is made of, from the executors up.</summary>
internal sealed class EmbeddedEngine : IAsyncDisposable
{
    private readonly ProcessTaskExecutor _processes;
    private readonly KillSet _kills;

    public EmbeddedEngine(
        OrchestratorOptions options, Registered registered, IRunJournal journal, RunPaths paths, DefinitionStore definitions, LifecyclePublisher publisher, WorkflowCatalog catalog,
        TimeProvider clock, ILoggerFactory logs)
    {
        var limits = options.Limits;
        var environment = options.Variables ?? OwnVariables();
        _processes = new(limits, environment, clock, logs.CreateLogger<ProcessTaskExecutor>());
        _kills = new(limits, clock, logs.CreateLogger<KillSet>());
        var delegates = new DelegateTaskExecutor(registered.Delegates, limits, clock, logs.CreateLogger<DelegateTaskExecutor>())
        {
            Abandoned = attempt => publisher.DelegateAbandoned(attempt.Workflow, attempt.Task.Id.ToString()),
        };
        var kinds = new TaskExecutors(_processes, delegates, new());
        Engine = new(
            new()
            {
                InstanceId = options.InstanceId, Slots = options.Slots, MaxOpenRuns = options.MaxOpenRuns, MaxRunningRuns = options.MaxRunningRuns,
                BaseDirectory = options.BaseDirectory,
            },
            new()
            {
                Paths = paths, Journal = journal, Definitions = definitions, Publisher = publisher, Clock = clock, Logs = logs,
                Executors = kinds.Find,
                Workflows = (name, _) => catalog.Find(name) is { } found ? new(found) : new(null, UnknownWorkflow(name, catalog)),
                Secrets = new SecretSource(environment),
                EndLeftovers = (runs, stop) => _kills.EndRunsAsync(runs, stop: stop),
            });
    }

    public RunEngine Engine { get; }

    public static string UnknownWorkflow(string name, WorkflowCatalog catalog) =>
        $"There is no workflow '{name}'. " + (Core.Suggest.Closest(name, catalog.Current.Workflows.Keys) is { } near ? $"Did you mean '{near}'?" : "Add it with AddWorkflow or AddWorkflowsFrom.");

    public async ValueTask DisposeAsync()
    {
        await Engine.DisposeAsync().ConfigureAwait(false);
        _processes.Dispose();
        _kills.Dispose();
    }

    // The host's program is somebody else's, so nobody hands its environment on: it is read here, once, unless the options say otherwise.
    private static Dictionary<string, string> OwnVariables()
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (System.Collections.DictionaryEntry variable in Environment.GetEnvironmentVariables()) variables[(string)variable.Key] = (string?)variable.Value ?? "";
        return variables;
    }
}

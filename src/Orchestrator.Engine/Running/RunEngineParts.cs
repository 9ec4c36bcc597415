using Microsoft.Extensions.Logging;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Executors;
using Orchestrator.Engine.Executors.Process;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Running.Children;
using Orchestrator.Engine.Secrets;
using Orchestrator.Engine.Telemetry;
using Orchestrator.Engine.Telemetry.Tracing;

namespace Orchestrator.Engine.Running;

/// <summary>What an engine is put together from. The engine disposes of none of it.</summary>
public sealed record RunEngineParts
{
    /// <summary>Runs as they are kept, and their files.</summary>
    public required IRunStore Store { get; init; }

    /// <summary>Where the facts live.</summary>
    public required IRunJournal Journal { get; init; }

    /// <summary>The executor of a kind of task; null when there is none here.</summary>
    public required Func<string, ITaskExecutor?> Executors { get; init; }

    /// <summary>The definition in force under a name, for tasks that run other workflows; the second argument is the folder of the asking definition.</summary>
    public Func<string, string, WorkflowLookup> Workflows { get; init; } = (name, _) => new(null, $"There is no workflow '{name}': this engine knows no other workflows.");

    /// <summary>Who tells the world.</summary>
    public required LifecyclePublisher Publisher { get; init; }

    /// <summary>Which runs' spans leave when they end well.</summary>
    public RunSampling Sampling { get; init; } = RunSampling.Always;

    /// <summary>Where secrets come from.</summary>
    public required SecretSource Secrets { get; init; }

    /// <summary>Limits of results and artifacts.</summary>
    public ProcessTaskOptions Limits { get; init; } = new();

    /// <summary>The clock.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Where logs go.</summary>
    public required ILoggerFactory Logs { get; init; }

    /// <summary>Ends processes of these runs that a dead worker left running, and returns when they are gone.</summary>
    public Func<IReadOnlyCollection<RunId>, CancellationToken, Task> EndLeftovers { get; init; } = (_, _) => Task.CompletedTask;
}

using Microsoft.Extensions.Configuration;
using Orchestrator.Engine.Definitions;
using Orchestrator.Engine.Executors;
using Orchestrator.Engine.Executors.Delegate;
using Orchestrator.Engine.Files;
using Orchestrator.Engine.Hosting.Options;
using Orchestrator.Engine.Telemetry.Tracing;

namespace Orchestrator.Engine.Hosting;

/// <summary>What a host says of the node in it, once, when it is built.</summary>
internal sealed record NodeSetup
{
    public required NodeOptions Options { get; init; }

    public required WorkerIdentity Identity { get; init; }

    /// <summary>Variables that secrets are read from and child processes may get.</summary>
    public required IReadOnlyDictionary<string, string> Environment { get; init; }

    /// <summary>Name of the journal folder this process writes: only one process holds the directory's lock, so it can be the same for ever.</summary>
    public required string Writer { get; init; }

    /// <summary>The journal's disk; null: that of the store.</summary>
    public Disk? JournalDisk { get; init; }

    /// <summary>Folders and files that definitions come from.</summary>
    public IReadOnlyList<string> Folders { get; init; } = [];

    /// <summary>Where inline definitions stand; null: nowhere.</summary>
    public IConfiguration? Configuration { get; init; }

    /// <summary>Definitions written in C#.</summary>
    public IReadOnlyList<DefinitionSource> Built { get; init; } = [];

    /// <summary>Whether changes of definitions are followed; otherwise they are read once.</summary>
    public bool FollowsDefinitions { get; init; } = true;

    /// <summary>Folder that relative paths of workflows without a file start from; null: the current directory.</summary>
    public string? BaseDirectory { get; init; }

    /// <summary>What to do about a workflow that is not there, where no name is near.</summary>
    public string Unknown { get; init; } = "";

    /// <summary>Which runs have spans.</summary>
    public RunSampling Sampling { get; init; } = RunSampling.Always;

    /// <summary>Whether reports of finished runs are written.</summary>
    public bool Reports { get; init; } = true;

    /// <summary>How long the last events are waited for at a stop; null: until all are told.</summary>
    public TimeSpan? Patience { get; init; }

    /// <summary>Code by name, for tasks of kind delegate.</summary>
    public TaskDelegates Delegates { get; init; } = new();

    /// <summary>Executors of further kinds, or in place of our own; made when the node opens.</summary>
    public IReadOnlyDictionary<string, Func<IServiceProvider, ITaskExecutor>> Executors { get; init; } =
        new Dictionary<string, Func<IServiceProvider, ITaskExecutor>>();
}

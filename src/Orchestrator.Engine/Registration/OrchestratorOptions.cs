using System.Collections.Immutable;
using Orchestrator.Core.Definitions;
using Orchestrator.Engine.Deliveries.Lanes;
using Orchestrator.Engine.Executors.Sql;
using Orchestrator.Engine.Hosting.Options;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Running.Admission;

namespace Orchestrator.Engine.Registration;

/// <summary>Limits and places of an orchestrator inside a host. What code sets wins over configuration, which wins over the defaults here.</summary>
public sealed class OrchestratorOptions
{
    /// <summary>Journal, definitions and run folders. Default <c>./data</c>, from the current directory on. One worker at a time works on it.</summary>
    public string DataDirectory { get; set; } = "./data";

    /// <summary>Name of this worker in events, metrics and reports, unique per life. Default the host's name and the process id.</summary>
    public string InstanceId { get; set; } = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Environment.MachineName}-{Environment.ProcessId}");

    /// <summary>Folder that relative paths of workflows without a file start from. Default the current directory.</summary>
    public string BaseDirectory { get; set; } = Directory.GetCurrentDirectory();

    /// <summary>Attempts in flight over all runs, 1 to 10000. Default the larger of 8 and 4 for each processor.</summary>
    public int Slots { get; set; } = Math.Max(8, 4 * Environment.ProcessorCount);

    /// <summary>Runs accepted and not finished; beyond it new ones are refused. Default 10000.</summary>
    public int MaxOpenRuns { get; set; } = 10_000;

    /// <summary>Runs that have started and not finished; further ones stay queued. Default 1000.</summary>
    public int MaxRunningRuns { get; set; } = 1_000;

    /// <summary>Slots of named pools, at least 1 each. A workflow that names another pool is refused.</summary>
    public IDictionary<string, int> Pools { get; } = new Dictionary<string, int>(StringComparer.Ordinal);

    /// <summary>How often runs are admitted. Default without a limit.</summary>
    public AdmissionLimits Admission { get; set; } = new();

    /// <summary>How long running attempts may take to finish when the host stops, before they are interrupted resumably. Default 20 s.</summary>
    public TimeSpan Drain { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>Time between asking an attempt to stop and killing its processes or leaving its delegate behind. Default 10 s.</summary>
    public TimeSpan StopGrace { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Largest log of one attempt in bytes. Default 10 MiB.</summary>
    public long LogLimit { get; set; } = 10 << 20;

    /// <summary>Largest results of one task as JSON, in bytes. Default 1 MiB.</summary>
    public int OutputLimit { get; set; } = 1 << 20;

    /// <summary>Most bytes of all artifacts of one run. Default 1 GiB.</summary>
    public long ArtifactsLimit { get; set; } = 1L << 30;

    /// <summary>The program that runs containers: <c>docker</c>, <c>podman</c>, an absolute path, or <c>auto</c>. Default <c>auto</c>: docker or else podman, looked for in the PATH.</summary>
    public string ContainerClient { get; set; } = "auto";

    /// <summary>When a committed append is on the disk. Default committed.</summary>
    public JournalDurability Durability { get; set; }

    /// <summary>Whether <c>report.md</c> and <c>report.json</c> are written for finished runs. Default true.</summary>
    public bool Reports { get; set; } = true;

    /// <summary>How long finished runs are kept where their workflow says nothing else. Default for ever.</summary>
    public RetentionDefinition Retention { get; set; } = new();

    /// <summary>How long events of schedules, triggers and workers are kept; null: for ever.</summary>
    public TimeSpan? StreamAge { get; set; }

    /// <summary>How many events of each schedule, trigger and worker are kept; null: all.</summary>
    public int? StreamCount { get; set; }

    /// <summary>Databases by name, for tasks of kind <c>sql</c>. Printed nowhere.</summary>
    public IDictionary<string, SqlConnectionSource> Connections { get; } = new Dictionary<string, SqlConnectionSource>(StringComparer.Ordinal);

    /// <summary>Who is told of events besides the <c>callbacks</c> of workflows: webhooks and a broker, each event at least once. Default nobody.</summary>
    public DeliverySettings Deliveries { get; set; } = new();

    /// <summary>Address under which people reach the orchestrator's pages, for links in spans; null leaves them out.</summary>
    public Uri? PublicUrl { get; set; }

    /// <summary>Variables that secrets are read from and child processes may get. Default this process's environment.</summary>
    public IReadOnlyDictionary<string, string>? Variables { get; set; }

    /// <summary>What the configuration holds that cannot be used, a sentence each.</summary>
    internal List<string> Unusable { get; } = [];

    /// <summary>Modes of folders and files, which only configuration sets.</summary>
    internal FilesOptions Files { get; private set; } = new();

    /// <summary>The same as every orchestrator has them.</summary>
    internal NodeOptions ToNode() => new()
    {
        DataDirectory = DataDirectory, PublicUrl = PublicUrl,
        Runner = new() { Slots = Slots, MaxOpenRuns = MaxOpenRuns, MaxRunningRuns = MaxRunningRuns, InstanceId = InstanceId },
        Limits = new() { RunsPerSecond = Admission.RunsPerSecond, PerTenant = Admission.PerTenant, Burst = Admission.Burst },
        Pools = Pools.ToImmutableSortedDictionary(StringComparer.Ordinal), Journal = new() { Durability = Durability },
        Processes = new() { KillGrace = StopGrace, LogLimit = LogLimit, OutputLimit = OutputLimit },
        Artifacts = new() { Limit = ArtifactsLimit }, Files = Files, Containers = new() { Client = ContainerClient },
        Retention = new() { Age = Retention.Age, Count = Retention.Count, Bytes = Retention.Bytes, StreamAge = StreamAge, StreamCount = StreamCount },
        Connections = Connections.ToImmutableSortedDictionary(StringComparer.Ordinal), Deliveries = Deliveries, Shutdown = new() { Drain = Drain },
    };

    /// <summary>Takes what configuration says; <see cref="Deliveries"/> stay.</summary>
    internal void Take(NodeOptions o)
    {
        (DataDirectory, PublicUrl, Files, Durability, Drain) = (o.DataDirectory, o.PublicUrl, o.Files, o.Journal.Durability, o.Shutdown.Drain);
        (Slots, MaxOpenRuns, MaxRunningRuns, InstanceId) = (o.Runner.Slots, o.Runner.MaxOpenRuns, o.Runner.MaxRunningRuns, o.Runner.InstanceId ?? InstanceId);
        Admission = new() { RunsPerSecond = o.Limits.RunsPerSecond, PerTenant = o.Limits.PerTenant, Burst = o.Limits.Burst };
        (StopGrace, LogLimit, OutputLimit) = (o.Processes.KillGrace, o.Processes.LogLimit, (int)o.Processes.OutputLimit);
        (ArtifactsLimit, ContainerClient) = (o.Artifacts.Limit, o.Containers.Client);
        (Retention, StreamAge, StreamCount) = (o.Retention.ToRule(), o.Retention.StreamAge, o.Retention.StreamCount);
        foreach (var (name, slots) in o.Pools) Pools[name] = slots;
        foreach (var (name, source) in o.Connections) Connections[name] = source;
    }
}

using System.Collections.Immutable;
using Orchestrator.Engine.Deliveries.Lanes;
using Orchestrator.Engine.Executors.Process;
using Orchestrator.Engine.Executors.Sql;
using Orchestrator.Engine.Files;

namespace Orchestrator.Engine.Hosting.Options;

/// <summary>What every orchestrator can be told, the program and one inside a host: the keys under the root section <c>Orchestrator</c> that both read.</summary>
internal record NodeOptions
{
    /// <summary>Name of the root section.</summary>
    public const string Section = "Orchestrator";

    /// <summary>
    /// <c>DataDirectory</c>: journal, definitions, run folders and the lock of <c>serve</c>. Default <c>./data</c>; a relative path
    /// starts at the current directory, so that the file can be moved. <c>--data</c> wins.
    /// </summary>
    public string DataDirectory { get; init; } = "./data";

    /// <summary>
    /// <c>PublicUrl</c>: address under which people reach this program, used for links in telemetry and reports. Absolute http or
    /// https; default none, then no links are written.
    /// </summary>
    public Uri? PublicUrl { get; init; }

    /// <summary><c>Runner</c>.</summary>
    public RunnerOptions Runner { get; init; } = new();

    /// <summary><c>Limits</c>.</summary>
    public LimitsOptions Limits { get; init; } = new();

    /// <summary>
    /// <c>Pools</c>: attempts in flight of tasks that name a pool, an object of name and size, 1 to 10000. Default none: a definition that names a
    /// pool is refused.
    /// </summary>
    public ImmutableSortedDictionary<string, int> Pools { get; init; } = ImmutableSortedDictionary<string, int>.Empty;

    /// <summary><c>Journal</c>.</summary>
    public JournalOptions Journal { get; init; } = new();

    /// <summary><c>Processes</c>.</summary>
    public ProcessesOptions Processes { get; init; } = new();

    /// <summary><c>Artifacts</c>.</summary>
    public ArtifactsOptions Artifacts { get; init; } = new();

    /// <summary><c>Files</c>.</summary>
    public FilesOptions Files { get; init; } = new();

    /// <summary><c>Containers</c>.</summary>
    public ContainersOptions Containers { get; init; } = new();

    /// <summary><c>Retention</c>.</summary>
    public RetentionOptions Retention { get; init; } = new();

    /// <summary><c>Connections</c>: databases by name, for tasks of kind sql. Printed nowhere.</summary>
    public ImmutableSortedDictionary<string, SqlConnectionSource> Connections { get; init; } = ImmutableSortedDictionary<string, SqlConnectionSource>.Empty;

    /// <summary><c>Webhooks</c>.</summary>
    public WebhooksOptions Webhooks { get; init; } = new();

    /// <summary><c>RabbitMq</c>.</summary>
    public BrokerOptions RabbitMq { get; init; } = new();

    /// <summary>Who is told of events: what the two sections say, unless code says something else.</summary>
    internal DeliverySettings Deliveries { get => field ?? DeliveriesIn(new()); init; }

    /// <summary><c>Shutdown</c>.</summary>
    public ShutdownOptions Shutdown { get; init; } = new();

    /// <summary>Who is told of events by the two sections; their endpoints and networks come besides what is there.</summary>
    internal DeliverySettings DeliveriesIn(DeliverySettings others) => others with
    {
        Webhooks = [.. others.Webhooks.Where(w => !Webhooks.Endpoints.ContainsKey(w.Name)), .. Webhooks.Endpoints.Values], AllowedNetworks = [.. others.AllowedNetworks, .. Webhooks.Networks],
        Attempts = Webhooks.Attempts, FirstWait = Webhooks.FirstWait, BreakerRest = Webhooks.BreakerRest, RabbitMq = RabbitMq.ToOptions() ?? others.RabbitMq,
    };

    /// <summary>Limits of attempts, kept on a disk.</summary>
    internal ProcessTaskOptions TaskLimits(Disk disk) => new()
    {
        KillGrace = Processes.KillGrace, DelegateGrace = Processes.KillGrace,
        Disk = disk, LogLimit = Processes.LogLimit, OutputLimit = (int)Processes.OutputLimit, ArtifactsLimit = Artifacts.Limit,
    };
}

using System.Collections.Immutable;
using Orchestrator.Engine.Executors.Sql;

namespace Orchestrator.Worker.Hosting;

/// <summary>
/// Everything the program can be told, under the root section <c>Orchestrator</c> of appsettings, environment variables
/// (<c>Orchestrator__Runner__Slots</c>) above the file. A relative path in the file starts at the file's own folder; without
/// a file, and for values from the environment or the command line, see each key.
/// </summary>
internal sealed record OrchestratorOptions
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

    /// <summary><c>Workflows</c>.</summary>
    public WorkflowsOptions Workflows { get; init; } = new();

    /// <summary><c>Api</c>.</summary>
    public ApiOptions Api { get; init; } = new();

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

    /// <summary>Who is told of events.</summary>
    internal Engine.Lifecycle.Delivery.DeliverySettings Deliveries => new()
    {
        Webhooks = [.. Webhooks.Endpoints.Values], AllowedNetworks = Webhooks.Networks, Attempts = Webhooks.Attempts, FirstWait = Webhooks.FirstWait, BreakerRest = Webhooks.BreakerRest,
        RabbitMq = RabbitMq.ToOptions(),
    };

    /// <summary><c>Shutdown</c>.</summary>
    public ShutdownOptions Shutdown { get; init; } = new();

    /// <summary><c>Telemetry</c>.</summary>
    public TelemetryChoices Telemetry { get; init; } = new();
}

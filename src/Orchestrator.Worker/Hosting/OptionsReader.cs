using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Orchestrator.Engine.Executors.Sql;
using Orchestrator.Engine.Journal;

namespace Orchestrator.Worker.Hosting;

/// <summary>
/// Reads <see cref="OrchestratorOptions"/> from configuration. Every wrong or unknown value is reported at once, each with its key and
/// what was found. No reflection: this is on the way of every verb.
/// </summary>
internal static partial class OptionsReader
{
    private static readonly ImmutableArray<string> Sections =
        ["Api", "Artifacts", "Connections", "Containers", "DataDirectory", "Files", "Journal", "Limits", "Pools", "Processes", "PublicUrl", "RabbitMq", "Retention", "Runner", "Shutdown", "Telemetry", "Webhooks", "Workflows"];

    /// <param name="configuration">The whole configuration; the section <c>Orchestrator</c> is read.</param>
    /// <param name="folder">Folder that relative paths of the file start from.</param>
    /// <exception cref="OptionsException">One or more values are wrong.</exception>
    public static OrchestratorOptions Read(IConfiguration configuration, string folder)
    {
        var problems = new List<string>();
        var root = new OptionsSection(configuration.GetSection(OrchestratorOptions.Section), folder, problems);
        root.AllowOnly(Sections);
        var options = new OrchestratorOptions
        {
            DataDirectory = root.Text("DataDirectory") ?? "./data",
            PublicUrl = root.HttpUrl("PublicUrl", allowTls: true),
            Workflows = Workflows(root.Child("Workflows")),
            Api = Api(root.Child("Api")),
            Runner = Runner(root.Child("Runner")),
            Limits = Limits(root.Child("Limits")),
            Pools = root.Child("Pools").EachWhole(1, 10_000),
            Journal = Journal(root.Child("Journal")),
            Processes = Processes(root.Child("Processes")),
            Artifacts = Artifacts(root.Child("Artifacts")),
            Files = FilesOptions.Read(root.Child("Files")),
            Containers = Containers(root.Child("Containers")),
            Retention = RetentionOptions.Read(root.Child("Retention")),
            Connections = Connections(root.Child("Connections")),
            Webhooks = WebhooksOptions.Read(root.Child("Webhooks")),
            RabbitMq = BrokerOptions.Read(root.Child("RabbitMq")),
            Shutdown = Shutdown(root.Child("Shutdown")),
            Telemetry = Telemetry(root.Child("Telemetry")),
        };
        SerilogRules.Check(configuration, folder, problems);
        return problems.Count == 0 ? options : throw new OptionsException(problems);
    }

    private static WorkflowsOptions Workflows(OptionsSection s)
    {
        s.AllowOnly(["Inline", "Path"]);
        return new() { Path = s.File("Path") ?? s.Resolve(new WorkflowsOptions().Path), HasInline = s.Has("Inline") };
    }

    private static ApiOptions Api(OptionsSection s)
    {
        s.AllowOnly(["AllowedHosts", "MaxBodyBytes", "TokenFile", "Url"]);
        var fallback = new ApiOptions();
        return new()
        {
            Url = s.HttpUrl("Url", allowTls: false)!,   // null: the default
            AllowedHosts = s.List("AllowedHosts"),
            TokenFile = s.File("TokenFile"),
            MaxBodyBytes = s.Size("MaxBodyBytes", fallback.MaxBodyBytes, 1 << 10, 64 << 20),
        };
    }

    private static RunnerOptions Runner(OptionsSection s)
    {
        s.AllowOnly(["InstanceId", "MaxOpenRuns", "MaxRunningRuns", "Slots"]);
        var fallback = new RunnerOptions();
        return new()
        {
            Slots = s.Whole("Slots", fallback.Slots, 1, 10_000),
            MaxOpenRuns = s.Whole("MaxOpenRuns", fallback.MaxOpenRuns, 1, 1_000_000),
            MaxRunningRuns = s.Whole("MaxRunningRuns", fallback.MaxRunningRuns, 1, 1_000_000),
            InstanceId = s.Matching("InstanceId", InstanceIdShape(), "letters, digits, '.', '_' and '-', at most 100"),
        };
    }

    private static LimitsOptions Limits(OptionsSection s)
    {
        s.AllowOnly(["Burst", "PerTenant", "RunsPerSecond"]);
        var fallback = new LimitsOptions();
        return new()
        {
            RunsPerSecond = s.Number("RunsPerSecond", 0.001, 100_000),
            PerTenant = s.Child("PerTenant").EachNumber(0.001, 100_000),
            Burst = s.Number("Burst", 0, 3600) ?? fallback.Burst,
        };
    }

    private static JournalOptions Journal(OptionsSection s)
    {
        s.AllowOnly(["Durability"]);
        return new() { Durability = s.Word("Durability", JournalDurability.Committed) };
    }

    private static ProcessesOptions Processes(OptionsSection s)
    {
        s.AllowOnly(["KillGrace", "LogLimit", "OutputLimit"]);
        var fallback = new ProcessesOptions();
        return new()
        {
            KillGrace = s.Duration("KillGrace", fallback.KillGrace, TimeSpan.FromMinutes(10)),
            LogLimit = s.Size("LogLimit", fallback.LogLimit, 4 << 10, 1L << 40),
            OutputLimit = s.Size("OutputLimit", fallback.OutputLimit, 4 << 10, 64 << 20),
        };
    }

    private static ArtifactsOptions Artifacts(OptionsSection s)
    {
        s.AllowOnly(["Limit"]);
        return new() { Limit = s.Size("Limit", new ArtifactsOptions().Limit, 0, 1L << 50) };
    }

    private static ContainersOptions Containers(OptionsSection s)
    {
        s.AllowOnly(["Client"]);
        return new() { Client = s.Matching("Client", ClientShape(), "auto, docker, podman or an absolute path") ?? new ContainersOptions().Client };
    }

    private static ShutdownOptions Shutdown(OptionsSection s)
    {
        s.AllowOnly(["Drain"]);
        return new() { Drain = s.Duration("Drain", new ShutdownOptions().Drain, TimeSpan.FromHours(1)) };
    }

    private static TelemetryChoices Telemetry(OptionsSection s)
    {
        s.AllowOnly(["Prometheus", "Sample"]);
        return new() { Prometheus = s.Word("Prometheus", ScrapeChoice.Auto), Sample = s.Number("Sample", 0, 1) };
    }

    private static ImmutableSortedDictionary<string, SqlConnectionSource> Connections(OptionsSection s)
    {
        var all = ImmutableSortedDictionary.CreateBuilder<string, SqlConnectionSource>(StringComparer.Ordinal);
        foreach (var name in s.Names(InstanceIdShape(), "letters, digits, '.', '_' and '-', at most 100"))
        {
            var at = s.Child(name);
            at.AllowOnly(["ConnectionString", "Env", "File", "PasswordFile"], isSecret: true);
            var source = new SqlConnectionSource { ConnectionString = at.Text("ConnectionString"), PasswordFile = at.File("PasswordFile"), File = at.File("File"), Env = at.Text("Env") };
            // Values are never repeated: one of them may be a password in the wrong place.
            if (new[] { source.ConnectionString, source.File, source.Env }.Count(v => v is not null) != 1) s.Refuse(name, "needs exactly one of ConnectionString, File and Env");
            else if (source is { PasswordFile: not null, ConnectionString: null }) s.Refuse(name, "takes PasswordFile only beside ConnectionString");
            all[name] = source;
        }
        return all.ToImmutable();
    }

    [GeneratedRegex("^(auto|docker|podman|/.+)$")]
    private static partial Regex ClientShape();

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]
    private static partial Regex InstanceIdShape();
}

/// <summary>Values of the configuration that cannot be used; the program does not start with them.</summary>
internal sealed class OptionsException(IReadOnlyList<string> problems) : Exception(string.Join(Environment.NewLine, problems))
{
    /// <summary>One sentence for each, with key and found value.</summary>
    public IReadOnlyList<string> Problems { get; } = problems;
}

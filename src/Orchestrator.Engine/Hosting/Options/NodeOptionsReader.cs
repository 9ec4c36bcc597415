using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Orchestrator.Engine.Executors.Sql;

namespace Orchestrator.Engine.Hosting.Options;

/// <summary>
/// Reads <see cref="NodeOptions"/>. A value that is not there keeps that of the fallback; every wrong or unknown one is reported, with its key and what was
/// found. No reflection: this is on the way of every verb.
/// </summary>
internal static partial class NodeOptionsReader
{
    /// <summary>The sections it reads, and those that only the program reads.</summary>
    public static readonly ImmutableArray<string> Sections =
        ["Api", "Artifacts", "Connections", "Containers", "DataDirectory", "Files", "Journal", "Limits", "Pools", "Processes", "PublicUrl", "RabbitMq", "Retention", "Runner", "Shutdown", "Telemetry", "Webhooks", "Workflows"];

    /// <param name="root">The section <c>Orchestrator</c>.</param>
    /// <param name="fallback">What holds where nothing is set.</param>
    public static NodeOptions Read(OptionsSection root, NodeOptions fallback)
    {
        root.AllowOnly(Sections);
        return fallback with
        {
            DataDirectory = root.Text("DataDirectory") ?? fallback.DataDirectory,
            PublicUrl = root.HttpUrl("PublicUrl", allowTls: true) ?? fallback.PublicUrl,
            Runner = Runner(root.Child("Runner"), fallback.Runner),
            Limits = Limits(root.Child("Limits"), fallback.Limits),
            Pools = fallback.Pools.SetItems(root.Child("Pools").EachWhole(1, 10_000)),
            Journal = Journal(root.Child("Journal"), fallback.Journal),
            Processes = Processes(root.Child("Processes"), fallback.Processes),
            Artifacts = Artifacts(root.Child("Artifacts"), fallback.Artifacts),
            Files = FilesOptions.Read(root.Child("Files"), fallback.Files),
            Containers = Containers(root.Child("Containers"), fallback.Containers),
            Retention = RetentionOptions.Read(root.Child("Retention"), fallback.Retention),
            Connections = fallback.Connections.SetItems(Connections(root.Child("Connections"))),
            Webhooks = WebhooksOptions.Read(root.Child("Webhooks")),
            RabbitMq = BrokerOptions.Read(root.Child("RabbitMq")),
            Shutdown = Shutdown(root.Child("Shutdown"), fallback.Shutdown),
        };
    }

    private static RunnerOptions Runner(OptionsSection s, RunnerOptions fallback)
    {
        s.AllowOnly(["InstanceId", "MaxOpenRuns", "MaxRunningRuns", "Slots"]);
        return new()
        {
            Slots = s.Whole("Slots", fallback.Slots, 1, 10_000),
            MaxOpenRuns = s.Whole("MaxOpenRuns", fallback.MaxOpenRuns, 1, 1_000_000),
            MaxRunningRuns = s.Whole("MaxRunningRuns", fallback.MaxRunningRuns, 1, 1_000_000),
            InstanceId = s.Matching("InstanceId", InstanceIdShape(), "letters, digits, '.', '_' and '-', at most 100") ?? fallback.InstanceId,
        };
    }

    private static LimitsOptions Limits(OptionsSection s, LimitsOptions fallback)
    {
        s.AllowOnly(["Burst", "PerTenant", "RunsPerSecond"]);
        return new()
        {
            RunsPerSecond = s.Number("RunsPerSecond", 0.001, 100_000) ?? fallback.RunsPerSecond,
            PerTenant = fallback.PerTenant.SetItems(s.Child("PerTenant").EachNumber(0.001, 100_000)),
            Burst = s.Number("Burst", 0, 3600) ?? fallback.Burst,
        };
    }

    private static JournalOptions Journal(OptionsSection s, JournalOptions fallback)
    {
        s.AllowOnly(["Durability"]);
        return new() { Durability = s.Word("Durability", fallback.Durability) };
    }

    private static ProcessesOptions Processes(OptionsSection s, ProcessesOptions fallback)
    {
        s.AllowOnly(["KillGrace", "LogLimit", "OutputLimit"]);
        return new()
        {
            KillGrace = s.Duration("KillGrace", fallback.KillGrace, TimeSpan.FromMinutes(10)),
            LogLimit = s.Size("LogLimit", fallback.LogLimit, 4 << 10, 1L << 40),
            OutputLimit = s.Size("OutputLimit", fallback.OutputLimit, 4 << 10, 64 << 20),
        };
    }

    private static ArtifactsOptions Artifacts(OptionsSection s, ArtifactsOptions fallback)
    {
        s.AllowOnly(["Limit"]);
        return new() { Limit = s.Size("Limit", fallback.Limit, 0, 1L << 50) };
    }

    private static ContainersOptions Containers(OptionsSection s, ContainersOptions fallback)
    {
        s.AllowOnly(["Client"]);
        return new() { Client = s.Matching("Client", ClientShape(), "auto, docker, podman or an absolute path") ?? fallback.Client };
    }

    private static ShutdownOptions Shutdown(OptionsSection s, ShutdownOptions fallback)
    {
        s.AllowOnly(["Drain"]);
        return new() { Drain = s.Duration("Drain", fallback.Drain, TimeSpan.FromHours(1)) };
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
            else all[name] = source;
        }
        return all.ToImmutable();
    }

    [GeneratedRegex("^(auto|docker|podman|/.+)$")]
    internal static partial Regex ClientShape();

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]
    internal static partial Regex InstanceIdShape();
}

/// <summary>Values of the configuration that cannot be used; the program does not start with them.</summary>
internal sealed class OptionsException(IReadOnlyList<string> problems) : Exception(string.Join(Environment.NewLine, problems))
{
    /// <summary>One sentence for each, with key and found value.</summary>
    public IReadOnlyList<string> Problems { get; } = problems;
}

using System.Globalization;
using Orchestrator.Core.Lifecycle;

namespace Orchestrator.Engine.Hosting;

/// <summary>Who this process is in events, metrics and spans.</summary>
internal sealed record WorkerIdentity(string InstanceId, string? Version)
{
    public EventProducer Producer => new("orchestrator", InstanceId, Environment.MachineName, Version);

    /// <param name="configured">The name from the configuration; null: the host's and the process id.</param>
    public static WorkerIdentity Of(string? configured, string version) =>
        new(configured ?? string.Create(CultureInfo.InvariantCulture, $"{Environment.MachineName}-{Environment.ProcessId}"), version);
}

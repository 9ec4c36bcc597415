using Orchestrator.Core.Runs;

namespace Orchestrator.Core.Lifecycle;

/// <summary>The process that decided an event; members that an old event does not tell are null.</summary>
/// <param name="Service">Always <c>orchestrator</c> unless the service was given another name.</param>
/// <param name="InstanceId">The worker's instance id.</param>
/// <param name="Hostname">Its machine.</param>
/// <param name="Version">Its version.</param>
public sealed record EventProducer(string Service, string? InstanceId, string? Hostname, string? Version)
{
    /// <summary>For a reader of old events: the instance becomes known with the event that names the owner.</summary>
    public static EventProducer Unknown { get; } = new("orchestrator", null, null, null);

    /// <summary>This producer if it is that instance; otherwise what the event says of it, which is only the instance in events of earlier versions.</summary>
    public EventProducer As(string instanceId, WorkerFacts? worker) =>
        worker is not null ? worker.InstanceId == InstanceId && Hostname is not null ? this : new(Service, worker.InstanceId, worker.Hostname, worker.Version)
        : instanceId.Length == 0 || instanceId == InstanceId ? this : new(Service, instanceId, null, null);
}

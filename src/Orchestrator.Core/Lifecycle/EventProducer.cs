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

    /// <summary>This producer if it is that instance; otherwise only the instance is known.</summary>
    public EventProducer As(string instanceId) =>
        instanceId.Length == 0 || instanceId == InstanceId ? this : new(Service, instanceId, null, null);
}

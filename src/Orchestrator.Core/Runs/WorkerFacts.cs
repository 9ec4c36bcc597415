namespace Orchestrator.Core.Runs;

/// <summary>The process that decides events of a run, as the envelopes of its events name it.</summary>
/// <param name="InstanceId">Its name, unique per life.</param>
/// <param name="Hostname">Its machine.</param>
/// <param name="Version">Its version.</param>
public sealed record WorkerFacts([property: Recurring] string InstanceId, [property: Recurring] string Hostname, [property: Recurring] string Version);

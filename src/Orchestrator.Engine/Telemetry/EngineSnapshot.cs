namespace Orchestrator.Engine.Telemetry;

/// <summary>What only the run loop knows, read when metrics are collected.</summary>
/// <param name="SlotsTotal">Attempts this worker executes at once.</param>
/// <param name="SlotsBusy">Attempts in flight.</param>
/// <param name="Stopping">The worker takes no more work.</param>
public sealed record EngineSnapshot(int SlotsTotal, int SlotsBusy, bool Stopping = false);

namespace Orchestrator.Engine.Running;

/// <summary>How busy an engine is.</summary>
/// <param name="OpenRuns">Runs that are not finished.</param>
/// <param name="QueuedRuns">Of these, runs that wait for a place.</param>
/// <param name="RunningRuns">Of these, runs that have started.</param>
/// <param name="UsedSlots">Attempts in flight.</param>
/// <param name="OldestQueued">When the first run in line was accepted; null when nobody waits.</param>
public sealed record LoopSnapshot(int OpenRuns, int QueuedRuns, int RunningRuns, int UsedSlots, DateTimeOffset? OldestQueued);

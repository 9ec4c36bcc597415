namespace Orchestrator.Engine.Running;

/// <summary>How busy an engine is.</summary>
/// <param name="OpenRuns">Runs that are not finished.</param>
/// <param name="QueuedRuns">Of these, runs that have not started, whatever they wait for.</param>
/// <param name="RunningRuns">Of these, runs that have started, paused ones aside.</param>
/// <param name="UsedSlots">Attempts in flight.</param>
/// <param name="OldestQueued">Since when the run waits that has waited longest, runs before their earliest start aside; null when no run waits.</param>
public sealed record LoopSnapshot(int OpenRuns, int QueuedRuns, int RunningRuns, int UsedSlots, DateTimeOffset? OldestQueued);

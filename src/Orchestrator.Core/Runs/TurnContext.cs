namespace Orchestrator.Core.Runs;

/// <summary>What a turn may know of the world, read once at the inbox.</summary>
/// <param name="Now">The turn's instant; every event of the turn carries it.</param>
/// <param name="FreeSlots">Attempts this worker can start beyond those in flight; far below zero when it must start none, not even in the place of one that ends.</param>
public readonly record struct TurnContext(Moment Now, int FreeSlots);

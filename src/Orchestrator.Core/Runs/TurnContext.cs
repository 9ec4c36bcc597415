namespace Orchestrator.Core.Runs;

/// <summary>What a turn may know of the world, read once at the inbox.</summary>
/// <param name="Now">The turn's instant; every event of the turn carries it.</param>
/// <param name="FreeSlots">Attempts this worker can start beyond those in flight; far below zero when it must start
/// none, not even in the place of one that ends.</param>
/// <param name="FreeInPool">Free slots of a pool as of the turn's beginning, beyond those this run holds then; null: pools have no limit.</param>
/// <param name="IsDraining">The worker is stopping: nothing starts, whether it needs a slot or not.</param>
public readonly record struct TurnContext(Moment Now, int FreeSlots, Func<string, int>? FreeInPool = null, bool IsDraining = false);

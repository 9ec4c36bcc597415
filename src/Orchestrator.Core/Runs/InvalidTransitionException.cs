namespace Orchestrator.Core.Runs;

/// <summary>An event that the state machines do not allow: a fault of the engine or a stream that was tampered with.</summary>
public sealed class InvalidTransitionException(string message) : Exception(message);

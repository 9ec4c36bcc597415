using Orchestrator.Core.Planning;

namespace Orchestrator.Testing;

/// <summary>One attempt that a faked task was asked for.</summary>
/// <param name="Task">Id of the task; children of a fan-out are <c>id[n]</c>.</param>
/// <param name="Attempt">1-based.</param>
/// <param name="Asked">The task with its expressions replaced: command, request, variables and inputs as they would have been used.</param>
public sealed record FakeCall(string Task, int Attempt, TaskInvocation Asked);

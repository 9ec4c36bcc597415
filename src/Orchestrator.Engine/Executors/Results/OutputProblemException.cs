using Orchestrator.Core;

namespace Orchestrator.Engine.Executors.Results;

/// <summary>Results that cannot be accepted; becomes a failed outcome.</summary>
internal sealed class OutputProblemException(FailureKind kind, string message) : Exception(message)
{
    public FailureKind Kind { get; } = kind;
}

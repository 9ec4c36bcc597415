using Orchestrator.Core;

namespace Orchestrator.Engine.Executors.Sql;

/// <summary>A task that cannot be executed as it is; becomes a failed outcome that is not repeated.</summary>
internal sealed class SqlProblemException(string message, FailureKind kind = FailureKind.Error) : Exception(message)
{
    public FailureKind Kind { get; } = kind;
}

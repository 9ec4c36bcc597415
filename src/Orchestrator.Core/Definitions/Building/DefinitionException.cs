using System.Collections.Immutable;

namespace Orchestrator.Core.Definitions;

/// <summary>A definition breaks rules; the message lists every problem, one a line.</summary>
public sealed class DefinitionException : Exception
{
    /// <summary>An exception without problems.</summary>
    public DefinitionException() { }

    /// <summary>An exception with a message of its own.</summary>
    public DefinitionException(string message) : base(message) { }

    /// <summary>An exception with a message of its own and a cause.</summary>
    public DefinitionException(string message, Exception innerException) : base(message, innerException) { }

    /// <summary>An exception for problems.</summary>
    public DefinitionException(ImmutableArray<Problem> problems) : base(string.Join(Environment.NewLine, problems)) => Problems = problems;

    /// <summary>Everything that is wrong.</summary>
    public ImmutableArray<Problem> Problems { get; } = [];
}

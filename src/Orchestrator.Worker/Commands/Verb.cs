using System.Collections.Immutable;
using System.CommandLine;

namespace Orchestrator.Worker.Commands;

/// <summary>A verb of the program with examples for its help.</summary>
internal sealed class Verb(string name, string description) : Command(name, description)
{
    /// <summary>Command lines and what each does.</summary>
    public ImmutableArray<(string Line, string Means)> Examples { get; init; } = [];
}

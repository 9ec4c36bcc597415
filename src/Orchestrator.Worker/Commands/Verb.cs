using System.Collections.Immutable;
using System.CommandLine;

namespace Orchestrator.Worker.Commands;

/// <summary>A verb of the program with examples for its help.</summary>
internal sealed class Verb(string name, string description) : Command(name, description)
{
    /// <summary>Command lines and what each does.</summary>
    public ImmutableArray<(string Line, string Means)> Examples { get; init; } = [];

    /// <summary>Whether it changes anything: then its beginning and its end are logged.</summary>
    public bool Changes { get; init; }

    /// <summary>Arguments and options that say what it is about, for the log. Nothing that may hold a secret.</summary>
    public ImmutableArray<Symbol> About { get; set; } = [];
}

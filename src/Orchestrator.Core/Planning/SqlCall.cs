using System.Collections.Immutable;
using System.Text.Json;

namespace Orchestrator.Core.Planning;

/// <summary>A `sql` task with its expressions replaced. Exactly one of query, execute, transaction and file is set.</summary>
/// <param name="Connection">Name of the connection in the worker's configuration.</param>
public sealed record SqlCall(string Connection)
{
    /// <summary>One statement whose rows become results.</summary>
    public string? Query { get; init; }

    /// <summary>One statement whose count of affected rows is the result.</summary>
    public string? Execute { get; init; }

    /// <summary>Statements that are committed together or not at all.</summary>
    public ImmutableArray<string> Transaction { get; init; } = [];

    /// <summary>A file of statements, run as one transaction; relative ones start at the run's base folder.</summary>
    public string? File { get; init; }

    /// <summary>Values of <c>@name</c> parameters.</summary>
    public ImmutableSortedDictionary<string, JsonElement> Parameters { get; init; } = ImmutableSortedDictionary<string, JsonElement>.Empty;

    /// <summary>File below the run's artifacts that receives the rows as CSV; null: they become results.</summary>
    public string? Csv { get; init; }

    /// <summary>Most rows that become results.</summary>
    public int MaxRows { get; init; } = 10_000;

    /// <summary>The server's statement timeout; null: none.</summary>
    public TimeSpan? StatementTimeout { get; init; }
}

using System.Collections.Immutable;
using System.Text.Json;

namespace Orchestrator.Core.Planning;

/// <summary>The request of an `http` task with every expression replaced; method and accepted statuses stand in its action.</summary>
/// <param name="Url">As rendered: the executor checks that it is absolute, http or https.</param>
public sealed record HttpCall(string Url)
{
    /// <summary>Request headers.</summary>
    public ImmutableSortedDictionary<string, string> Headers { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>Body as JSON; at most one of the three bodies is set.</summary>
    public JsonElement? Json { get; init; }

    /// <summary>Body as text.</summary>
    public string? Body { get; init; }

    /// <summary>Body as form fields.</summary>
    public ImmutableSortedDictionary<string, string> Form { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>File below the run's artifacts that receives the answer's body; null: it becomes a result.</summary>
    public string? Save { get; init; }
}

using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Orchestrator.Core.Definitions;

/// <summary>
/// One task becomes many: a child <c>id[n]</c> for each item of a list (<c>foreach</c>) or each combination of axes (<c>matrix</c>), in that
/// order. Either <see cref="Items"/> is set, or <see cref="Axes"/>, <see cref="Include"/> or both.
/// </summary>
public sealed record FanOut
{
    /// <summary>Most children of one task.</summary>
    public const int MaxItems = 10_000;

    /// <summary>A list whose texts may hold expressions, or a text that is one expression whose value is a list.</summary>
    public JsonElement? Items { get; init; }

    /// <summary>Name of the item in expressions beside <c>item</c> itself, an identifier; null: only <c>item</c>.</summary>
    public string? As { get; init; }

    /// <summary>
    /// Axes of a matrix in declaration order, the last one varying fastest; each a list, whose texts may hold expressions, or one expression for a list.
    /// </summary>
    public ImmutableArray<MatrixAxis> Axes { get; init; } = [];

    /// <summary>Combinations to leave out: those that match all values of an entry.</summary>
    public ImmutableArray<ImmutableSortedDictionary<string, JsonElement>> Exclude { get; init; } = [];

    /// <summary>
    /// Members for combinations, and combinations of their own: an entry adds its other members to every combination of the axes that agrees with it about
    /// the axes it names; where there is none it is one itself, last. Texts may hold expressions.
    /// </summary>
    public ImmutableArray<ImmutableSortedDictionary<string, JsonElement>> Include { get; init; } = [];

    /// <summary>Whether children are combinations and not items of a list.</summary>
    [JsonIgnore]
    public bool IsMatrix => Items is null;

    /// <summary>Most children in flight at once; null: no limit of their own.</summary>
    public int? MaxParallel { get; init; }

    /// <summary>What a child's final failure means for the others.</summary>
    public ItemFailure OnFailure { get; init; }
}

/// <summary>An axis of a matrix.</summary>
/// <param name="Name">Its name in expressions, <c>matrix.name</c>.</param>
/// <param name="Values">A list whose texts may hold expressions, or a text that is one expression whose value is a list.</param>
public sealed record MatrixAxis(string Name, JsonElement Values);

/// <summary>What a failed child of a fan-out means.</summary>
[JsonConverter(typeof(WordJson<ItemFailure>))]
public enum ItemFailure
{
    /// <summary>The other children go on, then the task fails (the default).</summary>
    Finish,
    /// <summary>Children that have not started are cancelled; the task fails when the running ones have ended.</summary>
    Stop,
    /// <summary>The failure is allowed: the task completes and the child's result is null.</summary>
    Ignore,
}

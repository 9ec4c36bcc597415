using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Orchestrator.Core.Definitions;

/// <summary>
/// Chooses among the tasks that depend on it: those of the first matching case start, those of the others are skipped. A dependant that no case names is not
/// concerned. Its results are <c>value</c>, <c>case</c> (the number of the case, -1 for the default, null for none) and <c>chosen</c>.
/// </summary>
/// <param name="Value">What is compared, as text; may hold expressions.</param>
public sealed record SwitchAction(string Value) : TaskAction
{
    /// <summary>The cases, in order.</summary>
    public ImmutableArray<SwitchCase> Cases { get; init; } = [];

    /// <summary>Tasks that start when no case matches.</summary>
    public ImmutableArray<TaskId> Default { get; init; } = [];

    /// <summary>Everything it can choose.</summary>
    [JsonIgnore]
    public IEnumerable<TaskId> Choices => Cases.SelectMany(c => c.Then).Concat(Default);

    /// <inheritdoc/>
    [JsonIgnore]
    public override string Kind => "switch";
}

/// <summary>A case of a switch: exactly one of <see cref="Is"/> and <see cref="Matches"/> is set.</summary>
public sealed record SwitchCase
{
    /// <summary>Values that fit, as text.</summary>
    public ImmutableArray<string> Is { get; init; } = [];

    /// <summary>A regular expression that is found in values that fit; null: none.</summary>
    public string? Matches { get; init; }

    /// <summary>Tasks that start then.</summary>
    public ImmutableArray<TaskId> Then { get; init; } = [];
}

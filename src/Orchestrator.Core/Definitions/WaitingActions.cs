using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Orchestrator.Core.Definitions;

/// <summary>A run of another workflow, in the same trace. Holds no slot while it waits.</summary>
/// <param name="Name">The workflow's name; may hold expressions.</param>
public sealed record WorkflowAction(string Name) : TaskAction
{
    /// <summary>Parameter values; texts may hold expressions.</summary>
    public ImmutableSortedDictionary<string, JsonElement> Params { get; init; } = ImmutableSortedDictionary<string, JsonElement>.Empty;

    /// <summary>Whether the task is done once the child run is accepted, whatever becomes of it.</summary>
    public bool Detach { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override string Kind => "workflow";
}

/// <summary>Waits without a slot: exactly one of the four is set. The task's timeout limits it.</summary>
public sealed record WaitAction : TaskAction
{
    /// <summary>For a duration such as <c>90s</c>; may hold expressions.</summary>
    public string? For { get; init; }

    /// <summary>Until an instant, ISO 8601; may hold expressions. An instant that has passed ends the wait at once.</summary>
    public string? Until { get; init; }

    /// <summary>For an event of this name, sent to the run from outside; its data become results.</summary>
    public string? Event { get; init; }

    /// <summary>Until a check succeeds.</summary>
    public PollDefinition? Poll { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override string Kind => "wait";
}

/// <summary>A check that is repeated until it succeeds.</summary>
public sealed record PollDefinition
{
    /// <summary>The check: run, exec, http or sql. A failure means "not yet".</summary>
    public required TaskAction Check { get; init; }

    /// <summary>An expression over the check's <c>outputs</c> that must be true too; without the <c>${{ }}</c>. Null: the check's success is enough.</summary>
    public string? Condition { get; init; }

    /// <summary>Time between the first two checks.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Factor from one interval to the next, at least 1.</summary>
    public double Backoff { get; init; } = 1.5;

    /// <summary>No interval is longer than this.</summary>
    public TimeSpan MaxInterval { get; init; } = TimeSpan.FromMinutes(5);
}

/// <summary>Waits, without a slot, until people approve or one rejects. What they entered becomes results.</summary>
/// <param name="Prompt">The question; may hold expressions.</param>
public sealed record ApprovalAction(string Prompt) : TaskAction
{
    /// <summary>What to enter, typed like parameters.</summary>
    public ImmutableArray<ParameterDefinition> Fields { get; init; } = [];

    /// <summary>Who may answer, by name; empty: anybody.</summary>
    public ImmutableArray<string> Approvers { get; init; } = [];

    /// <summary>Approvals needed, by different people.</summary>
    public int Required { get; init; } = 1;

    /// <summary>Role an answer through the API needs.</summary>
    public string Role { get; init; } = "operator";

    /// <summary>Time after which it has expired.</summary>
    public TimeSpan Expires { get; init; } = TimeSpan.FromHours(72);

    /// <inheritdoc/>
    [JsonIgnore]
    public override string Kind => "approval";
}

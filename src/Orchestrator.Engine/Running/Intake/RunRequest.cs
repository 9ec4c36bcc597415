using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;

namespace Orchestrator.Engine.Running;

/// <summary>What a caller asks for: a run of a definition, with parameters, for a reason.</summary>
public sealed record RunRequest
{
    /// <summary>The definition to run; it is stored with the run before the run is accepted.</summary>
    public required WorkflowDefinition Definition { get; init; }

    /// <summary>What asks for it, and what is known because of that.</summary>
    public required RunOrigin Origin { get; init; }

    /// <summary>What was given for its parameters.</summary>
    public RunParameters Params { get; init; } = RunParameters.None;

    /// <summary>The id to use; null makes a new one. A run of that id that exists already is returned, not repeated.</summary>
    public RunId? RunId { get; init; }

    /// <summary>The caller's key against double submission, for the record: <see cref="RunId"/> is what makes it work.</summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>Earliest start; an instant that has passed is now. Null: at once.</summary>
    public DateTimeOffset? NotBefore { get; init; }
}

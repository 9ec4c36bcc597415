using Orchestrator.Core.Expressions;
using Orchestrator.Core.Runs;

namespace Orchestrator.Engine.Running.Attempts;

/// <summary>An attempt may start: what its expressions see, and when the journal says it began.</summary>
internal sealed record StartPermit(ExpressionScope Scope, DateTimeOffset StartedAt, RunId? ChildRunId = null)
{
    /// <summary>Seq of the event that began the attempt.</summary>
    public required long Seq { get; init; }

    /// <summary>Whether the task has ended and is run again for its secret results alone.</summary>
    public bool IsRenewal { get; init; }

    /// <summary>Tasks to run again first, because the secret results that this one needs were lost.</summary>
    public IReadOnlyList<Renewal> Renewals { get; init; } = [];

    /// <summary>Results of the tasks before it, for kinds that have an environment to put them into.</summary>
    public IReadOnlyList<AncestorResults> Ancestors { get; init; } = [];
}

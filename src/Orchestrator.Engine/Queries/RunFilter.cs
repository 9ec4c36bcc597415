using Orchestrator.Core;
using Orchestrator.Core.Runs;

namespace Orchestrator.Engine.Queries;

/// <summary>Which runs to list: newest first, those that pass everything that is set.</summary>
/// <param name="Status">In this state.</param>
/// <param name="Workflow">Of this workflow.</param>
/// <param name="Limit">At most so many.</param>
/// <param name="Before">With ids before this one: where the page before ended.</param>
internal sealed record RunFilter(RunStatus? Status, string? Workflow, int Limit, RunId? Before)
{
    /// <summary>Of this tenant.</summary>
    public string? Tenant { get; init; }

    /// <summary>Started by this.</summary>
    public TriggerKind? Trigger { get; init; }

    /// <summary>Started by this schedule, <c>workflow/schedule</c>.</summary>
    public string? Schedule { get; init; }

    /// <summary>Accepted at this instant or later.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Accepted before this instant.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>With all of these labels.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Labels { get; init; } = [];

    /// <summary>Whether a run passes all but its state, by its first event.</summary>
    public bool Takes(WorkflowCreated created, DateTimeOffset at) =>
        (Workflow ?? created.Workflow) == created.Workflow && (Tenant ?? created.TenantId) == created.TenantId && (Trigger ?? created.Trigger) == created.Trigger
        && (Schedule is null || Schedule == $"{created.Workflow}/{created.ScheduleId}") && (Since is null || at >= Since) && (Until is null || at < Until)
        && Labels.All(label => created.Labels?.GetValueOrDefault(label.Key) == label.Value);
}

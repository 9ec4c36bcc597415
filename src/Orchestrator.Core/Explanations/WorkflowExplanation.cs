using System.Collections.Immutable;
using Orchestrator.Core.Runs;

namespace Orchestrator.Core.Explanations;

/// <summary>What is known of a workflow at an instant.</summary>
/// <param name="Name">Its name.</param>
/// <param name="At">The instant.</param>
/// <param name="IsPast">Whether that is past.</param>
public sealed record ExplainedWorkflow(string Name, DateTimeOffset At, bool IsPast)
{
    /// <summary>Whether a definition of the name can be used now.</summary>
    public bool HasDefinition { get; init; }

    /// <summary>Why its definition cannot be used; null: it can, or there is none.</summary>
    public string? Problem { get; init; }

    /// <summary>Explanations of its schedules.</summary>
    public ImmutableArray<Explanation> Schedules { get; init; } = [];

    /// <summary>Its triggers, and those that have a ledger and no definition.</summary>
    public ImmutableArray<ExplainedTrigger> Triggers { get; init; } = [];

    /// <summary>Explanations of its open runs, the oldest first, as many as are shown.</summary>
    public ImmutableArray<Explanation> Runs { get; init; } = [];

    /// <summary>All open runs.</summary>
    public IReadOnlyList<RunFacts> Open { get; init; } = [];

    /// <summary>The end of the run that was accepted last of those that have ended; null: none is known.</summary>
    public RecordedEvent? LastEnded { get; init; }
}

/// <summary>Why a workflow runs, or does not.</summary>
public static class WorkflowExplanation
{
    /// <summary>Explains a workflow.</summary>
    public static Explanation Of(ExplainedWorkflow workflow)
    {
        var status = workflow.Open.Any(r => r.IsStarted) ? "running" : workflow.Open.Count > 0 ? "queued" : workflow is { HasDefinition: false, IsPast: false } ? "undefined" : "idle";
        return new("workflow", workflow.Name, workflow.At, status, Answer(workflow, status))
        {
            Gates = [.. Gates(workflow)], Parts = [.. workflow.Schedules, .. workflow.Runs], MoreParts = workflow.Open.Count - workflow.Runs.Length,
        };
    }

    private static IEnumerable<Gate> Gates(ExplainedWorkflow workflow)
    {
        if (!workflow.IsPast)
            yield return workflow.HasDefinition ? new("definition", "valid", true, "Its definition is valid.")
                : workflow.Problem is { } problem ? new("definition", "broken", false, $"Its definition cannot be used: {Said.Ended(Said.Short(problem))}")
                : new("definition", "none", false, "No definition has this name now.");
        foreach (var schedule in workflow.Schedules)
            yield return new("schedule", schedule.Subject, schedule.Status is "waiting" or "queued" or "deciding", schedule.Answer);
        if (workflow.Schedules.IsEmpty) yield return new("schedule", "none", null, workflow.Triggers.IsEmpty ? "It has no schedule: it starts on request." : "It has no schedule.");
        foreach (var trigger in workflow.Triggers) yield return TriggerGates.Of(trigger);
        var (started, waiting) = (workflow.Open.Count(r => r.IsStarted), workflow.Open.Count(r => !r.IsStarted));
        yield return new("runs", $"{started} started, {waiting} waiting", workflow.Open.Count == 0 ? null : started > 0, workflow.Open.Count == 0 ? "No run of it is open."
            : $"{Said.Count(workflow.Open.Count, "run")} {(workflow.Open.Count == 1 ? "is" : "are")} open: {started} started, {waiting} waiting.")
        {
            Facts = [.. workflow.Open.Take(20).Select(r => new GateFact(r.Id.ToString(), Words.Of(r.Status)))],
        };
        if (workflow.LastEnded is { Event: WorkflowEnded end } last)
            yield return new("last_run", Words.Of(end.StatusTo), end.StatusTo == RunStatus.Completed, $"The last run that ended, {last.Stream.ToString()["run:".Length..]}, {Did(end.StatusTo)} at {Said.Time(last.Time)}.");
    }

    private static string Answer(ExplainedWorkflow workflow, string status)
    {
        if (workflow.Problem is { } problem) return $"Workflow {workflow.Name} cannot start: its definition cannot be used: {Said.Ended(Said.Short(problem))}";
        if (status == "undefined") return $"Workflow {workflow.Name} cannot start: no definition has this name now.";
        if (workflow.Runs.FirstOrDefault(r => r.Status == "queued") is { } queued && status == "queued") return $"Workflow {workflow.Name} waits: {queued.Answer}";
        if (workflow.Open.Count > 0) return $"Workflow {workflow.Name} is running: {Said.Count(workflow.Open.Count, "run")} open.";
        return workflow.Schedules.IsEmpty && workflow.Triggers.IsEmpty ? $"Workflow {workflow.Name} is idle: it has no schedule and has not been started."
            : $"Workflow {workflow.Name} is idle. {string.Join(" ", workflow.Schedules.Select(s => s.Answer).Concat(workflow.Triggers.Select(t => TriggerGates.Of(t).Sentence)).Take(3))}";
    }

    private static string Did(RunStatus status) => status switch { RunStatus.Completed => "completed", RunStatus.Failed => "failed", _ => "was cancelled" };
}

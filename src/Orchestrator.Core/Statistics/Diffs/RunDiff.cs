using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Runs.View;

namespace Orchestrator.Core.Statistics.Diffs;

/// <summary>A value before and after.</summary>
/// <param name="Before">Of the earlier run; null: it has none.</param>
/// <param name="After">Of the later run; null: it has none.</param>
public readonly record struct Change<T>(T Before, T After);

/// <summary>A run to be compared.</summary>
/// <param name="Run">Its view.</param>
/// <param name="Worker">The process that executed it, the last one where several did; null: not known.</param>
public sealed record ComparedRun(RunView Run, WorkerFacts? Worker = null)
{
    /// <summary>A run from its events: the view, and the worker that the latest of them name.</summary>
    public static ComparedRun From(WorkflowDefinition? definition, RunId run, IReadOnlyList<RecordedEvent> events) =>
        new(RunView.From(definition, run, events), WorkerOf(events));

    /// <summary>The worker that took the run last; null where no event names one.</summary>
    public static WorkerFacts? WorkerOf(IReadOnlyList<RecordedEvent> events)
    {
        WorkerFacts? worker = null;
        foreach (var recorded in events)
            worker = recorded.Event switch { WorkflowStarted s => s.Worker, WorkflowRecovered r => r.Worker, _ => null } ?? worker;
        return worker;
    }
}

/// <summary>A parameter or result that is another. Values of secrets are references in both runs, so a changed secret shows nothing.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Before">JSON of the earlier run; null: it has no such value.</param>
/// <param name="After">JSON of the later run; null: it has no such value.</param>
public sealed record ValueDiff(string Name, JsonElement? Before, JsonElement? After);

/// <summary>How two runs differ. What is the same in both is null or empty, times of tasks aside.</summary>
/// <param name="Before">The earlier run, or the one compared with.</param>
/// <param name="After">The later run.</param>
public sealed record RunDiff(RunId Before, RunId After)
{
    /// <summary>Name of the workflow.</summary>
    public Change<string>? Workflow { get; init; }

    /// <summary>SHA-256 of the definition.</summary>
    public Change<string?>? DefinitionVersion { get; init; }

    /// <summary>Parameters with another value, by name.</summary>
    public ImmutableArray<ValueDiff> Parameters { get; init; } = [];

    /// <summary>State of the run.</summary>
    public Change<RunStatus>? Status { get; init; }

    /// <summary>Milliseconds of the run: always there.</summary>
    public Change<double> DurationMs { get; init; }

    /// <summary>Milliseconds that it was queued: always there.</summary>
    public Change<double> QueueMs { get; init; }

    /// <summary>What asked for it.</summary>
    public Change<TriggerKind>? Trigger { get; init; }

    /// <summary>Machine of its worker.</summary>
    public Change<string?>? Host { get; init; }

    /// <summary>Version of its worker's program.</summary>
    public Change<string?>? WorkerVersion { get; init; }

    /// <summary>The run's own results that are another, by name.</summary>
    public ImmutableArray<ValueDiff> Results { get; init; } = [];

    /// <summary>Every task of either run, in the order of the later one; then those that only the earlier one has.</summary>
    public ImmutableArray<TaskDiff> Tasks { get; init; } = [];

    /// <summary>Nothing differs but times.</summary>
    public bool IsSame => this is
    {
        Workflow: null, DefinitionVersion: null, Status: null, Trigger: null, Host: null, WorkerVersion: null, Parameters.IsEmpty: true, Results.IsEmpty: true,
    } && Tasks.All(t => t.IsSame);

    /// <summary>The difference of two runs, of one workflow or of two.</summary>
    public static RunDiff Of(ComparedRun before, ComparedRun after)
    {
        var (a, b) = (before.Run, after.Run);
        return new(a.RunId, b.RunId)
        {
            Workflow = Differ(a.Workflow, b.Workflow),
            DefinitionVersion = Differ(a.DefinitionVersion, b.DefinitionVersion),
            Parameters = Values(a.Params, b.Params),
            Status = Differ(a.Status, b.Status),
            DurationMs = new(a.DurationMs, b.DurationMs),
            QueueMs = new(a.QueueMs, b.QueueMs),
            Trigger = Differ(a.Trigger, b.Trigger),
            Host = Known(before.Worker?.Hostname, after.Worker?.Hostname),
            WorkerVersion = Known(before.Worker?.Version, after.Worker?.Version),
            Results = Values(a.Outputs, b.Outputs),
            Tasks = TasksOf(a, b),
        };
    }

    private static ImmutableArray<TaskDiff> TasksOf(RunView before, RunView after)
    {
        var earlier = before.Tasks.ToDictionary(t => t.Id);
        var all = ImmutableArray.CreateBuilder<TaskDiff>(after.Tasks.Length);
        foreach (var task in after.Tasks)
        {
            earlier.Remove(task.Id, out var known);
            all.Add(TaskDiff.Of(known, task));
        }
        foreach (var task in before.Tasks)
            if (earlier.ContainsKey(task.Id)) all.Add(TaskDiff.Of(task, null));
        return all.ToImmutable();
    }

    internal static Change<T>? Differ<T>(T before, T after) => EqualityComparer<T>.Default.Equals(before, after) ? null : new(before, after);

    // Journals of earlier versions do not name the worker: that is no change of it.
    internal static Change<string?>? Known(string? before, string? after) => before is null || after is null ? null : Differ<string?>(before, after);

    internal static ImmutableArray<ValueDiff> Values(
        ImmutableSortedDictionary<string, JsonElement>? before, ImmutableSortedDictionary<string, JsonElement>? after)
    {
        var (a, b) = (before ?? ImmutableSortedDictionary<string, JsonElement>.Empty, after ?? ImmutableSortedDictionary<string, JsonElement>.Empty);
        return
        [
            .. from name in a.Keys.Union(b.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal)
               let x = a.TryGetValue(name, out var one) ? one : (JsonElement?)null
               let y = b.TryGetValue(name, out var other) ? other : (JsonElement?)null
               where x is null || y is null || !JsonElement.DeepEquals(x.Value, y.Value)
               select new ValueDiff(name, x, y),
        ];
    }
}

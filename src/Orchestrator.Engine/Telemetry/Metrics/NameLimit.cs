using System.Collections.Concurrent;
using System.Diagnostics;

namespace Orchestrator.Engine.Telemetry.Metrics;

/// <summary>
/// Names that may become labels: the first so many. Definitions are the users', and a program that makes up a name for each run must not fill a metrics
/// database; what comes later is counted all the same, without its name and marked as overflow, so sums stay right.
/// </summary>
internal sealed class NameLimit(int workflows, int tasks)
{
    private readonly ConcurrentDictionary<string, bool> _workflows = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(string, string), bool> _tasks = new();
    private readonly ConcurrentDictionary<(string, string), bool> _triggers = new();

    /// <summary>Workflows that are named.</summary>
    public IEnumerable<string> Workflows => _workflows.Keys;

    /// <summary>The label of a workflow: its name, or the mark.</summary>
    public KeyValuePair<string, object?> Workflow(string name) => Knows(name) ? new(TelemetryNames.PipelineName, name) : Overflow;

    /// <summary>Whether the workflow is one of those that are named.</summary>
    public bool Knows(string name) => Within(_workflows, name, workflows);

    /// <summary>The labels of a task: both names, one and the mark, or the mark alone.</summary>
    public TagList Task(string workflow, string task)
    {
        var labels = new TagList { Workflow(workflow) };
        if (Knows(workflow)) labels.Add(Within(_tasks, (workflow, task), tasks) ? new(TelemetryNames.TaskName, task) : Overflow);
        return labels;
    }

    /// <summary>The labels of a trigger: both names, one and the mark, or the mark alone.</summary>
    public TagList Trigger(string workflow, string trigger)
    {
        var labels = new TagList { Workflow(workflow) };
        if (Knows(workflow)) labels.Add(Within(_triggers, (workflow, trigger), tasks) ? new(TelemetryNames.TriggerId, trigger) : Overflow);
        return labels;
    }

    /// <summary>What the SDK says too when a metric has too many series.</summary>
    public static KeyValuePair<string, object?> Overflow { get; } = new(TelemetryNames.Overflow, true);

    private static bool Within<T>(ConcurrentDictionary<T, bool> known, T name, int limit) where T : notnull
    {
        if (known.ContainsKey(name)) return true;
        // Two threads may pass here at once and go over by one: the limit is a bound, not a number to rely on.
        return known.Count < limit && (known[name] = true);
    }
}

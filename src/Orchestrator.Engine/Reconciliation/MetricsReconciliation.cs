using Orchestrator.Core.Reconciliation;
using Orchestrator.Engine.Telemetry;
using Orchestrator.Engine.Telemetry.Prometheus;

namespace Orchestrator.Engine.Reconciliation;

/// <summary>
/// Holds a worker's metrics against its counters from the journal. The worker may be at work: the metrics are read before and after the journal,
/// and a count from the journal must lie between them; where nothing moved, all three are equal.
/// </summary>
public static class MetricsReconciliation
{
    private const string Check = "metrics";

    /// <summary>The series compared, and the label that holds their result.</summary>
    private static readonly (string Name, string? Result)[] Series =
    [
        ("cicd_pipeline_run_duration_seconds_count", PrometheusName.Label(TelemetryNames.PipelineResult)),
        ("orchestrator_task_duration_seconds_count", PrometheusName.Label(TelemetryNames.TaskRunResult)),
        ("orchestrator_task_attempt_duration_seconds_count", PrometheusName.Label(TelemetryNames.TaskRunResult)),
        ("orchestrator_task_retries_total", null),
        ("orchestrator_run_resumed_total", null),
        (WorkerCounters.Deliveries, PrometheusName.Label(TelemetryNames.TriggerOutcome)),
        (WorkerCounters.TriggerRuns, null),
    ];

    /// <summary>The instance that a page is of; null when it does not say.</summary>
    public static string? InstanceOf(IReadOnlyList<MetricSample> page) => page.FirstOrDefault(s => s.Name == "target_info")?["service_instance_id"];

    /// <summary>How many numbers were compared, and those that differ.</summary>
    public static (int Compared, IReadOnlyList<Difference> Differences) Compare(IReadOnlyList<MetricSample> before, WorkerCounters journal, IReadOnlyList<MetricSample> after)
    {
        var found = new List<Difference>();
        var (low, high) = (Sums(before), Sums(after));
        // Past the limit of names workflows share one series; then only the sums over all of them mean something.
        var merged = before.Concat(after).Any(s => s[PrometheusName.Label(TelemetryNames.Overflow)] == "true");
        var own = merged ? Merged(journal.Counts) : journal.Counts;
        var perhaps = merged ? Merged(journal.Perhaps) : journal.Perhaps;
        (low, high) = merged ? (Merged(low), Merged(high)) : (low, high);
        var keys = own.Keys.Concat(low.Keys).Concat(high.Keys).Distinct().ToList();
        foreach (var key in keys)
        {
            var (least, most, counted) = (low.GetValueOrDefault(key), high.GetValueOrDefault(key), own.GetValueOrDefault(key));
            if (counted + perhaps.GetValueOrDefault(key) < least || counted > most)
                found.Add(new(Check, $"{key.Series}{{{key.Workflow}}}", key.Result.Length == 0 ? "count" : key.Result, Difference.Number(counted), least == most ? Difference.Number(least) : $"{Difference.Number(least)} to {Difference.Number(most)}"));
        }
        var isQuiet = low.Count == high.Count && low.All(e => high.GetValueOrDefault(e.Key) == e.Value);
        if (!isQuiet) return (keys.Count, found);
        var active = after.Where(s => s.Name == "cicd_pipeline_run_active").Sum(s => (long)s.Value);
        if (active != journal.Open) found.Add(new(Check, "cicd_pipeline_run_active", "open runs", Difference.Number(journal.Open), Difference.Number(active)));
        return (keys.Count + 1, found);
    }

    private static Dictionary<(string Series, string Workflow, string Result), long> Sums(IReadOnlyList<MetricSample> page)
    {
        var sums = new Dictionary<(string, string, string), long>();
        foreach (var (name, result) in Series)
            foreach (var sample in page.Where(s => s.Name == name))
            {
                var told = result is null ? "" : sample[result];
                // Before a run has started its time is that of its wait, and it may end in it.
                if (name == Series[0].Name && sample[PrometheusName.Label(TelemetryNames.RunState)] == "pending") told = told.Length == 0 ? WorkerCounters.Waited : WorkerCounters.Unstarted(told);
                var key = (name, sample[PrometheusName.Label(TelemetryNames.PipelineName)], told);
                sums[key] = sums.GetValueOrDefault(key) + (long)sample.Value;
            }
        return sums;
    }

    private static Dictionary<(string Series, string Workflow, string Result), long> Merged(IEnumerable<KeyValuePair<(string Series, string Workflow, string Result), long>> counts) =>
        counts.GroupBy(c => (c.Key.Series, "all", c.Key.Result)).ToDictionary(g => g.Key, g => g.Sum(c => c.Value));
}

using System.Globalization;
using Orchestrator.Core.Reconciliation;
using Orchestrator.Engine.Telemetry;
using Orchestrator.Engine.Telemetry.Prometheus;

namespace Orchestrator.Engine.Reconciliation;

/// <summary>
/// Holds what a worker exports against itself: spans and log records that were made are those that the backend has acknowledged, those that were dropped,
/// and those that still wait. Nothing outside the export queue knows how many wait, so what is checked is that it can be true: none less than nothing, no
/// more than the queue holds.
/// </summary>
public static class ExportReconciliation
{
    private const string Check = "export";
    private const long MaxWaiting = 65_536;   // twice the queue that is configured where nobody says otherwise

    /// <summary>How many were made, what is known of them in words, and what cannot be true.</summary>
    public static (long? Made, string Note, IReadOnlyList<Difference> Differences) Of(IReadOnlyList<MetricSample> page)
    {
        var found = new List<Difference>();
        var said = new List<string>();
        long all = 0;
        foreach (var (signal, what) in ((string, string)[])[("traces", "spans"), ("logs", "log records")])
        {
            var (made, taken, dropped) = (Sum("orchestrator_telemetry_made_total", signal), Sum("orchestrator_telemetry_published_total", signal), Sum("orchestrator_telemetry_dropped_total", signal));
            if (made + taken + dropped == 0) continue;
            all += made;
            said.Add(string.Create(CultureInfo.InvariantCulture, $"{made} {what} = {taken} taken + {dropped} dropped + {made - taken - dropped} waiting"));
            if (made < taken + dropped) found.Add(new(Check, what, "taken + dropped", $"at most {Difference.Number(made)} made", Difference.Number(taken + dropped)));
            else if (made - taken - dropped > MaxWaiting) found.Add(new(Check, what, "made - taken - dropped", $"at most {Difference.Number(MaxWaiting)} waiting", Difference.Number(made - taken - dropped)));
        }
        return said.Count == 0 ? (null, "`serve` exports no spans or log records", found) : (all, string.Join("; ", said), found);

        long Sum(string name, string signal) => page.Where(s => s.Name == name && s[PrometheusName.Label(TelemetryNames.Signal)] == signal).Sum(s => (long)s.Value);
    }
}

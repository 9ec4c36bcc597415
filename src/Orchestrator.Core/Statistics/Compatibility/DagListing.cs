using System.Collections.Immutable;

namespace Orchestrator.Core.Statistics.Compatibility;

/// <summary>
/// Collects the latest runs of DAGs. Events of a run come in order; those of different runs in any. Of a log of any length it holds some thousands.
/// </summary>
internal sealed class DagListing(int limit)
{
    // Pruned now and then only.
    private const int Spare = 10_000;
    private readonly Dictionary<(string?, string), Row> _rows = [];
    private readonly Dictionary<string, int> _nameless = new(StringComparer.Ordinal);

    public void Add(DagLogEvent e)
    {
        if (e.Event is not ("dag_start" or "task_ok" or "task_fail" or "dag_done") || KeyOf(e) is not { } key) return;
        if (!_rows.TryGetValue(key, out var row)) _rows[key] = row = new(e.DagName ?? "", e.DagRunId);
        switch (e.Event)
        {
            case "dag_start": (row.Start, row.StartText) = (e.Timestamp, e.TimestampText ?? ""); break;
            case "task_ok": row.Ok++; break;
            case "task_fail": row.Fail++; break;
            default: (row.Done, row.EndedAt) = (e, e.Timestamp); break;
        }
        if (row.Name.Length == 0 && e.DagName is { } name) row.Name = name;
        if (_rows.Count >= limit + Spare) Prune();
    }

    public ImmutableArray<DagSummary> Result() => [.. Newest().Where(r => r.Value.Name.Length > 0).Take(limit).Select(r => r.Value.Summary())];

    // A line without a run's id belongs to the DAG's run that began last.
    private (string?, string)? KeyOf(DagLogEvent e)
    {
        if (e.DagRunId is { } id) return (null, id);
        if (e.DagName is not { } name) return null;
        if (e.Event == "dag_start") _nameless[name] = _nameless.GetValueOrDefault(name) + 1;
        return (_nameless.GetValueOrDefault(name).ToString(System.Globalization.CultureInfo.InvariantCulture), name);
    }

    private IEnumerable<KeyValuePair<(string?, string), Row>> Newest() => _rows
        .OrderByDescending(r => r.Value.Start ?? DateTimeOffset.MinValue).ThenByDescending(r => r.Value.EndedAt)
        .ThenBy(r => r.Key.Item2, StringComparer.Ordinal).ThenBy(r => r.Key.Item1, StringComparer.Ordinal);

    // A run whose start is older than that of so many others can never be among the latest.
    private void Prune()
    {
        foreach (var (key, _) in Newest().Skip(limit).ToList()) _rows.Remove(key);
    }

    private sealed class Row(string name, string? id)
    {
        public string Name { get; set; } = name;
        public DateTimeOffset? Start { get; set; }
        public string StartText { get; set; } = "";
        public DateTimeOffset? EndedAt { get; set; }
        public DagLogEvent? Done { get; set; }
        public int Ok { get; set; }
        public int Fail { get; set; }

        public DagSummary Summary() => new(
            Name, Done is null ? "running" : "completed", StartText, Done is null ? null : Done.TimestampText ?? "", Done?.DurationSeconds,
            Done?.TasksSucceeded ?? Ok, Done?.TasksFailed ?? Fail)
        { DagRunId = id };
    }
}

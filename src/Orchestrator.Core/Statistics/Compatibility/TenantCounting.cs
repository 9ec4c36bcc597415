using System.Collections.Immutable;

namespace Orchestrator.Core.Statistics.Compatibility;

/// <summary>Collects <see cref="TenantLoad"/>. Events of a run come in order: only its first and last name the tenant.</summary>
internal sealed class TenantCounting(LogWindow window)
{
    private const int MaxOpen = 200_000;
    private readonly OpenKeys<string, string> _tenants = new(MaxOpen, StringComparer.Ordinal);
    private readonly Dictionary<string, Row> _rows = new(StringComparer.Ordinal);

    public void Add(DagLogEvent e)
    {
        if (e.Event is not ("dag_start" or "task_ok" or "task_fail" or "dag_done")) return;
        var tenant = TenantOf(e);
        if (tenant is null || !window.Holds(e)) return;
        if (!_rows.TryGetValue(tenant, out var row)) _rows[tenant] = row = new();
        switch (e.Event)
        {
            case "dag_start": row.Runs++; break;
            case "task_ok": row.Tasks++; break;
            case "task_fail":
                row.Tasks++;
                row.Errors++;
                break;
            default:
                if (e.DurationSeconds is not { } seconds) break;
                row.Ended++;
                row.Seconds += seconds;
                break;
        }
    }

    public ImmutableArray<TenantLoad> Result() =>
    [
        .. from pair in _rows.OrderByDescending(p => p.Value.Runs).ThenBy(p => p.Key, StringComparer.Ordinal)
           let r = pair.Value
           select new TenantLoad(pair.Key, r.Runs, r.Tasks, r.Ended == 0 ? 0 : r.Seconds / r.Ended, Rates.Of(r.Errors, r.Tasks) ?? 0),
    ];

    private string? TenantOf(DagLogEvent e)
    {
        var named = e.Tenant is { Length: > 0 } tenant ? tenant : null;
        if ((e.DagRunId ?? e.DagName) is not { } run) return named;
        if (e.Event == "dag_start" && named is not null) _tenants.Put(run, named);
        named ??= _tenants.TryGet(run, out var known) ? known : null;
        if (e.Event == "dag_done") _tenants.Take(run, out _);
        return named;
    }

    private sealed class Row
    {
        public long Runs { get; set; }
        public long Tasks { get; set; }
        public long Errors { get; set; }
        public long Ended { get; set; }
        public double Seconds { get; set; }
    }
}

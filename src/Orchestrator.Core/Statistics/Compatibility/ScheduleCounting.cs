using System.Collections.Immutable;

namespace Orchestrator.Core.Statistics.Compatibility;

/// <summary>Collects <see cref="ScheduleSummary"/>, from events in any order.</summary>
internal sealed class ScheduleCounting
{
    private readonly Dictionary<string, Row> _rows = new(StringComparer.Ordinal);

    public void Add(DagLogEvent e)
    {
        if (e.ScheduleId is not { Length: > 0 } id) return;
        if (!_rows.TryGetValue(id, out var row)) _rows[id] = row = new();
        switch (e.Event)
        {
            case "schedule_enqueued": row.Enqueued++; break;
            case "run_started":
                row.Started++;
                if (IsLater(e, row.LastStart)) row.LastStart = e;
                break;
            case "run_finished":
                row.Finished++;
                if (IsLater(e, row.LastEnd)) row.LastEnd = e;
                if (e.Status == "success") row.Success++;
                if (e.Status == "failed") row.Failed++;
                break;
        }
    }

    public ImmutableArray<ScheduleSummary> Result() =>
    [
        .. from pair in _rows.OrderBy(p => p.Key, StringComparer.Ordinal)
           let r = pair.Value
           select new ScheduleSummary(
               pair.Key, r.LastStart is { } last ? last.TimestampText ?? "" : null, r.LastEnd?.Status,
               r.Enqueued, r.Started, r.Finished, r.Success, r.Failed),
    ];

    private static bool IsLater(DagLogEvent e, DagLogEvent? known) =>
        known is null || (e.Timestamp ?? DateTimeOffset.MinValue) >= (known.Timestamp ?? DateTimeOffset.MinValue);

    private sealed class Row
    {
        public DagLogEvent? LastStart { get; set; }
        public DagLogEvent? LastEnd { get; set; }
        public long Enqueued { get; set; }
        public long Started { get; set; }
        public long Finished { get; set; }
        public long Success { get; set; }
        public long Failed { get; set; }
    }
}

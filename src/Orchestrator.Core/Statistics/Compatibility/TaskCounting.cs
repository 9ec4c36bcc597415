using System.Runtime.InteropServices;

namespace Orchestrator.Core.Statistics.Compatibility;

/// <summary>Collects <see cref="TaskSummary"/>. Events of a run come in order; those of different runs in any.</summary>
internal sealed class TaskCounting(LogWindow window)
{
    // Enough for everything that can be under way at once.
    private const int MaxOpen = 500_000;
    private readonly OpenKeys<(string, string), DateTimeOffset?> _open = new(MaxOpen);
    private readonly List<double> _durations = [], _recentDurations = [];
    private long _started, _ok, _fail, _retry, _recentStarted, _recentOk, _recentFail;

    public void Add(DagLogEvent e)
    {
        var recent = window.Holds(e) ? 1 : 0;
        switch (e.Event)
        {
            case "task_start":
                _started++;
                _recentStarted += recent;
                if (Key(e) is { } key) _open.Put(key, e.Timestamp);
                break;
            case "task_ok":
                _ok++;
                _recentOk += recent;
                if (Duration(e) is not { } seconds) break;
                _durations.Add(seconds);
                if (recent > 0) _recentDurations.Add(seconds);
                break;
            case "task_fail":
                _fail++;
                _recentFail += recent;
                if (Key(e) is { } failed) _open.Take(failed, out _);
                break;
            case "task_retry": _retry++; break;
        }
    }

    public TaskSummary Result()
    {
        var (all, recent) = (Percentiles.Sorted(CollectionsMarshal.AsSpan(_durations)), Percentiles.Sorted(CollectionsMarshal.AsSpan(_recentDurations)));
        return new(
            new(_started, _ok, _fail, _retry, Percentiles.Mean(all) ?? 0, Percentiles.NearestRank(all, 95) ?? 0),
            window.Hours,
            new(_recentStarted, _recentOk, _recentFail, Percentiles.Mean(recent) ?? 0, Percentiles.NearestRank(recent, 95) ?? 0,
                Rates.Of(_recentFail, _recentStarted) ?? 0));
    }

    private double? Duration(DagLogEvent e) =>
        Key(e) is { } key && _open.Take(key, out var start) ? e.DurationSeconds ?? TaskStep.Seconds(start, e.Timestamp) : e.DurationSeconds;

    private static (string, string)? Key(DagLogEvent e) => (e.DagRunId ?? e.DagName) is { } run && e.TaskId is { } task ? (run, task) : null;
}

using System.Globalization;

namespace Orchestrator.Core.Statistics.Compatibility;

/// <summary>
/// Puts runs together from the events of logs, which are given in the order of time, those of task log and state log mixed. Holds open runs only, at most
/// <see cref="MaxOpen"/>: of more, the oldest are given out as they are.
/// </summary>
public sealed class ImportedRuns
{
    /// <summary>Most runs that are open at once.</summary>
    public const int MaxOpen = 10_000;

    /// <summary>Most tasks of a run that are listed; all are counted.</summary>
    public const int MaxTasks = 10_000;

    private readonly Dictionary<string, Open> _open = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _nameless = new(StringComparer.Ordinal);
    private readonly OpenKeys<string, string> _schedules = new(MaxOpen, StringComparer.Ordinal);
    private long _number;

    /// <summary>Takes an event.</summary>
    /// <returns>Runs that are over by it.</returns>
    public IEnumerable<ImportedRun> Add(DagLogEvent e)
    {
        var over = Take(e);
        if (_open.Count <= MaxOpen) return over;
        var oldest = _open.Values.MinBy(o => o.Number)!;
        _open.Remove(oldest.Key);
        return [.. over, oldest.ToRun()];
    }

    private List<ImportedRun> Take(DagLogEvent e)
    {
        switch (e.Event)
        {
            case "dag_start": return Start(e);
            case "task_start" or "task_retry" or "task_ok" or "task_fail":
                Of(e)?.Take(e);
                return [];
            case "dag_done": return Of(e) is { } run ? [Close(run, e)] : [];
            case "run_started" when (e.RunId, e.ScheduleId) is ({ } id, { } schedule):
                _schedules.Put(id, schedule);
                return [];
            // Of a run that failed this is the only end there is.
            case "run_finished" when e is { RunId: { } id, Status: "failed" } && _open.TryGetValue(id, out var failed): return [Close(failed, e)];
            default: return [];
        }
    }

    /// <summary>The runs that are still open, as far as they are known: those whose last task failed have failed.</summary>
    public IEnumerable<ImportedRun> Rest()
    {
        var rest = _open.Values.OrderBy(o => o.Number).Select(o => o.ToRun()).ToList();
        _open.Clear();
        _nameless.Clear();
        return rest;
    }

    private List<ImportedRun> Start(DagLogEvent e)
    {
        var over = new List<ImportedRun>();
        var key = e.DagRunId ?? KeyOf(e);
        // A DAG without run ids begins again: the run before it is over.
        if (e.DagRunId is null && e.DagName is { } name)
        {
            if (_nameless.Remove(name, out var earlier) && earlier != key && _open.Remove(earlier, out var before)) over.Add(before.ToRun());
            _nameless[name] = key;
        }
        Begin(key, e).Take(e);
        return over;
    }

    private Open? Of(DagLogEvent e)
    {
        if (e.DagRunId is { } id) return Begin(id, e);
        return e.DagName is not { } name ? null : _nameless.TryGetValue(name, out var key) && _open.TryGetValue(key, out var open) ? open : null;
    }

    private Open Begin(string key, DagLogEvent e)
    {
        if (!_open.TryGetValue(key, out var open))
            _open[key] = open = new(key, e.DagRunId, _number++) { Schedule = _schedules.Take(key, out var schedule) ? schedule : null };
        return open;
    }

    private ImportedRun Close(Open run, DagLogEvent e)
    {
        run.Take(e);
        _open.Remove(run.Key);
        return run.ToRun();
    }

    private static string KeyOf(DagLogEvent e) =>
        string.Create(CultureInfo.InvariantCulture, $"{e.DagName}@{(e.Timestamp is { } at ? TimeBuckets.Microseconds(at) : 0)}");

    private sealed class Open(string key, string? id, long number)
    {
        private readonly Dictionary<string, int> _places = new(StringComparer.Ordinal);
        private readonly List<DagTask> _tasks = [];
        private DagLogEvent? _start, _end, _failed;
        private int _ok, _fail;
        private string? _name, _tenant, _error;

        public string Key => key;
        public long Number => number;
        public string? Schedule { get; init; }

        public void Take(DagLogEvent e)
        {
            _name ??= e.DagName;
            _tenant ??= e.Tenant;
            _error = e.Error ?? _error;
            switch (e.Event)
            {
                case "dag_start": _start = e; break;
                case "dag_done" or "run_finished": _end = e; break;
                case "task_ok": _ok++; break;
                case "task_fail": (_fail, _failed) = (_fail + 1, e); break;
            }
            if (e.TaskId is { } task) Place(task, e);
        }

        public ImportedRun ToRun()
        {
            var ended = _end ?? _failed;
            var failed = _end is null ? _failed is not null : _end.Event == "run_finished" || (_end.TasksFailed ?? _fail) > 0;
            var ms = (_end?.DurationSeconds ?? TaskStep.Seconds(_start?.Timestamp, ended?.Timestamp)) * 1000;
            return new(key, id, _name ?? "")
            {
                Tenant = _tenant, ScheduleId = Schedule, Status = ended is null ? null : failed ? RunStatus.Failed : RunStatus.Completed,
                StartedAt = _start?.Timestamp, EndedAt = ended?.Timestamp, IsEndInferred = _end is null && _failed is not null,
                DurationMs = ms is { } known ? Math.Round(known, 6) : null, TasksTotal = _start?.TaskCount,
                TasksOk = _end?.TasksSucceeded ?? (ended is null && _tasks.Count == 0 ? null : _ok),
                TasksFailed = _end?.TasksFailed ?? (ended is null && _tasks.Count == 0 ? null : _fail),
                Error = failed ? _error : null, Tasks = [.. _tasks],
            };
        }

        private void Place(string task, DagLogEvent e)
        {
            if (_places.TryGetValue(task, out var at)) _tasks[at] = TaskStep.After(_tasks[at], e);
            else if (_tasks.Count < MaxTasks)
            {
                _places[task] = _tasks.Count;
                _tasks.Add(TaskStep.After(new(task, "running", null, null, null, null, null), e));
            }
        }
    }
}

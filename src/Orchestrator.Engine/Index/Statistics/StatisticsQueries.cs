using Microsoft.Data.Sqlite;
using Orchestrator.Core.Index;
using Orchestrator.Core.Statistics;

namespace Orchestrator.Engine.Index.Statistics;

/// <summary>
/// Statistics of runs and tasks, out of the index. A window counts what ended in it, by instant; percentiles are nearest ranks on raw samples, sorted here;
/// what nothing is known of is null. Handlers count nowhere.
/// </summary>
/// <param name="database">The index.</param>
/// <param name="stop">Ends a query that takes long.</param>
internal sealed class StatisticsQueries(IndexDatabase database, CancellationToken stop)
{
    private const int MaxGroups = 10_000;
    private const string Rest = "(other)";
    private const int MaxSamples = DurationRegression.RecentSamples + DurationRegression.BaselineSamples;

    /// <summary>Runs by group, the largest first.</summary>
    public IReadOnlyList<RunFigures> Runs(StatisticsScope scope, StatisticsGrouping by) =>
        [.. RunTallies(scope, by.Expression, by.LabelKey).Select(t => Figures(t.Key, t.Value)).OrderByDescending(f => f.Total).ThenBy(f => f.Group, StringComparer.Ordinal)];

    /// <summary>All runs together.</summary>
    public RunFigures AllRuns(StatisticsScope scope) => Figures("", RunTallies(scope, "''", null).GetValueOrDefault("") ?? new());

    /// <summary>Tasks by group, those that took the most time first.</summary>
    public IReadOnlyList<TaskFigures> Tasks(StatisticsScope scope, StatisticsGrouping by)
    {
        var now = TaskTallies(scope, by.Expression);
        // What is usual is asked of each group's own past.
        var before = TaskTallies(scope.Before, by.Expression);
        return [.. now.Select(t => Figures(t.Key, t.Value, before.GetValueOrDefault(t.Key))).OrderByDescending(f => f.TimeMs).ThenBy(f => f.Group, StringComparer.Ordinal)];
    }

    /// <summary>Failed runs by error class and kind, the most frequent first.</summary>
    public IReadOnlyList<ErrorFigures> Errors(StatisticsScope scope)
    {
        var found = new List<ErrorFigures>();
        using var command = database.Command(
            $"SELECT COALESCE(r.error_class, ''), COALESCE(r.error_type, ''), count(*), max(r.ended_us) FROM runs r WHERE {scope.Where("r")} AND r.status = 6 "
            + "GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2", scope.Values);
        using var rows = command.ExecuteReader();
        while (rows.Read()) found.Add(new(rows.GetString(0), rows.GetString(1), rows.GetInt32(2), IndexDatabase.Instant(rows.GetInt64(3))));
        return found;
    }

    /// <summary>How many runs ended in each stretch of the window.</summary>
    public IReadOnlyList<ActivityBucket> Activity(StatisticsScope scope, TimeSpan width)
    {
        using var command = database.Command($"SELECT r.ended_us, r.status FROM runs r WHERE {scope.Where("r")}", scope.Values);
        using var rows = command.ExecuteReader();
        return TimeBuckets.Activity(
            IndexDatabase.Micros(scope.From), IndexDatabase.Micros(scope.To), (long)width.TotalMicroseconds,
            Read(rows).Select(row => (row.GetInt64(0), StatusNumbers.RunStatusOf(row.GetInt32(1)))));
    }

    /// <summary>Where a workflow stands now, whatever the window.</summary>
    public WorkflowStanding Standing(string workflow)
    {
        using var success = database.Command("SELECT max(ended_us) FROM runs WHERE workflow = $workflow AND status = 5", ("$workflow", workflow));
        var last = success.ExecuteScalar() is long at ? at : (long?)null;
        using var streak = database.Command(
            "SELECT count(*) FROM runs WHERE workflow = $workflow AND status = 6 AND ended_us > $last", ("$workflow", workflow), ("$last", last ?? -1));
        return new(workflow, (int)(long)streak.ExecuteScalar()!, last is { } us ? IndexDatabase.Instant(us) : null, DurationRegression.Of(Durations(workflow)));
    }

    /// <summary>Milliseconds of the latest completed runs of a workflow, newest first; enough for a baseline.</summary>
    public double[] Durations(string workflow)
    {
        var found = new List<double>();
        using var command = database.Command(
            "SELECT duration_ms FROM runs WHERE workflow = $workflow AND status = 5 AND duration_ms IS NOT NULL ORDER BY ended_us DESC, run_id DESC LIMIT $most",
            ("$workflow", workflow), ("$most", MaxSamples));
        using var rows = command.ExecuteReader();
        while (rows.Read()) found.Add(rows.GetDouble(0));
        return [.. found];
    }

    private Dictionary<string, Tally> RunTallies(StatisticsScope scope, string group, string? label)
    {
        using var command = database.Command(
            $"SELECT {group}, r.status, r.duration_ms, r.queue_ms, r.ended_us, r.cpu_ms, r.io_bytes, r.peak_bytes, r.retries FROM runs r WHERE {scope.Where("r")}",
            [.. scope.Values, ("$label", label is null ? null : $"$.\"{label}\"")]);
        return Tallies(command, isTask: false);
    }

    private Dictionary<string, Tally> TaskTallies(StatisticsScope scope, string group)
    {
        using var command = database.Command(
            $"SELECT {group}, t.status, t.duration_ms, t.queue_ms, t.ended_us, t.cpu_ms, t.io_bytes, t.peak_bytes, t.attempts, t.expected_ms, t.critical "
            + $"FROM tasks t WHERE {scope.Where("t")} AND t.role IS NULL", scope.Values);
        return Tallies(command, isTask: true);
    }

    private Dictionary<string, Tally> Tallies(SqliteCommand command, bool isTask)
    {
        var found = new Dictionary<string, Tally>(StringComparer.Ordinal);
        using var rows = command.ExecuteReader();
        foreach (var row in Read(rows))
        {
            if (row.IsDBNull(0)) continue;
            var key = row.GetString(0);
            if (!found.TryGetValue(key, out var tally))
            {
                // A label with a value of its own for each run must not fill the memory.
                if (found.Count >= MaxGroups) key = Rest;
                if (!found.TryGetValue(key, out tally)) found[key] = tally = new();
            }
            tally.Add(row, isTask);
        }
        return found;
    }

    private IEnumerable<SqliteDataReader> Read(SqliteDataReader rows)
    {
        while (rows.Read())
        {
            stop.ThrowIfCancellationRequested();
            yield return rows;
        }
    }

    private static RunFigures Figures(string group, Tally tally) => new(group)
    {
        Total = tally.Total, Completed = tally.Completed, Failed = tally.Failed, Cancelled = tally.Cancelled, Retries = tally.Attempts,
        Duration = tally.Duration, Queue = tally.Queue, History = FailureHistory.Of(tally.Outcomes),
        CpuMs = tally.CpuMs, IoBytes = tally.IoBytes, PeakBytes = tally.PeakBytes,
    };

    private static TaskFigures Figures(string group, Tally tally, Tally? before)
    {
        var expected = DurationThreshold.Of(tally.ExpectedMs, before is null ? [] : Percentiles.Sorted(before.Durations));
        return new(group)
        {
            Total = tally.Total, Completed = tally.Completed, Failed = tally.Failed, Skipped = tally.Skipped, Cancelled = tally.Cancelled,
            Flaky = tally.Flaky, Attempts = tally.Attempts, Duration = tally.Duration, Queue = tally.Queue, TimeMs = tally.TimeMs,
            ExpectedMs = expected, OverExpected = DurationThreshold.CountOver(tally.Durations, expected), Critical = tally.Critical,
            CpuMs = tally.CpuMs, IoBytes = tally.IoBytes, PeakBytes = tally.PeakBytes,
        };
    }
}

using Microsoft.Data.Sqlite;
using Orchestrator.Core;
using Orchestrator.Core.Index;
using Orchestrator.Core.Runs.View;
using Orchestrator.Engine.Queries;

namespace Orchestrator.Engine.Index;

/// <summary>Lists of runs out of the index.</summary>
internal static class RunQueries
{
    private const string Columns =
        "run_id, workflow, status, started_us, COALESCE(duration_ms, (last_event_us - COALESCE(started_us, created_us)) / 1000.0), trigger, "
        + "tasks_completed + tasks_failed + tasks_failed_allowed + tasks_skipped + tasks_cancelled, tasks_total";

    /// <summary>Runs that pass a filter, newest first.</summary>
    public static List<RunRow> List(IndexDatabase database, RunFilter filter)
    {
        using var command = database.Command("");
        var conditions = new List<string>();
        if (filter.Status is { } status) Add("status = $status", "$status", StatusNumbers.Of(status));
        if (filter.Workflow is { } workflow) Add("workflow = $workflow", "$workflow", workflow);
        if (filter.Tenant is { } tenant) Add("tenant = $tenant", "$tenant", tenant);
        if (filter.Trigger is { } trigger) Add("trigger = $trigger", "$trigger", Words.Of(trigger));
        if (filter.Schedule is { } schedule) Add("schedule_key = $schedule", "$schedule", schedule);
        if (filter.Since is { } since) Add("created_us >= $since", "$since", IndexDatabase.Micros(since));
        if (filter.Until is { } until) Add("created_us < $until", "$until", IndexDatabase.Micros(until));
        if (filter.Before is { } before) Add("run_id < $before", "$before", IndexDatabase.Bytes(before));
        foreach (var (i, (key, value)) in filter.Labels.Index())
        {
            Add($"run_id IN (SELECT run_id FROM run_labels WHERE key = $key{i} AND value = $value{i})", $"$key{i}", key);
            command.Parameters.AddWithValue($"$value{i}", value);
        }
        var where = conditions.Count == 0 ? "" : "WHERE " + string.Join(" AND ", conditions);
        command.CommandText = $"SELECT {Columns} FROM runs {where} ORDER BY run_id DESC LIMIT $limit";
        command.Parameters.AddWithValue("$limit", filter.Limit);
        var rows = new List<RunRow>();
        using var reader = command.ExecuteReader();
        while (reader.Read()) rows.Add(Row(reader));
        return rows;

        void Add(string condition, string name, object value)
        {
            conditions.Add(condition);
            command.Parameters.AddWithValue(name, value);
        }
    }

    private static RunRow Row(SqliteDataReader row) => new(
        IndexDatabase.Run(row.GetFieldValue<byte[]>(0)), row.GetString(1), StatusNumbers.RunStatusOf(row.GetInt32(2)),
        row.IsDBNull(3) ? null : IndexDatabase.Instant(row.GetInt64(3)), row.IsDBNull(4) ? 0 : row.GetDouble(4),
        Words.TryParse<TriggerKind>(row.GetString(5), out var trigger) ? trigger : throw new FormatException($"'{row.GetString(5)}' starts no run."),
        row.GetInt32(6), row.GetInt32(7));
}

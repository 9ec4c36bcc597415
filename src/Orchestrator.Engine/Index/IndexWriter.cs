using Microsoft.Data.Sqlite;
using Orchestrator.Core.Index;
using Orchestrator.Core.Runs;

namespace Orchestrator.Engine.Index;

/// <summary>
/// Writes runs into the index, a lot in one transaction. What is written is a function of a run's events up to a seq: a row of an earlier one is
/// replaced, one of the same or a later one stays, so that the order of lots does not matter and repeating one changes nothing.
/// </summary>
internal sealed class IndexWriter : IDisposable
{
    // Labels by their whole key, which begins with what they are.
    private static readonly string[] s_deletions =
    [
        "DELETE FROM run_labels WHERE run_id = $run AND (key, value) IN (SELECT key, value FROM json_each((SELECT labels FROM runs WHERE run_id = $run)))",
        "DELETE FROM attempts WHERE run_id = $run", "DELETE FROM tasks WHERE run_id = $run", "DELETE FROM runs WHERE run_id = $run",
    ];

    private readonly IndexDatabase _database;
    private readonly RowCommand _run;
    private readonly RowCommand _task;
    private readonly RowCommand _attempt;
    private readonly RowCommand _label;
    private readonly SqliteCommand[] _deletions;

    public IndexWriter(IndexDatabase database)
    {
        _database = database;
        _run = new(database, "runs", IndexRows.Run, "ON CONFLICT(run_id) DO UPDATE SET", "WHERE excluded.last_seq > runs.last_seq", keys: 1);
        _task = new(database, "tasks", IndexRows.Task, "ON CONFLICT(run_id, task) DO UPDATE SET", "", keys: 2);
        _attempt = new(database, "attempts", IndexRows.Attempt, "ON CONFLICT(run_id, task, attempt) DO UPDATE SET", "", keys: 3);
        _label = new(database, "run_labels", ["key", "value", "run_id"], "ON CONFLICT DO NOTHING", "", keys: 3);
        _deletions = [.. s_deletions.Select(sql => database.Command(sql, ("$run", Array.Empty<byte>())))];
    }

    /// <summary>Writes a lot, and what it stands for; after an error nothing of it is there.</summary>
    /// <exception cref="SqliteException">The disk is full, the database is damaged.</exception>
    public void Write(IEnumerable<IndexedRun> runs, string? group = null, string? stamp = null)
    {
        _database.Atomically(() =>
        {
            foreach (var run in runs) Write(run);
            if (group is null || stamp is null) return;
            using var command = _database.Command("INSERT OR REPLACE INTO run_groups(name, stamp) VALUES ($name, $stamp)", ("$name", group), ("$stamp", stamp));
            command.ExecuteNonQuery();
        });
    }

    /// <summary>Removes the rows of runs that are gone.</summary>
    public void Remove(IReadOnlyCollection<RunId> runs) => _database.Atomically(() =>
    {
        foreach (var run in runs)
            foreach (var deletion in _deletions)
            {
                deletion.Parameters[0].Value = IndexDatabase.Bytes(run);
                deletion.ExecuteNonQuery();
            }
    });

    public void Dispose()
    {
        foreach (var command in (ReadOnlySpan<RowCommand>)[_run, _task, _attempt, _label]) command.Dispose();
        foreach (var deletion in _deletions) deletion.Dispose();
    }

    private void Write(IndexedRun run)
    {
        var id = IndexDatabase.Bytes(run.RunId);
        if (_run.Execute(IndexRows.Values(run, id)) == 0) return;   // a row of a later event is there
        foreach (var task in run.Tasks)
        {
            _task.Execute(IndexRows.Values(run, id, task));
            foreach (var attempt in task.FailedAttempts) _attempt.Execute(IndexRows.Values(run, id, task, attempt));
        }
        foreach (var (key, value) in run.Labels) _label.Execute([key, value, id]);
    }
}

/// <summary>A prepared statement that writes one row.</summary>
internal sealed class RowCommand : IDisposable
{
    private readonly SqliteCommand _command;

    public RowCommand(IndexDatabase database, string table, IReadOnlyList<string> columns, string conflict, string where, int keys)
    {
        var update = conflict.EndsWith("SET", StringComparison.Ordinal)
            ? string.Join(", ", columns.Skip(keys).Select(c => $"{c} = excluded.{c}")) : "";
        _command = database.Command(
            $"INSERT INTO {table}({string.Join(", ", columns)}) VALUES ({string.Join(", ", columns.Select(c => "$" + c))}) {conflict} {update} {where}");
        foreach (var column in columns) _command.Parameters.Add(new SqliteParameter { ParameterName = "$" + column });
        _command.Prepare();
    }

    /// <summary>How many rows were written: 0 or 1.</summary>
    public int Execute(ReadOnlySpan<object?> values)
    {
        for (var i = 0; i < values.Length; i++) _command.Parameters[i].Value = values[i] ?? DBNull.Value;
        return _command.ExecuteNonQuery();
    }

    public void Dispose() => _command.Dispose();
}

using System.Globalization;
using Microsoft.Data.Sqlite;
using Orchestrator.Core.Index;
using Orchestrator.Core.Reconciliation;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Journal;

namespace Orchestrator.Engine.Index;

/// <summary>
/// Compares the index with the journal, both ways: each row is what the run's events up to its seq make of it, each run that must be there is, and no
/// row is of a run that is gone.
/// </summary>
/// <param name="store">The journal.</param>
/// <param name="database">The index.</param>
/// <param name="due">Whether a run whose last event was decided then must be in the index whole: a writer needs a moment, or there is none.</param>
internal sealed class IndexReconciliation(IRunStore store, IndexDatabase database, Func<DateTimeOffset, bool> due)
{
    private const string Check = "index";
    private readonly KnownDefinitions _definitions = new(store.Definitions);
    private readonly HashSet<RunId> _held = [];
    private readonly List<Difference> _found = [];

    /// <summary>Rows compared, of all tables.</summary>
    public long Rows { get; private set; }

    /// <summary>What differs so far.</summary>
    public IReadOnlyList<Difference> Differences => _found;

    /// <summary>Compares a run.</summary>
    public void Hold(RunId run, IReadOnlyList<RecordedEvent> events)
    {
        _held.Add(run);
        if (events is not [{ Seq: 1, Event: WorkflowCreated } first, ..]) return;
        var seq = IndexCatchUp.SeqOf(database, run);
        if (seq < events[^1].Seq && due(events[^1].Time)) Differs(run, "last event", events[^1].Seq, seq);
        if (seq == 0) return;
        if (seq > events[^1].Seq)
        {
            Differs(run, "last event", events[^1].Seq, seq);
            return;
        }
        var projection = new RunProjection(_definitions.Of(first), run);
        foreach (var e in events.TakeWhile(e => e.Seq <= seq))
            if (!projection.Apply(e)) return;   // a hole: the journal's own check says so
        var row = projection.Take();
        var id = IndexDatabase.Bytes(run);
        Compare(run, "runs", IndexRows.Run, "run_id", [IndexRows.Values(row, id)]);
        Compare(run, "tasks", IndexRows.Task, "task", [.. row.Tasks.Select(t => IndexRows.Values(row, id, t))]);
        Compare(run, "attempts", IndexRows.Attempt, "task, attempt", [.. row.Tasks.SelectMany(t => t.FailedAttempts.Select(a => IndexRows.Values(row, id, t, a)))]);
        foreach (var (key, value) in row.Labels)
        {
            using var command = database.Command("SELECT count(*) FROM run_labels WHERE key = $key AND value = $value AND run_id = $run", ("$key", key), ("$value", value), ("$run", id));
            Rows++;
            if (command.ExecuteScalar() is not 1L) Differs(run, $"label {key}", value, "none");
        }
    }

    /// <summary>Rows of runs that were not compared: the journal must have them.</summary>
    public void HoldRest()
    {
        using var command = database.Command("SELECT run_id, last_seq FROM runs UNION ALL SELECT DISTINCT run_id, 0 FROM tasks WHERE run_id NOT IN (SELECT run_id FROM runs)");
        using var rows = command.ExecuteReader();
        while (rows.Read())
            if (IndexDatabase.Run(rows.GetFieldValue<byte[]>(0)) is var run && !_held.Contains(run) && store.Runs.FirstEvent(run) is null && due(run.Time))
                Differs(run, "rows", "none: the run is gone", rows.GetInt64(1));
    }

    private void Compare(RunId run, string table, IReadOnlyList<string> columns, string order, IReadOnlyList<object?[]> expected)
    {
        using var command = database.Command($"SELECT {string.Join(", ", columns)} FROM {table} WHERE run_id = $run ORDER BY {order}", ("$run", IndexDatabase.Bytes(run)));
        using var reader = command.ExecuteReader();
        var found = new List<object?[]>();
        while (reader.Read()) found.Add(Values(reader, columns.Count));
        Rows += Math.Max(found.Count, expected.Count);
        if (found.Count != expected.Count)
        {
            Differs(run, $"rows of {table}", expected.Count, found.Count);
            return;
        }
        // A unique key orders both: that of the database, byte by byte.
        List<object?[]> sorted = [.. expected.OrderBy(e => table == "runs" ? "" : (string)e[1]!, StringComparer.Ordinal).ThenBy(e => table == "attempts" ? (int)e[2]! : 0)];
        for (var i = 0; i < sorted.Count; i++)
            for (var c = 0; c < columns.Count; c++)
                if (!AreEqual(sorted[i][c], found[i][c]))
                {
                    Differs(run, $"{table}.{columns[c]}{(table == "runs" ? "" : $" of {sorted[i][1]}")}", sorted[i][c], found[i][c]);
                    break;
                }
    }

    private static object?[] Values(SqliteDataReader reader, int count)
    {
        var values = new object[count];
        reader.GetValues(values);
        return [.. values.Select(v => v is DBNull ? null : v)];
    }

    private static bool AreEqual(object? expected, object? found) => (expected, found) switch
    {
        (null, null) => true,
        (byte[] a, byte[] b) => a.AsSpan().SequenceEqual(b),
        (int a, long b) => a == b,
        (double a, double b) => a.Equals(b),
        _ => Equals(expected, found),
    };

    private void Differs(RunId run, string what, object? journal, object? found) => _found.Add(new(Check, run.ToString(), what, Text(journal), Text(found)));

    private static string Text(object? value) => value switch
    {
        null => "none",
        byte[] bytes => Convert.ToHexStringLower(bytes),
        IFormattable f => f.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };
}

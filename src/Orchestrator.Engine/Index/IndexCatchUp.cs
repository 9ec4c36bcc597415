using Orchestrator.Core.Index;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Journal;

namespace Orchestrator.Engine.Index;

/// <summary>What a catch-up did.</summary>
/// <param name="IsComplete">The index holds what the journal held when it began; otherwise there was more than it was to read.</param>
/// <param name="Written">Runs whose rows are new.</param>
/// <param name="Removed">Runs that are gone.</param>
/// <param name="HasDamage">Some runs could not be read to their end.</param>
internal readonly record struct CaughtUp(bool IsComplete, int Written, int Removed, bool HasDamage);

/// <summary>
/// Brings the index to what the journal holds. Runs that had not ended are looked at each time; ended ones only where their group has changed. It can be
/// cut short anywhere: what was written is right, and the next one goes on.
/// </summary>
internal sealed class IndexCatchUp(IRunStore store, IndexDatabase database, IndexWriter writer)
{
    private const int LotEvents = 2_000;
    private readonly RunProjections _projections = new(store);
    private readonly List<IndexedRun> _lot = [];
    private long _lotEvents;
    private int _written;
    private int _removed;

    /// <param name="budget">Reads at most so many runs.</param>
    /// <param name="progress">Told of the number of runs so far, now and then.</param>
    /// <param name="stop">Cuts it short.</param>
    /// <exception cref="Microsoft.Data.Sqlite.SqliteException">The disk is full, the database is damaged.</exception>
    public async Task<CaughtUp> RunAsync(int budget, Action<int>? progress, CancellationToken stop)
    {
        var open = store.Unfinished.ListUnfinished();
        var unended = Unended();
        var complete = await ReadAllAsync([.. open.Union(unended.Keys).Order()], run => HasChanged(run, unended), budget, progress, stop).ConfigureAwait(false) is not null;
        Flush();
        if (complete) complete = await GroupsAsync([.. open], budget, progress, stop).ConfigureAwait(false);
        Flush();
        return new(complete, _written, _removed, _projections.HasDamage);
    }

    private async Task<bool> GroupsAsync(HashSet<RunId> open, int budget, Action<int>? progress, CancellationToken stop)
    {
        var stamps = Stamps();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var group in store.Runs.Groups())
        {
            seen.Add(group.Name);
            if (group.Stamp is not null && stamps.GetValueOrDefault(group.Name) == group.Stamp) continue;
            var indexed = IndexedIn(group);
            var runs = store.Runs.RunsOf(group);
            var drafts = await ReadAllAsync([.. runs.Where(r => !indexed.Contains(r)).Order()], _ => true, budget, progress, stop).ConfigureAwait(false);
            if (drafts is null) return false;
            Flush();
            Remove(indexed.Except(runs).Except(open));
            // A folder without a run may become one without another change of its group.
            if (drafts == 0) writer.Write([], group.Name, group.Stamp);
        }
        foreach (var gone in stamps.Keys.Except(seen, StringComparer.Ordinal)) Forget(gone, open);
        return true;
    }

    // How many of them are no runs; null: there was more to read than the budget allows.
    private async Task<int?> ReadAllAsync(
        IReadOnlyList<RunId> runs, Func<RunId, bool> isWanted, int budget, Action<int>? progress, CancellationToken stop)
    {
        var none = 0;
        foreach (var run in runs)
        {
            stop.ThrowIfCancellationRequested();
            if (!isWanted(run)) continue;
            if (_written >= budget) return null;
            if (await _projections.ReadAsync(run, stop).ConfigureAwait(false) is not { } projection)
            {
                none++;
                continue;
            }
            _lot.Add(projection.Take());
            _lotEvents += projection.LastSeq;
            if (++_written % 1_000 == 0) progress?.Invoke(_written);
            if (_lotEvents >= LotEvents) Flush();
        }
        return none;
    }

    // A run without rows, or with an event after them. A run that is gone has no last event: its rows go with its group.
    private bool HasChanged(RunId run, Dictionary<RunId, long> unended) =>
        store.Runs.LastEvent(run) is { } last && (unended.TryGetValue(run, out var seq) ? seq : SeqOf(database, run)) < last.Seq;

    private void Remove(IEnumerable<RunId> candidates)
    {
        List<RunId> gone = [.. candidates.Where(run => store.Runs.FirstEvent(run) is null)];
        foreach (var lot in gone.Chunk(500)) writer.Remove(lot);
        _removed += gone.Count;
    }

    private void Flush()
    {
        if (_lot.Count > 0) writer.Write(_lot);
        _lot.Clear();
        _lotEvents = 0;
    }

    private void Forget(string name, HashSet<RunId> open)
    {
        if (DateTimeOffset.TryParse(name, System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.AssumeUniversal, out var day))
            Remove(IndexedIn(new(name, day, day.AddDays(1), null)).Except(open));
        using var command = database.Command("DELETE FROM run_groups WHERE name = $name", ("$name", name));
        command.ExecuteNonQuery();
    }

    private Dictionary<RunId, long> Unended()
    {
        var found = new Dictionary<RunId, long>();
        using var command = database.Command("SELECT run_id, last_seq FROM runs WHERE ended_us IS NULL");
        using var rows = command.ExecuteReader();
        while (rows.Read()) found[IndexDatabase.Run(rows.GetFieldValue<byte[]>(0))] = rows.GetInt64(1);
        return found;
    }

    /// <summary>Seq of the last event of a run that the index holds; 0: none.</summary>
    public static long SeqOf(IndexDatabase database, RunId run)
    {
        using var command = database.Command("SELECT last_seq FROM runs WHERE run_id = $run", ("$run", IndexDatabase.Bytes(run)));
        return command.ExecuteScalar() is long seq ? seq : 0;
    }

    private HashSet<RunId> IndexedIn(RunGroup group)
    {
        var found = new HashSet<RunId>();
        using var command = database.Command(
            "SELECT run_id FROM runs WHERE run_id >= $from AND run_id < $until", ("$from", Edge(group.From)), ("$until", Edge(group.Until)));
        using var rows = command.ExecuteReader();
        while (rows.Read()) found.Add(IndexDatabase.Run(rows.GetFieldValue<byte[]>(0)));
        return found;
    }

    private Dictionary<string, string> Stamps()
    {
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        using var command = database.Command("SELECT name, stamp FROM run_groups");
        using var rows = command.ExecuteReader();
        while (rows.Read()) found[rows.GetString(0)] = rows.GetString(1);
        return found;
    }

    // What every id of a time begins with, and what sorts before all of them.
    private static byte[] Edge(DateTimeOffset time)
    {
        var bytes = new byte[16];
        System.Buffers.Binary.BinaryPrimitives.WriteInt64BigEndian(bytes, Math.Max(0, time.ToUnixTimeMilliseconds()) << 16);
        return bytes;
    }
}

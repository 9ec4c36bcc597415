using Microsoft.Data.Sqlite;
using Orchestrator.Core.Runs.View;
using Orchestrator.Engine.Files;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Queries;

namespace Orchestrator.Engine.Index;

/// <summary>
/// The index as verbs use it, beside a `serve` or without one. Where no process keeps it, it is brought up to date first; where one does, it is read once
/// it holds what the journal holds. A reader never sees less than the journal: when the index cannot say, the journal is read.
/// </summary>
/// <param name="store">The data directory.</param>
/// <param name="clock">For waiting.</param>
/// <param name="say">Told, for people, why the index is not used.</param>
internal sealed class OfflineIndex(IRunStore store, TimeProvider clock, Action<string> say) : IRunIndex
{
    // A list of the newest runs is as fast from the journal; nobody should wait for the rest of a large one to be indexed.
    private const int ListBudget = 2_000;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);
    private readonly IndexFolder _folder = new(store.State);

    /// <summary>Told of the number of runs read so far, now and then, while the index is made or brought up to date.</summary>
    public Action<int>? Progress { get; init; }

    public async Task<IReadOnlyList<RunRow>?> ListAsync(RunFilter filter, CancellationToken stop)
    {
        try { return await ReadAsync<IReadOnlyList<RunRow>>(database => RunQueries.List(database, filter), ListBudget, stop).ConfigureAwait(false); }
        catch (IndexUnusableException) { return null; }   // said already
    }

    /// <summary>An answer out of an index that holds what the journal held when this was called.</summary>
    /// <exception cref="IndexUnusableException">There is none; the message says why.</exception>
    public async Task<T> QueryAsync<T>(Func<IndexDatabase, T> query, CancellationToken stop) where T : class =>
        await ReadAsync(query, int.MaxValue, stop).ConfigureAwait(false)
        ?? throw new IndexUnusableException("the index is behind the journal, and another process is to bring it up to date: try again in a moment");

    // Null: what the journal holds is not all in the index.
    private async Task<T?> ReadAsync<T>(Func<IndexDatabase, T> query, int budget, CancellationToken stop) where T : class
    {
        if (!Directory.Exists(store.Place)) return null;
        try
        {
            using var held = TryLock();
            return held is null ? await BesideAsync(query, stop).ConfigureAwait(false) : await AloneAsync(query, budget, stop).ConfigureAwait(false);
        }
        catch (SqliteException e) { throw Unusable($"the index cannot be used: {e.Message.TrimEnd('.')}", e); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { throw Unusable($"the index cannot be used: {e.Message.TrimEnd('.')}", e); }
        catch (IndexUnusableException e)
        {
            say(e.Message);
            throw;
        }

        IndexUnusableException Unusable(string message, Exception inner)
        {
            say(message);
            return new(message, inner);
        }
    }

    // Where the folder may only be read, nobody else may write it either, as far as this process knows.
    private DirectoryLock? TryLock()
    {
        try { return _folder.TryLock(); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException && _folder.Current is not null) { return null; }
    }

    private async Task<T?> AloneAsync<T>(Func<IndexDatabase, T> query, int budget, CancellationToken stop) where T : class
    {
        var database = IndexBuild.TryOpen(_folder, store);
        if (database is null)
        {
            if (budget != int.MaxValue && store.Runs.ListRunIds().Skip(budget).Any()) return null;
            await IndexBuild.RebuildAsync(_folder, store, Progress, stop).ConfigureAwait(false);
            database = IndexBuild.TryOpen(_folder, store) ?? throw new IndexUnusableException($"the index in {_folder.FullPath} is gone as soon as it is made");
        }
        using (database)
        {
            CaughtUp done;
            using (var writer = new IndexWriter(database))
                done = await new IndexCatchUp(store, database, writer).RunAsync(budget, Progress, stop).ConfigureAwait(false);
            return done is { IsComplete: true, HasDamage: false } ? query(database) : null;
        }
    }

    private async Task<T?> BesideAsync<T>(Func<IndexDatabase, T> query, CancellationToken stop) where T : class
    {
        for (var began = clock.GetTimestamp(); ;)
        {
            if (_folder.Current is not { } path || !_folder.IsLocked) return null;   // nobody keeps it
            using (var database = IndexDatabase.ForReading(path))
                if (HoldsAll(database)) return query(database);
            if (clock.GetElapsedTime(began) >= Patience) return null;
            await Task.Delay(Pause, clock, stop).ConfigureAwait(false);
        }
    }

    // What has left the segments was in the index before: the writer follows the journal, and catches up when it begins.
    private bool HoldsAll(IndexDatabase database)
    {
        if (database.Meta(IndexDatabase.Complete) is null) return false;
        using var command = database.Command("SELECT last_seq FROM runs WHERE run_id = $run", ("$run", Array.Empty<byte>()));
        foreach (var run in store.Unfinished.ListUnfinished())
        {
            command.Parameters[0].Value = IndexDatabase.Bytes(run);
            if (store.Runs.LastEvent(run) is { } last && (command.ExecuteScalar() is not long seq || seq < last.Seq)) return false;
        }
        return true;
    }
}

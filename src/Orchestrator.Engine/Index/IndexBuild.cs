using Microsoft.Data.Sqlite;
using Orchestrator.Engine.Journal;

namespace Orchestrator.Engine.Index;

/// <summary>Opens the index of a data directory for the process that has its lock, and makes it where there is none that can be used.</summary>
internal static class IndexBuild
{
    /// <summary>The index in force; null: there is none, or it cannot be used and may be made again.</summary>
    /// <exception cref="IndexUnusableException">A newer version of the program wrote it.</exception>
    public static IndexDatabase? TryOpen(IndexFolder folder, IRunStore store)
    {
        try
        {
            folder.Tidy();   // what a build that was cut short has left
            if (folder.Current is not { } path || !File.Exists(path)) return null;
            var database = IndexDatabase.ForWriting(path);
            database.ClearMeta(IndexDatabase.Complete);
            if (database.Meta("journal") is "" or null) database.SetMeta("journal", JournalOf(store));   // there was no id yet
            if (database.Meta("journal") == JournalOf(store)) return database;
            database.Dispose();   // of another data directory
            return null;
        }
        catch (IndexUnusableException e) when (!e.IsNewer) { return null; }
    }

    /// <summary>Makes a new index of all that the journal holds and puts it in force. Cut short, the one before stays in force.</summary>
    public static async Task<CaughtUp> RebuildAsync(IndexFolder folder, IRunStore store, Action<int>? progress, CancellationToken stop)
    {
        var path = folder.Draft();
        CaughtUp done;
        try
        {
            using var database = IndexDatabase.Create(path, JournalOf(store));
            using (var writer = new IndexWriter(database))
                done = await new IndexCatchUp(store, database, writer).RunAsync(int.MaxValue, progress, stop).ConfigureAwait(false);
            database.Finish();
        }
        catch (SqliteException e)
        {
            throw new IndexUnusableException($"the index cannot be written: {e.Message.TrimEnd('.')}", e);
        }
        folder.Publish(path);
        return done;
    }

    private static string JournalOf(IRunStore store) => Installation.Find(store.State) ?? "";
}

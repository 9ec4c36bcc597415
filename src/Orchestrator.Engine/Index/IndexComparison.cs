using Microsoft.Data.Sqlite;
using Orchestrator.Core.Reconciliation;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Journal;

namespace Orchestrator.Engine.Index;

/// <summary>The index of a data directory held against the journal, as far as there is one. Changes nothing and waits for nobody.</summary>
internal sealed class IndexComparison : IDisposable
{
    private readonly IndexDatabase? _database;
    private readonly IndexReconciliation? _comparing;
    private string? _trouble;

    private IndexComparison(IndexDatabase? database, IndexReconciliation? comparing, string note) => (_database, _comparing, Note) = (database, comparing, note);

    /// <summary>Rows compared; null: there is nothing to compare.</summary>
    public long? Rows => _comparing?.Rows;

    /// <summary>What was compared, or why nothing was.</summary>
    public string Note { get; }

    /// <summary>What differs; and that the index cannot be read, if that was met.</summary>
    public IReadOnlyList<Difference> Differences =>
        [.. _comparing?.Differences ?? [], .. _trouble is null ? (IReadOnlyList<Difference>)[] : [new("index", "all", "its rows", "readable", _trouble)]];

    /// <param name="store">The data directory.</param>
    /// <param name="clock">What time it is.</param>
    /// <param name="delay">How long after an event its rows may be missing while a process keeps the index. Where none does, they may always be.</param>
    public static IndexComparison Of(IRunStore store, TimeProvider clock, TimeSpan delay)
    {
        try
        {
            var folder = new IndexFolder(store.State);
            if (folder.Current is not { } path || !File.Exists(path)) return new(null, null, "there is no index yet: the next list makes it");
            var isKept = folder.IsLocked;
            var database = IndexDatabase.ForReading(path);
            isKept = isKept && database.Meta(IndexDatabase.Complete) is not null;
            return new(database, new(store, database, at => isKept && clock.GetUtcNow() - at > delay),
                isKept ? "rows of runs, tasks, attempts and labels" : "rows there are; the next list brings it up to date");
        }
        catch (IndexUnusableException e) when (e.IsNewer) { return new(null, null, "the index is of a newer version of the program"); }
        catch (Exception e) when (e is IndexUnusableException or SqliteException or IOException or UnauthorizedAccessException)
        {
            return new(null, null, "the index cannot be read: the next list makes it anew");
        }
    }

    public void Hold(RunId run, IReadOnlyList<RecordedEvent> events) => Try(c => c.Hold(run, events));

    public void HoldRest() => Try(c => c.HoldRest());

    public void Dispose() => _database?.Dispose();

    private void Try(Action<IndexReconciliation> compare)
    {
        if (_comparing is null || _trouble is not null) return;
        try { compare(_comparing); }
        catch (SqliteException e) { _trouble = e.Message; }
    }
}

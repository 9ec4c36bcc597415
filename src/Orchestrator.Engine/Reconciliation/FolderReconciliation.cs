using Orchestrator.Core.Reconciliation;
using Orchestrator.Engine.Journal;

namespace Orchestrator.Engine.Reconciliation;

/// <summary>Compares the folders of runs with the journal: a run with logs, results or a report was accepted once, so its events must be there.</summary>
/// <param name="store">Where runs are kept.</param>
/// <param name="due">Whether the events of a folder that was made then must be there: a run may be removed just now.</param>
public sealed class FolderReconciliation(IRunStore store, Func<DateTimeOffset, bool> due)
{
    /// <summary>Folders without events.</summary>
    public IEnumerable<Difference> Run(CancellationToken stop)
    {
        foreach (var (run, changedAt) in store.Files.Directories())
        {
            stop.ThrowIfCancellationRequested();
            if (store.Runs.FirstEvent(run) is not null || !due(changedAt)) continue;
            yield return new("journal", run.ToString(), "its events", "missing", $"its folder, {Path.GetRelativePath(store.Place, store.Files.DirectoryOf(run))}");
        }
    }
}

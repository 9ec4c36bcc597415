using Orchestrator.Core.Reconciliation;
using Orchestrator.Engine.Journal;

namespace Orchestrator.Engine.Reconciliation;

/// <summary>Holds the folders of runs against the journal: whoever has logs, results or a report was accepted once, so its events must be there.</summary>
/// <param name="paths">The data directory.</param>
/// <param name="due">Whether the events of a folder that was made then must be there: a run may be removed just now.</param>
public sealed class FolderReconciliation(RunPaths paths, Func<DateTimeOffset, bool> due)
{
    private readonly RunReader _reader = new(paths);

    /// <summary>Folders without events.</summary>
    public IEnumerable<Difference> Run(CancellationToken stop)
    {
        foreach (var run in _reader.RunFolders())
        {
            stop.ThrowIfCancellationRequested();
            var folder = paths.Of(run);
            if (File.Exists(paths.EventsOf(run)) || _reader.FirstEvent(run) is not null || !Directory.Exists(folder) || !due(Directory.GetLastWriteTimeUtc(folder))) continue;
            yield return new("journal", run.ToString(), "its events", "missing", $"its folder, {Path.GetRelativePath(paths.Root, folder)}");
        }
    }
}

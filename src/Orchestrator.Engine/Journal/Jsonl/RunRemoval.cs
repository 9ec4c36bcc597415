using Orchestrator.Core.Runs;
using Orchestrator.Engine.Files;

namespace Orchestrator.Engine.Journal.Jsonl;

/// <summary>
/// Removes folders of runs and parts of streams. A folder is first renamed out of the runs, so that a crash leaves a whole run or none; what lies in the
/// trash goes with the next look.
/// </summary>
/// <param name="paths">The data directory.</param>
/// <param name="runs">Which runs are under way.</param>
/// <param name="time">When runs are removed; null: the system's clock.</param>
internal sealed class RunRemoval(RunPaths paths, IUnfinishedRuns runs, TimeProvider? time = null) : IRunRemoval
{
    private readonly TimeProvider _clock = time ?? TimeProvider.System;
    private readonly RemovedRuns _removed = new(paths);
    private readonly StreamArchive _archive = new(paths);

    public IReadOnlySet<RunId> Remove(IReadOnlyCollection<RunId> runs)
    {
        _removed.Note(runs, _clock.GetUtcNow());
        return runs.Where(Remove).ToHashSet();
    }

    public void Tidy()
    {
        foreach (var folder in (string[])["", "definitions", "deliveries", "index"]) DraftSweep.Run(paths.Disk, Path.Combine(paths.Root, folder));
        foreach (var run in runs.ListUnfinished())
            foreach (var folder in (string[])["", "mail"]) DraftSweep.Run(paths.Disk, Path.Combine(paths.Of(run), folder));
        if (!Directory.Exists(paths.Trash)) return;
        foreach (var grave in Directory.EnumerateDirectories(paths.Trash))
            try { paths.Disk.DeleteTree(grave); }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException) { }   // tried again at the next look
    }

    public int TrimStreams(DateTimeOffset? before, int? keep, CancellationToken stop)
    {
        var gone = 0;
        foreach (var stream in _archive.Streams())
        {
            stop.ThrowIfCancellationRequested();
            // The beginning of a backfill says what it is to do: it stays whole until it has ended, and then goes as a whole.
            gone += stream.TryGetBackfill(out _) ? _archive.RemoveEnded(stream, before) : _archive.Trim(stream, before, keep);
        }
        return gone;
    }

    private bool Remove(RunId run)
    {
        try
        {
            DurableFolder.Create(paths.Disk, paths.Trash, paths.Root);
            var grave = Path.Combine(paths.Trash, run.ToString());
            if (Directory.Exists(grave)) paths.Disk.DeleteTree(grave);
            var folder = paths.Of(run);
            paths.Disk.Rename(folder, grave);
            // Before anything of it goes: a power cut leaves a whole run or none too.
            paths.Disk.SyncDirectory(paths.Trash);
            paths.Disk.SyncDirectory(Path.GetDirectoryName(folder)!);
            paths.Disk.DeleteTree(grave);
            RemoveEmptyDay(Path.GetDirectoryName(folder)!, run);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    // No process creates a run in a day that is over; one of today could be making its folder just now.
    private void RemoveEmptyDay(string day, RunId run)
    {
        if (_clock.GetUtcNow() - run.Time < TimeSpan.FromDays(2)) return;
        try
        {
            for (var at = day; at.Length > paths.Runs.Length; at = Path.GetDirectoryName(at)!) paths.Disk.DeleteFolder(at);
        }
        catch (IOException) { }   // there are other runs in it
    }
}

using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Definitions;
using Orchestrator.Engine.Files;
using Orchestrator.Engine.Journal;

namespace Orchestrator.Engine.Retention;

/// <summary>A finished run that no rule keeps any more.</summary>
/// <param name="Run">The run.</param>
/// <param name="Workflow">Its workflow.</param>
/// <param name="Why">Which limit is passed: age, count or bytes.</param>
public sealed record ExpiredRun(RunId Run, string Workflow, string Why);

/// <summary>
/// Removes the folders of finished runs past what their workflow, or else the worker, wants kept. The rule is that of the workflow's newest
/// run. A folder is first renamed out of the runs, so that a crash leaves a whole run or none; what lies in the trash goes with the next look.
/// </summary>
public sealed class RunRetention(RunPaths paths, RetentionDefinition fallback, TimeProvider clock)
{
    /// <summary>How many are removed together: noting that they existed takes one sync for all of them.</summary>
    public const int Together = 256;

    private readonly RunReader _reader = new(paths, clock);
    private readonly DefinitionStore _definitions = new(paths);
    private readonly RemovedRuns _removed = new(paths);

    /// <summary>The runs that would be removed now, newest first in each workflow.</summary>
    public IEnumerable<ExpiredRun> Expired(CancellationToken stop = default)
    {
        var kept = new Dictionary<string, Kept>(StringComparer.Ordinal);
        foreach (var run in _reader.ListRunIds())
        {
            stop.ThrowIfCancellationRequested();
            // Only an archive that ends the run: whatever is still open, or known to the journal alone, is none of ours.
            if (!File.Exists(paths.EventsOf(run)) || _reader.FirstEvent(run)?.Event is not WorkflowCreated created) continue;
            if (!kept.TryGetValue(created.Workflow, out var mine)) kept[created.Workflow] = mine = new(RuleOf(created.DefinitionVersion));
            if (mine.Rule == NoLimit || _reader.LastEvent(run) is not { Event: WorkflowEnded } end) continue;
            if (mine.Passed(end.Time, clock.GetUtcNow(), () => BytesOf(paths.Of(run))) is { } why) yield return new(run, created.Workflow, why);
        }
    }

    /// <summary>Removes some of them; returns those that are gone. Of the others, in use or not to be changed, the next look finds them again.</summary>
    /// <exception cref="IOException">It cannot be noted that they existed; none is removed.</exception>
    public IReadOnlySet<RunId> Remove(IReadOnlyCollection<RunId> runs)
    {
        _removed.Note(runs, clock.GetUtcNow());
        return runs.Where(Remove).ToHashSet();
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

    /// <summary>Finishes what a crash interrupted.</summary>
    public void EmptyTrash()
    {
        if (!Directory.Exists(paths.Trash)) return;
        foreach (var grave in Directory.EnumerateDirectories(paths.Trash))
            try { paths.Disk.DeleteTree(grave); }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException) { }   // tried again at the next look
    }

    private static readonly RetentionDefinition NoLimit = new();

    private RetentionDefinition RuleOf(string version)
    {
        var own = _definitions.Find(version)?.Retention;
        return own is null ? fallback : new() { Age = own.Age ?? fallback.Age, Count = own.Count ?? fallback.Count, Bytes = own.Bytes ?? fallback.Bytes };
    }

    // Nobody makes a run in a day that is over; one of today could be making its folder just now.
    private void RemoveEmptyDay(string day, RunId run)
    {
        if (clock.GetUtcNow() - run.Time < TimeSpan.FromDays(2)) return;
        try
        {
            for (var at = day; at.Length > paths.Runs.Length; at = Path.GetDirectoryName(at)!) paths.Disk.DeleteFolder(at);
        }
        catch (IOException) { }   // there are other runs in it
    }

    private static long BytesOf(string folder) =>
        new DirectoryInfo(folder).EnumerateFiles("*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint, IgnoreInaccessible = true })
            .Sum(f => f.Length);

    private sealed class Kept(RetentionDefinition rule)
    {
        private int _count;
        private long _bytes;

        public RetentionDefinition Rule => rule;

        /// <summary>Called for each finished run of the workflow, newest first.</summary>
        public string? Passed(DateTimeOffset ended, DateTimeOffset now, Func<long> bytes)
        {
            if (rule.Age is { } age && now - ended > age) return "age";
            if (rule.Count is { } count && ++_count > count) return "count";
            return rule.Bytes is { } most && (_bytes += bytes()) > most ? "bytes" : null;
        }
    }
}

using System.Globalization;
using Orchestrator.Core.Runs;

namespace Orchestrator.Engine.Lifecycle.Following;

/// <summary>
/// Finds archives of runs that nobody has told yet: a process that began and ended between two looks leaves nothing in the journal. Folders of days are listed again only
/// when something was put into them.
/// </summary>
internal sealed class ArchiveSweep(RunPaths paths, DateTimeOffset since)
{
    // A folder's time of change is coarse: one that changed just before it was listed may have changed again.
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(2);
    private readonly Dictionary<string, DateTime> _listed = new(StringComparer.Ordinal);
    private readonly HashSet<RunId> _waiting = [];

    /// <summary>Runs with an archive that are not among those told, oldest first.</summary>
    public IEnumerable<RunId> New(HashSet<RunId> told)
    {
        foreach (var run in _waiting.ToList())
            if (told.Contains(run)) _waiting.Remove(run);
            else if (IsArchived(run))
            {
                _waiting.Remove(run);
                yield return run;
            }
        foreach (var day in Days())
        {
            var changed = Directory.GetLastWriteTimeUtc(day);
            if (_listed.TryGetValue(day, out var before) && before == changed) continue;
            var now = TimeProvider.System.GetUtcNow().UtcDateTime;
            _listed[day] = now - changed < Fresh ? default : changed;
            foreach (var name in Names(day))
                if (RunId.TryParse(name, out var run) && !told.Contains(run) && !_waiting.Contains(run))
                    if (!File.Exists(paths.EventsOf(run))) _waiting.Add(run);
                    else if (IsArchived(run)) yield return run;
                    else told.Add(run);   // older than what is wanted
        }
    }

    private bool IsArchived(RunId run)
    {
        var written = File.GetLastWriteTimeUtc(paths.EventsOf(run));
        return written.Year > 1700 && written >= since.UtcDateTime;
    }

    private IEnumerable<string> Days() =>
        from year in Names(paths.Runs)
        from month in Names(Path.Combine(paths.Runs, year))
        from day in Names(Path.Combine(paths.Runs, year, month))
        where int.TryParse(day, NumberStyles.None, CultureInfo.InvariantCulture, out _)
        select Path.Combine(paths.Runs, year, month, day);

    private static List<string> Names(string folder)
    {
        try { return [.. Directory.EnumerateDirectories(folder).Select(p => Path.GetFileName(p)).Order(StringComparer.Ordinal)]; }
        catch (DirectoryNotFoundException) { return []; }
    }
}

using System.Globalization;
using Orchestrator.Core.Runs;

namespace Orchestrator.Engine.Journal.Jsonl.Following;

/// <summary>
/// Finds archives of runs that nobody has told yet: a process that began and ended between two looks leaves nothing in the journal. Folders of days are
/// listed again only when something was put into them.
/// </summary>
internal sealed class ArchiveSweep(RunPaths paths, DateTimeOffset since)
{
    // A day that is over changes when runs are removed from it or end late: going through all of it can wait a little.
    private static readonly TimeSpan OldDays = TimeSpan.FromSeconds(10);
    // A folder's time of change is coarse: one that changed just before it was listed may have changed again.
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(2);
    private readonly Dictionary<string, (DateTime Changed, DateTime At)> _listed = new(StringComparer.Ordinal);
    private readonly HashSet<RunId> _waiting = [];

    /// <summary>Archives that were written before this instant count as told; it only moves on.</summary>
    public DateTimeOffset Since
    {
        get => since;
        set => since = value > since ? value : since;
    }

    /// <summary>Runs with an archive that are not among those told, oldest first.</summary>
    /// <param name="told">Runs that were told to their end.</param>
    /// <param name="thoroughly">Whether a day that is over is looked at too, though that was done a moment ago.</param>
    public IEnumerable<RunId> New(EndedRuns told, bool thoroughly)
    {
        foreach (var run in _waiting.ToList())
            if (told.Contains(run)) _waiting.Remove(run);
            else if (IsArchived(run))
            {
                yield return run;
                _waiting.Remove(run);
            }
        foreach (var (day, date) in Days())
        {
            var (changed, now) = (Directory.GetLastWriteTimeUtc(day), TimeProvider.System.GetUtcNow().UtcDateTime);
            var isOld = date < DateOnly.FromDateTime(now).AddDays(-1);
            if (_listed.TryGetValue(day, out var before) && (before.Changed == changed || (!thoroughly && isOld && now - before.At < OldDays))) continue;
            foreach (var name in Names(day))
                if (RunId.TryParse(name, out var run) && !told.Contains(run) && !_waiting.Contains(run))
                    if (!File.Exists(paths.EventsOf(run))) _waiting.Add(run);
                    else if (IsArchived(run)) yield return run;
                    else if (!isOld) told.Add(run);   // older than what is wanted: not asked again
            _listed[day] = (now - changed < Fresh ? default : changed, now);
        }
    }

    private bool IsArchived(RunId run)
    {
        var written = File.GetLastWriteTimeUtc(paths.EventsOf(run));
        return written.Year > 1700 && written >= since.UtcDateTime;
    }

    private IEnumerable<(string Path, DateOnly Date)> Days() =>
        from year in Names(paths.Runs)
        from month in Names(Path.Combine(paths.Runs, year))
        from day in Names(Path.Combine(paths.Runs, year, month))
        let parsed = DateOnly.TryParseExact($"{year}-{month}-{day}", "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date) ? date : (DateOnly?)null
        where parsed is not null
        select (Path.Combine(paths.Runs, year, month, day), parsed.Value);

    private static List<string> Names(string folder)
    {
        try { return [.. Directory.EnumerateDirectories(folder).Select(p => Path.GetFileName(p)).Order(StringComparer.Ordinal)]; }
        catch (DirectoryNotFoundException) { return []; }
    }
}

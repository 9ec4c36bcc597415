using Orchestrator.Core.Runs;

namespace Orchestrator.Engine.Journal.Jsonl.Following;

/// <summary>
/// The runs that were told to their end, by the day of their id. A day that is long over is let go of, run by run, as soon as something else says the
/// same: an archive older than the horizon, before which every archive was told, or that the run is gone altogether.
/// </summary>
internal sealed class EndedRuns(RunPaths paths)
{
    /// <summary>How far the horizon lies before a list of archives: no archive becomes visible this long after it was written.</summary>
    public static readonly TimeSpan Margin = TimeSpan.FromHours(1);
    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);
    private readonly Dictionary<DateOnly, HashSet<RunId>> _days = [];
    private readonly RunReader _reader = new(paths);
    private DateTimeOffset _trimmed = DateTimeOffset.MinValue;

    /// <summary>Archives written before it have been told.</summary>
    public DateTimeOffset Horizon { get; private set; } = DateTimeOffset.MinValue;

    public int Count => _days.Values.Sum(d => d.Count);

    public bool Contains(RunId run) => _days.TryGetValue(DayOf(run), out var day) && day.Contains(run);

    public void Add(RunId run)
    {
        if (!_days.TryGetValue(DayOf(run), out var day)) _days[DayOf(run)] = day = [];
        day.Add(run);
    }

    /// <summary>Lets go of what is old, once an hour; false when it was not yet time.</summary>
    /// <param name="listed">When the archives were last looked through before everything else was read.</param>
    public bool Trim(DateTimeOffset listed)
    {
        if (listed - _trimmed < Interval) return false;
        (_trimmed, Horizon) = (listed, listed - Margin);
        var today = DateOnly.FromDateTime(listed.UtcDateTime);
        foreach (var (day, runs) in _days.Where(d => d.Key < today.AddDays(-1)).ToList())
        {
            runs.RemoveWhere(IsKnownOtherwise);
            if (runs.Count == 0) _days.Remove(day);
        }
        return true;
    }

    private bool IsKnownOtherwise(RunId run)
    {
        var written = File.GetLastWriteTimeUtc(paths.EventsOf(run));
        // Without an archive it was removed, or stands in the segments of a dead writer and will be archived one day.
        return written.Year > 1700 ? written < Horizon.UtcDateTime : _reader.LastEvent(run) is null;
    }

    private static DateOnly DayOf(RunId run) => DateOnly.FromDateTime(run.Time.UtcDateTime);
}

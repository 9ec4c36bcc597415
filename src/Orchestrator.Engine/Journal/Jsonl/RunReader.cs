using System.Runtime.CompilerServices;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Files;

namespace Orchestrator.Engine.Journal.Jsonl;

/// <summary>
/// Reads runs from a data directory, finished ones from their archive and others from the segments of their writers. Takes no
/// lock, repairs nothing, and stops at the first line that is not whole.
/// </summary>
internal sealed class RunReader : IRunHistory, IUnfinishedRuns
{
    private const int MaxCandidates = 20;
    private const int Attempts = 5;
    private const int HeadAppends = 4;
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(200);
    private readonly RunPaths _paths;
    private readonly TimeProvider _clock;
    private readonly SegmentCatalog _segments;
    private readonly RemovedRuns _removed;

    /// <summary>A reader of a data directory.</summary>
    public RunReader(RunPaths paths, TimeProvider? clock = null) : this(paths, clock, null) { }

    internal RunReader(RunPaths paths, TimeProvider? clock, Action<JournalCorruptException>? unreadable) =>
        (_paths, _clock, _segments, _removed) = (paths, clock ?? TimeProvider.System, new(paths, unreadable), new(paths));

    /// <summary>Lines met so far that are whole and cannot be read.</summary>
    internal UnreadableLines Unreadable => _segments.Unreadable;

    /// <summary>Every run, newest first. Folders are read as the caller goes on.</summary>
    public IEnumerable<RunId> ListRunIds()
    {
        var open = new Queue<RunId>(ListUnfinished().OrderDescending());
        foreach (var archived in ArchivedRuns())
        {
            while (open.TryPeek(out var next) && next.CompareTo(archived) > 0) yield return open.Dequeue();
            if (open.TryPeek(out var same) && same == archived) open.Dequeue();
            yield return archived;
        }
        foreach (var run in open) yield return run;
    }

    /// <summary>Every run that has ended, newest first, archived or not yet.</summary>
    public IEnumerable<RunId> Finished() => ListRunIds().Where(run => File.Exists(_paths.EventsOf(run)) || LastEvent(run)?.Event is WorkflowEnded);

    /// <summary>Runs accepted since an instant, newest first.</summary>
    public IEnumerable<RunId> AcceptedSince(DateTimeOffset since) =>
        // A scheduled run's id is its due time, which may lie before its acceptance: look a day further back, and at the event.
        ListRunIds().TakeWhile(id => id.Time >= since - TimeSpan.FromDays(1)).Where(id => FirstEvent(id) is { } first && first.Time >= since);

    /// <summary>
    /// Where the journal is damaged. Runs with events after such a place are missing from every answer, so a caller that
    /// found none, or lists them, has to say it.
    /// </summary>
    public IReadOnlyList<JournalCorruptException> Damage() => [.. _segments.Damage(), .. Unreadable.All];

    /// <summary>Why nothing of a run is known beyond an event, where that was met when the run was read; null: all that is there could be read.</summary>
    public JournalCorruptException? DamageOf(RunId run) => Unreadable.Of(StreamId.Run(run));

    /// <summary>All events of a run in order; empty when there is no such run.</summary>
    public Task<IReadOnlyList<RecordedEvent>> ReadEventsAsync(RunId run, CancellationToken stop = default) => Task.Run(() => ReadEvents(run), stop);

    /// <summary>The run's events up to its start, if that is among the first ones, without reading the rest; else some of the first, or none.</summary>
    public IReadOnlyList<RecordedEvent> Head(RunId run)
    {
        var stream = StreamId.Run(run);
        return ArchiveHead.Read(_paths.EventsOf(run), stream) is { Count: > 0 } archived ? archived : InSegments(run, a => a.Take(HeadAppends));
    }

    /// <summary>The run of an id, or of a beginning, or else an end, that only one id has.</summary>
    public RunLookup Resolve(string idOrUniquePart)
    {
        var prefix = idOrUniquePart.Trim().ToLowerInvariant();
        if (prefix.Length == 0) return new(null, []);
        if (RunId.TryParse(prefix, out var id)) return FirstEvent(id) is null ? new(null, []) : new(id, [id]);
        var candidates = ListRunIds().Where(r => r.ToString().StartsWith(prefix, StringComparison.Ordinal)).Take(MaxCandidates).ToList();
        // The last digits are random, where runs of a minute share the first ones.
        if (candidates.Count == 0) candidates = [.. ListRunIds().Where(r => r.ToString().EndsWith(prefix, StringComparison.Ordinal)).Take(MaxCandidates)];
        return new(candidates.Count == 1 ? candidates[0] : null, candidates);
    }

    /// <summary>The run's <c>workflow.created</c>, without reading the rest; null when there is no such run.</summary>
    public RecordedEvent? FirstEvent(RunId run) => Edge(run, (path, stream) => ArchiveFile.First(path, stream, Unreadable), a => a.Take(1), events => events[0]);

    /// <summary>The run's latest event, the terminal one if it has ended; null when there is no such run.</summary>
    public RecordedEvent? LastEvent(RunId run) => Edge(run, (path, stream) => ArchiveFile.Last(path, stream, Unreadable), a => a.TakeLast(1), events => events[^1]);

    /// <summary>Events as they are appended, from the first to the terminal one; ends at once when there is no such run.</summary>
    public async IAsyncEnumerable<RecordedEvent> FollowAsync(RunId run, [EnumeratorCancellation] CancellationToken stop)
    {
        long seen = 0;
        while (true)
        {
            var events = await ReadEventsAsync(run, stop).ConfigureAwait(false);
            foreach (var e in events)
            {
                if (e.Seq <= seen) continue;
                seen = e.Seq;
                yield return e;
            }
            if (events.Count == 0 || events[^1].Event is WorkflowEnded) yield break;
            await Task.Delay(PollInterval, _clock, stop).ConfigureAwait(false);
        }
    }

    // An archive counts once it ends the run. Before that, and while events move from one file to another, look again.
    private IReadOnlyList<RecordedEvent> ReadEvents(RunId run)
    {
        var stream = StreamId.Run(run);
        for (var attempt = 1; ; attempt++)
        {
            var archived = ArchiveFile.Read(_paths.EventsOf(run), stream, Unreadable);
            if (archived.Count > 0 && archived[^1].Event is WorkflowEnded) return archived;
            var events = InSegments(run);
            if (events.Count > 0 && events[0].Seq == 1 && events.Count >= archived.Count) return events;
            if (attempt == Attempts || (events.Count == 0 && archived.Count == 0 && !File.Exists(_paths.EventsOf(run)))) return archived;
        }
    }

    private RecordedEvent? Edge(RunId run, Func<string, StreamId, RecordedEvent?> inArchive,
        Func<IEnumerable<ScannedAppend>, IEnumerable<ScannedAppend>> inSegments, Func<IReadOnlyList<RecordedEvent>, RecordedEvent> pick)
    {
        var stream = StreamId.Run(run);
        var path = _paths.EventsOf(run);
        if (inArchive(path, stream) is { } archived) return archived;
        return InSegments(run, inSegments) is { Count: > 0 } events ? pick(events) : inArchive(path, stream);
    }

    // What retention removed may stay in a segment as long as others need it.
    private IReadOnlyList<RecordedEvent> InSegments(RunId run, Func<IEnumerable<ScannedAppend>, IEnumerable<ScannedAppend>>? choose = null) =>
        _segments.Read(StreamId.Run(run), choose) is { Count: > 0 } events && !_removed.Contains(run) ? events : [];

    public IEnumerable<RunId> ListSettled() => ArchivedRuns();

    public bool IsSettled(RunId run) => File.Exists(_paths.EventsOf(run));

    public IReadOnlyCollection<RunId> ListUnfinished() => _removed.Read() is { Count: > 0 } removed ? [.. _segments.Runs().Where(run => !removed.Contains(run))] : _segments.Runs();

    public bool HasLiveOwner(RunId run) => _segments.FoldersOf(StreamId.Run(run)).Any(folder => DirectoryLock.IsHeld(OwnedFolders.PathIn(folder)));

    public IReadOnlySet<RunId> Removed() => _removed.Read();

    public IReadOnlyCollection<StreamId> SystemStreams() => _segments.Streams();

    public IReadOnlyList<RecordedEvent> ReadSystem(StreamId stream) => _segments.Read(stream);

    public IReadOnlyList<RecordedEvent> ReadSystemLast(StreamId stream, int most, long? before) => _segments.ReadLast(stream, most, before ?? long.MaxValue);

    /// <summary>Runs that have an archive, newest first.</summary>
    internal IEnumerable<RunId> ArchivedRuns() => RunFolders().Where(run => File.Exists(_paths.EventsOf(run)));

    /// <summary>A group is a day.</summary>
    public IEnumerable<RunGroup> Groups() =>
        from folder in Days()
        let day = DayFolder.TryParse(Path.GetRelativePath(_paths.Runs, folder))
        where day is not null
        select new RunGroup(DayFolder.NameOf(day.Value), day.Value, day.Value.AddDays(1), DayFolder.StampOf(folder, _clock.GetUtcNow()));

    public IReadOnlyList<RunId> RunsOf(RunGroup group) => [.. RunsIn(Path.Combine(_paths.Runs, group.Name))];

    /// <summary>Runs that have a folder, newest first.</summary>
    internal IEnumerable<RunId> RunFolders() => Days().SelectMany(RunsIn);

    private IEnumerable<string> Days() =>
        from year in Descending(_paths.Runs)
        from month in Descending(year)
        from day in Descending(month)
        select day;

    private static IEnumerable<RunId> RunsIn(string day)
    {
        foreach (var folder in Descending(day))
            if (RunId.TryParse(Path.GetFileName(folder), out var run)) yield return run;
    }

    private static IEnumerable<string> Descending(string folder)
    {
        try { return Directory.GetDirectories(folder).OrderByDescending(d => Path.GetFileName(d), StringComparer.Ordinal); }
        catch (DirectoryNotFoundException) { return []; }
    }
}

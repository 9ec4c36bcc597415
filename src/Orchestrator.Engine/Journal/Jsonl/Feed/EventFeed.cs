using Microsoft.Extensions.Logging;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Journal.Feed;
using Orchestrator.Engine.Journal.Jsonl.Following;

namespace Orchestrator.Engine.Journal.Jsonl.Feed;

/// <summary>
/// Every event of the data directory in one durable order, for readers that want all of them and may fall behind: subscribers over HTTP and delivering
/// sinks. Reads what is on disk, off the runs' path; knows nothing of who reads it. A position survives restarts, archives and compaction.
/// </summary>
internal sealed class EventFeed : IEventFeed, IAsyncDisposable
{
    private const int MaxRecent = 20_000;
    private const int Page = 256;
    private const int MaxUntold = 4_000;
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Gather = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan LongestGather = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Overlap = TimeSpan.FromMinutes(1);
    private readonly FeedLog _log;
    private readonly EventFollower _follower;
    private readonly HistoryCache _history;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly SemaphoreSlim _wake = new(0, 1);
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private readonly List<FeedPart> _recent = [];
    private readonly List<StreamPart> _untold = [];
    private IEnumerator<StreamPart>? _look;
    private readonly List<Func<long>> _needs = [];
    private readonly List<TaskCompletionSource> _asked = [];
    private TaskCompletionSource _advanced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _end;
    private int _recentEvents;
    private int _woken;
    private Task _loop = Task.CompletedTask;
    private bool _disposed;

    public EventFeed(RunPaths paths, JsonlRunJournal journal, TimeProvider clock, ILogger<EventFeed> logger)
    {
        (_clock, _logger) = (clock, logger);
        _log = new(paths);
        // A first feed begins now. Later ones find again the events that were written while no feed was open.
        _follower = new(paths, _log.IsNew ? clock.GetUtcNow() : _log.WrittenAt - Overlap, own: journal, unreadable: logger.StreamUnreadable);
        var told = new Dictionary<StreamId, long>();
        foreach (var record in _log.All())
        {
            var last = record.FirstSeq + record.Count - 1;
            _follower.Skip(record.Stream, last, record.EndsRun);
            if (record.EndsRun) told.Remove(record.Stream);
            else told[record.Stream] = Math.Max(last, told.GetValueOrDefault(record.Stream));
        }
        ToldBefore = told;
        if (_log.IsNew) _follower.SkipAll();
        _history = new(new(paths), (stream, stop) => SystemAsync(journal, stream, stop));
        _end = _log.End;
    }

    /// <summary>Told whether the feed can be written.</summary>
    public StorageHealth? Storage { get; init; }

    /// <summary>How far each stream had been told when this was opened, as far as its end was not.</summary>
    public IReadOnlyDictionary<StreamId, long> ToldBefore { get; }

    /// <summary>The position of the last event so far.</summary>
    public long End => Interlocked.Read(ref _end);

    /// <summary>The first position that can still be read.</summary>
    public long Begin
    {
        get { lock (_gate) return _log.Begin; }
    }

    public void Start()
    {
        using (ExecutionContext.SuppressFlow()) _loop = Task.Run(RunAsync);
    }

    /// <summary>Something was appended: looks at once. Never blocks.</summary>
    public void Wake()
    {
        if (Interlocked.Exchange(ref _woken, 1) == 0) _wake.Release();
    }

    /// <summary>Keeps the events after a position that a reader still needs.</summary>
    public void Hold(Func<long> position)
    {
        lock (_gate) _needs.Add(position);
    }

    /// <summary>Parts with events after a position, oldest first; empty when there are none.</summary>
    public async Task<IReadOnlyList<FeedPart>> ReadAsync(long after, CancellationToken stop)
    {
        List<FeedRecord> records;
        lock (_gate)
        {
            if (_recent.Count > 0 && _recent[0].Record.First <= after + 1)
            {
                var at = _recent.FindIndex(p => p.Record.Last > after);
                return at < 0 ? [] : _recent.GetRange(at, Math.Min(Page, _recent.Count - at));
            }
            records = _log.Read(after, Page).FindAll(r => r.Last <= _end);
        }
        var parts = new List<FeedPart>(records.Count);
        foreach (var record in records) parts.Add(new(record, await _history.EventsAsync(record, stop).ConfigureAwait(false)));
        return parts;
    }

    /// <summary>Completes when there are events after a position.</summary>
    public Task BehindAsync(long position, CancellationToken stop)
    {
        lock (_gate) return _end > position ? Task.CompletedTask : _advanced.Task.WaitAsync(stop);
    }

    /// <summary>Completes when everything that was appended before has a position.</summary>
    public Task LookAsync(CancellationToken stop)
    {
        var looked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate) _asked.Add(looked);
        Wake();
        return looked.Task.WaitAsync(stop);
    }

    public async ValueTask DisposeAsync()
    {
        if (_disposed) return;
        _disposed = true;
        await _stop.CancelAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _look?.Dispose();
        _log.Dispose();
        _follower.Dispose();
        _history.Dispose();
        _stop.Dispose();
        _wake.Dispose();
    }

    private async Task RunAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            TaskCompletionSource[] asked;
            var began = _clock.GetTimestamp();
            lock (_gate) asked = [.. _asked];   // later reports are for them too
            try
            {
                Take();
                if (asked.Length > 0)
                {
                    _follower.LookThoroughly();   // a look that was under way may have passed by what they ask for
                    Take();
                }
                Storage?.Accepted(StoragePart.Feed);
                Answer(asked);
            }
            catch (Exception e) when (!_stop.IsCancellationRequested)
            {
                _logger.FeedFailed(e);
                Storage?.Refused(StoragePart.Feed, $"the order of events cannot be kept: {e.Message}");
                await Task.Delay(TimeSpan.FromSeconds(1), _clock, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            var took = _clock.GetElapsedTime(began);
            try
            {
                if (!await _wake.WaitAsync(Look, _stop.Token).ConfigureAwait(false)) continue;
                // Under load many appends are one look, and looks leave most of a processor to the runs.
                await Task.Delay(RestAfter(took), _clock, _stop.Token).ConfigureAwait(false);
                Interlocked.Exchange(ref _woken, 0);
            }
            catch (OperationCanceledException) { }
        }
    }

    private static TimeSpan RestAfter(TimeSpan look) => look * 3 < Gather ? Gather : look * 3 < LongestGather ? look * 3 : LongestGather;

    private void Answer(TaskCompletionSource[] asked)
    {
        foreach (var one in asked) one.TrySetResult();
        if (asked.Length > 0)
            lock (_gate) _asked.RemoveAll(asked.Contains);
    }

    private static async Task<IReadOnlyList<RecordedEvent>> SystemAsync(JsonlRunJournal journal, StreamId stream, CancellationToken stop)
    {
        try { return await journal.ReadAsync(stream, 0, stop).ToListAsync(stop).ConfigureAwait(false); }
        catch (JournalCorruptException) { return []; }   // reported when it was met; the other streams go on
    }

    // A look stays open while the log cannot be written: the follower does not report the same events again.
    private void Take()
    {
        bool more;
        do
        {
            more = Gathered();
            Tell();
        }
        while (more && !_stop.IsCancellationRequested);
        lock (_gate) _log.Trim(_needs.Count == 0 ? _end : _needs.Min(n => n()));
    }

    /// <summary>Takes what is new into hand, up to a bound; false when there is no more.</summary>
    private bool Gathered()
    {
        _look ??= _follower.Look().GetEnumerator();
        try
        {
            var events = _untold.Sum(p => p.Events.Count);
            while (events < MaxUntold)
            {
                if (!_look.MoveNext())
                {
                    EndLook();
                    return false;
                }
                if (_look.Current.Events.Count == 0) continue;
                _untold.Add(_look.Current);
                events += _look.Current.Events.Count;
            }
            return true;
        }
        catch
        {
            EndLook();
            throw;
        }
    }

    private void EndLook()
    {
        _look?.Dispose();
        _look = null;
    }

    private void Tell()
    {
        if (_untold.Count == 0) return;
        var records = _log.Append(_untold);   // before anybody hears of the numbers
        lock (_gate)
        {
            for (var i = 0; i < records.Count; i++)
            {
                _recent.Add(new(records[i], _untold[i].Events));
                _recentEvents += records[i].Count;
            }
            var drop = 0;
            while (_recentEvents > MaxRecent && drop < _recent.Count - 1) _recentEvents -= _recent[drop++].Events.Count;
            if (drop > 0) _recent.RemoveRange(0, drop);
            Interlocked.Exchange(ref _end, records[^1].Last);
            _advanced.TrySetResult();
            _advanced = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
        _untold.Clear();
    }
}

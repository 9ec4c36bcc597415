using System.Runtime.CompilerServices;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Journal;

namespace Orchestrator.Engine.Tests.Scheduling;

/// <summary>A journal in memory that can be told to fail, and stays when a scheduler is "restarted".</summary>
internal sealed class LedgerJournal : IRunJournal
{
    private readonly Lock _gate = new();
    private readonly List<RecordedEvent> _events = [];
    private TaskCompletionSource _appended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Dictionary<StreamId, List<RecordedEvent>> _streams = [];

    /// <summary>Files that everything goes through; null: it is in memory alone.</summary>
    public FiledJournal? Files { get; init; }

    /// <summary>Runs that are in it, without their events.</summary>
    public HashSet<RunId> Runs { get; } = [];

    /// <summary>Appends that will still be refused.</summary>
    public int Refusals { get; set; }

    /// <summary>Appends that are made and then fail all the same.</summary>
    public int LostAnswers { get; set; }

    /// <summary>Appends until the process dies: from then on nothing is written, and nobody hears of the last one.</summary>
    public long Left { get; set; } = long.MaxValue;

    /// <summary>Whether the append at which it dies is made.</summary>
    public bool IsWrittenAtTheEnd { get; set; }

    /// <summary>Holds appends up; null: they are made at once.</summary>
    public SlowDisk? Disk { get; set; }

    /// <summary>Completes once an event like this is in it.</summary>
    public async Task AppendedAsync(Func<RecordedEvent, bool> like)
    {
        while (true)
        {
            Task appended;
            lock (_gate)
            {
                if (_events.Any(like)) return;
                appended = _appended.Task;
            }
            await appended;
        }
    }

    public IReadOnlyList<RecordedEvent> Events
    {
        get { lock (_gate) return [.. _events]; }
    }

    public IEnumerable<JournalEvent> Of(string stream) => Events.Where(e => e.Stream.ToString() == stream).Select(e => e.Event);

    public async ValueTask AppendAsync(StreamId stream, long expectedVersion, long epoch, IReadOnlyList<RecordedEvent> events, AppendDurability durability)
    {
        if (Disk is { } disk) await disk.SyncAsync();
        lock (_gate)
        {
            if (Left < 0 || (Left == 0 && !IsWrittenAtTheEnd)) throw new JournalUnavailableException("The process is dead.");
            if (Refusals > 0)
            {
                Refusals--;
                throw new JournalUnavailableException("The disk is full.");
            }
            if (!_streams.TryGetValue(stream, out var known)) _streams[stream] = known = [];
            var version = known.Count == 0 ? 0 : known[^1].Seq;
            if (version != expectedVersion) throw new JournalConflictException(stream, expectedVersion, version);
            Files?.Append(stream, expectedVersion, events);
            _events.AddRange(events);
            known.AddRange(events);
            _appended.TrySetResult();
            _appended = new(TaskCreationOptions.RunContinuationsAsynchronously);
            if (Left < long.MaxValue && Left-- == 0) throw new JournalUnavailableException("The process is dead.");
            if (LostAnswers > 0)
            {
                LostAnswers--;
                throw new JournalUnavailableException("Whether it was written is not known.");
            }
        }
    }

    /// <summary>From now on it has what can be read from the files, and nothing else.</summary>
    public void Reload()
    {
        lock (_gate)
        {
            var read = _streams.Keys.SelectMany(s => Files!.Read(s, 0)).ToDictionary(e => (e.Stream, e.Seq));
            List<RecordedEvent> events = [.. _events.Where(e => read.ContainsKey((e.Stream, e.Seq))).Select(e => read[(e.Stream, e.Seq)])];
            if (events.Count != _events.Count || read.Count != _events.Count) throw new InvalidOperationException($"Of {_events.Count} events {read.Count} are in the files.");
            _events.Clear();
            _events.AddRange(events);
        }
    }

    public ValueTask<bool> ExistsAsync(RunId run, CancellationToken stop) => new(Runs.Contains(run) || Events.Any(e => e.Stream == StreamId.Run(run)));

    public async IAsyncEnumerable<RecordedEvent> ReadAsync(StreamId stream, long after, [EnumeratorCancellation] CancellationToken stop)
    {
        await Task.CompletedTask;
        List<RecordedEvent> events;
        lock (_gate) events = Files?.Read(stream, after) ?? (_streams.TryGetValue(stream, out var known) ? [.. known.Where(e => e.Seq > after)] : []);
        foreach (var e in events) yield return e;
    }

    public IAsyncEnumerable<JournalEntry> ReadAllAsync(long after, CancellationToken stop) => throw new NotSupportedException();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

/// <summary>A disk that syncs once so many wait for it, and then every time.</summary>
/// <param name="together">How many.</param>
internal sealed class SlowDisk(int together)
{
    private readonly TaskCompletionSource _synced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _waiting;

    /// <summary>The most that have waited for one sync.</summary>
    public int MostTogether { get; private set; }

    public Task SyncAsync()
    {
        if (_synced.Task.IsCompleted || Interlocked.Increment(ref _waiting) is var waiting && waiting < together) return _synced.Task;
        MostTogether = waiting;
        _synced.TrySetResult();
        return _synced.Task;
    }
}

using Orchestrator.Core.Runs;
using Orchestrator.Engine.Journal;

namespace Orchestrator.Engine.Scheduling;

/// <summary>What became of the due times of one schedule: its stream, and how far it reaches. Read once, then kept in step.</summary>
internal sealed class ScheduleLedger(IRunJournal journal, StreamId stream, Action<RecordedEvent> recorded) : IDisposable
{
    // The last decision is what counts; few other events stand behind it.
    private const int Looked = 100;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private long? _version;

    /// <summary>The last due time that was decided.</summary>
    public DateTimeOffset? LastDue { get; private set; }

    /// <summary>The last entry, if it is a run: after a crash it may not have been dispatched.</summary>
    public ScheduleFired? LastFired { get; private set; }

    /// <summary>Seq of the last entry.</summary>
    public long LastSeq => _version ?? 0;

    public async Task LoadAsync(CancellationToken stop)
    {
        await _turn.WaitAsync(stop).ConfigureAwait(false);
        try
        {
            if (_version is null) await ReadAsync(stop).ConfigureAwait(false);
        }
        finally { _turn.Release(); }
    }

    /// <summary>Writes what became of a due time; false when it was decided before.</summary>
    public async Task<bool> DecideAsync(DateTimeOffset due, JournalEvent entry, DateTimeOffset now, CancellationToken stop)
    {
        await _turn.WaitAsync(stop).ConfigureAwait(false);
        try
        {
            if (_version is null) await ReadAsync(stop).ConfigureAwait(false);
            if (LastDue >= due) return false;
            var next = new RecordedEvent(stream, _version!.Value + 1, now, entry);
            try
            {
                await journal.AppendAsync(stream, _version.Value, 0, [next], AppendDurability.Committed).ConfigureAwait(false);
            }
            catch
            {
                _version = null;   // whether it was written is not known: look before the next attempt
                throw;
            }
            _version++;
            Note(entry);
            recorded(next);
            return true;
        }
        finally { _turn.Release(); }
    }

    public void Dispose() => _turn.Dispose();

    private async Task ReadAsync(CancellationToken stop)
    {
        var version = 0L;
        foreach (var known in await journal.ReadLastAsync(stream, Looked, stop).ConfigureAwait(false))
        {
            version = known.Seq;
            Note(known.Event);
        }
        _version = version;
    }

    private void Note(JournalEvent entry)
    {
        (LastDue, LastFired) = entry switch
        {
            ScheduleFired fired => (fired.DueAt, fired),
            ScheduleSkipped skipped => (skipped.DueAt, (ScheduleFired?)null),
            _ => (LastDue, LastFired),
        };
    }
}

using Microsoft.Extensions.Logging;
using Orchestrator.Core.Runs;

namespace Orchestrator.Engine.Journal.Feed;

/// <summary>
/// Finds, at the start of `serve`, events that were told once and are not in the journal any more: a power cut takes what was only written, a file may
/// have been emptied or restored. Where the stream is still there an event of its own takes the place of each, or what happens next would have ids that
/// others have seen already.
/// </summary>
internal sealed class LostEvents(IRunStore store, IRunJournal journal, TimeProvider clock, ILogger log)
{
    private const int Lot = 1000;

    /// <summary>The open runs with replacements for lost events; each loss is logged.</summary>
    /// <param name="told">How far each stream was told whose end was not.</param>
    /// <param name="open">The runs that are open, as they are in the journal.</param>
    /// <param name="tell">Takes what the worker's stream is to say.</param>
    /// <param name="stop">Ends it.</param>
    public async Task<IReadOnlyList<AdoptedRun>> FindAsync(IReadOnlyDictionary<StreamId, long> told, IReadOnlyList<AdoptedRun> open, Action<JournalEvent> tell, CancellationToken stop)
    {
        var runs = open.ToDictionary(r => StreamId.Run(r.RunId));
        foreach (var (stream, last) in told)
        {
            if (runs.TryGetValue(stream, out var known))
            {
                var version = known.Events[^1].Seq;
                if (version >= last) continue;
                runs[stream] = known with { Events = [.. known.Events, .. await FillAsync(stream, known.Epoch, version, last, new WorkflowEventsLost(version + 1, last)).ConfigureAwait(false)] };
                Tell(stream, version + 1, last, tell);
            }
            else if (stream.TryGetRun(out var run))
            {
                if (await journal.ExistsAsync(run, stop).ConfigureAwait(false) || await LastSeqAsync(stream, stop).ConfigureAwait(false) is not 0) continue;
                if (store.Runs.FirstEvent(run) is null) Tell(stream, 1, last, tell);   // else another process is at work on it
            }
            else
            {
                if (await LastSeqAsync(stream, stop).ConfigureAwait(false) is not { } version || version >= last) continue;
                await FillAsync(stream, 0, version, last, new JournalEventsLost(stream.ToString(), version + 1, last)).ConfigureAwait(false);
                log.EventsLost(stream, version + 1, last);
            }
        }
        return [.. open.Select(r => runs[StreamId.Run(r.RunId)])];
    }

    // Null: it cannot be read, which is reported where it is met and is no loss.
    private async Task<long?> LastSeqAsync(StreamId stream, CancellationToken stop)
    {
        try { return await journal.ReadLastAsync(stream, 1, stop).ConfigureAwait(false) is [.., var end] ? end.Seq : 0; }
        catch (JournalCorruptException) { return null; }
    }

    private async Task<List<RecordedEvent>> FillAsync(StreamId stream, long epoch, long version, long last, JournalEvent e)
    {
        var filled = new List<RecordedEvent>();
        var now = clock.GetUtcNow();   // they are one decision, so replay gives them one time
        while (version < last)
        {
            var lot = new List<RecordedEvent>();
            for (; version < last && lot.Count < Lot; version++) lot.Add(new(stream, version + 1, now, e));
            await journal.AppendAsync(stream, lot[0].Seq - 1, epoch, lot, AppendDurability.Committed).ConfigureAwait(false);
            filled.AddRange(lot);
        }
        return filled;
    }

    private void Tell(StreamId stream, long first, long last, Action<JournalEvent> tell)
    {
        log.EventsLost(stream, first, last);
        tell(new JournalEventsLost(stream.ToString(), first, last));
    }
}

using Orchestrator.Core.Runs;

namespace Orchestrator.Engine.Deliveries.Lanes;

/// <summary>A letter on its way; without a letter, a place in the feed that is reached once everything before it is settled.</summary>
/// <param name="Gone">Events that were gone before they could be looked at, up to that place.</param>
internal readonly record struct SentLetter(Letter? Letter, Task<DeliveryOutcome>? Answer, long Began, long Position, long Gone, StreamId? Stream);

/// <summary>
/// Letters that were handed to a sink and are not settled, in order. Holds a window of letters and the places between them. For one caller at a time.
/// </summary>
internal sealed class LetterFlight(IDeliverySink sink, TimeProvider clock)
{
    private readonly Queue<SentLetter> _sent = new();
    private int _letters;

    /// <summary>Puts a letter on its way; false when the sink is not ready for it.</summary>
    public async Task<bool> SendAsync(Letter letter, CancellationToken stop)
    {
        if (_letters == 0)
        {
            try { await sink.OpenAsync(stop).ConfigureAwait(false); }
            catch (Exception) when (!stop.IsCancellationRequested) { return false; }   // the attempt that follows says why
        }
        _sent.Enqueue(new(letter, AnswerAsync(letter, stop), clock.GetTimestamp(), letter.Position, 0, null));
        _letters++;
        return true;
    }

    /// <summary>The feed was read up to a place.</summary>
    public void Pass(long position, long gone, StreamId stream) => _sent.Enqueue(new(null, null, 0, position, gone, stream));

    /// <summary>The next to be settled; null when no more letters than so many are left, and no place before them.</summary>
    public SentLetter? Next(int down)
    {
        if (!_sent.TryPeek(out var next) || (next.Letter is not null && _letters <= down)) return null;
        _sent.Dequeue();
        if (next.Letter is not null) _letters--;
        return next;
    }

    /// <summary>Waits until no letter is on its way any more, ignores the outcomes, and forgets all.</summary>
    public async Task<IReadOnlyList<SentLetter>> AbandonAsync()
    {
        foreach (var sent in _sent)
            if (sent.Answer is { } answer) await ((Task)answer).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        SentLetter[] rest = [.. _sent];
        _sent.Clear();
        _letters = 0;
        return rest;
    }

    private async Task<DeliveryOutcome> AnswerAsync(Letter letter, CancellationToken stop)
    {
        try { return await sink.SendAsync(letter, stop).ConfigureAwait(false); }
        catch (Exception e) when (!stop.IsCancellationRequested) { return new(DeliveryAnswer.Failed, e.Message); }   // the boundary: whatever a sink throws is a failed attempt
    }
}

using Orchestrator.Core.Runs;

namespace Orchestrator.Engine.Deliveries.Lanes;

/// <summary>A message on its way; without a message, a place in the feed that is reached once everything before it is settled.</summary>
/// <param name="Gone">Events that were gone before they could be looked at, up to that place.</param>
internal readonly record struct SentMessage(OutboxMessage? OutboxMessage, Task<DeliveryOutcome>? Answer, long Began, long Position, long Gone, StreamId? Stream);

/// <summary>
/// Messages that were handed to a sink and are not settled, in order. Holds a window of messages and the places between them. For one caller at a time.
/// </summary>
internal sealed class MessageFlight(IDeliverySink sink, TimeProvider clock)
{
    private readonly Queue<SentMessage> _sent = new();
    private int _messages;

    /// <summary>Puts a message on its way; false when the sink is not ready for it.</summary>
    public async Task<bool> SendAsync(OutboxMessage message, CancellationToken stop)
    {
        if (_messages == 0)
        {
            try { await sink.OpenAsync(stop).ConfigureAwait(false); }
            catch (Exception) when (!stop.IsCancellationRequested) { return false; }   // the attempt that follows says why
        }
        _sent.Enqueue(new(message, AnswerAsync(message, stop), clock.GetTimestamp(), message.Position, 0, null));
        _messages++;
        return true;
    }

    /// <summary>The feed was read up to a place.</summary>
    public void Pass(long position, long gone, StreamId stream) => _sent.Enqueue(new(null, null, 0, position, gone, stream));

    /// <summary>The next to be settled; null when no more messages than so many are left, and no place before them.</summary>
    public SentMessage? Next(int down)
    {
        if (!_sent.TryPeek(out var next) || (next.OutboxMessage is not null && _messages <= down)) return null;
        _sent.Dequeue();
        if (next.OutboxMessage is not null) _messages--;
        return next;
    }

    /// <summary>Waits until no message is on its way any more, ignores the outcomes, and forgets all.</summary>
    public async Task<IReadOnlyList<SentMessage>> AbandonAsync()
    {
        foreach (var sent in _sent)
            if (sent.Answer is { } answer) await ((Task)answer).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        SentMessage[] rest = [.. _sent];
        _sent.Clear();
        _messages = 0;
        return rest;
    }

    private async Task<DeliveryOutcome> AnswerAsync(OutboxMessage message, CancellationToken stop)
    {
        try { return await sink.SendAsync(message, stop).ConfigureAwait(false); }
        catch (Exception e) when (!stop.IsCancellationRequested) { return new(DeliveryAnswer.Failed, e.Message); }   // the boundary: whatever a sink throws is a failed attempt
    }
}

using System.Globalization;
using Microsoft.Extensions.Logging;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Deliveries.DeadLetters;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Journal.Feed;

namespace Orchestrator.Engine.Deliveries.Lanes;

/// <summary>How deliveries are tried.</summary>
internal sealed record DeliveryOptions
{
    /// <summary>Attempts before an event is given up, where attempts are counted.</summary>
    public int Attempts { get; init; } = 3;

    /// <summary>Wait before the second attempt; doubled for each further one.</summary>
    public TimeSpan FirstWait { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest wait between attempts.</summary>
    public TimeSpan LongestWait { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Failures in a row that open the breaker.</summary>
    public int BreakerFailures { get; init; } = 5;

    /// <summary>How long it stays open.</summary>
    public TimeSpan BreakerRest { get; init; } = TimeSpan.FromSeconds(60);
}

/// <summary>What a lane works with besides its sink.</summary>
internal sealed record LaneParts(IRunStore Store, IEventFeed Feed, LaneFiles Files, DeadLetterStore Dead, DeliveryOptions Options, Action<JournalEvent> Tell, TimeProvider Clock, ILogger Log)
{
    /// <summary>Where it is said that a receiver takes nothing; null: nowhere.</summary>
    public DeliveryHealth? Health { get; init; }
}

/// <summary>
/// Brings one sink all it wants of the feed, in the feed's order, each event at least once: the cursor moves when an event is taken, given up or lost, and
/// never before. A restart repeats at most what was done since the cursor was last written, with the same event ids.
/// </summary>
internal sealed class DeliveryLane(IDeliverySink sink, LaneParts parts)
{
    private static readonly TimeSpan SaveInterval = TimeSpan.FromMilliseconds(200), LongestAsked = TimeSpan.FromHours(1);
    private readonly CircuitBreaker _breaker = new(parts.Options.BreakerFailures, parts.Options.BreakerRest, parts.Clock);
    private FeedEnvelopes _envelopes = new(parts.Store);
    private readonly MessageFlight _flight = new(sink, parts.Clock);
    private LaneState _state = new();
    private LaneState? _saved;
    private long _savedAt;
    private (long At, long Dropped) _degraded;
    private DateTimeOffset _notBefore;

    public string Name => sink.Name;

    public LaneState State => _state;

    /// <summary>Reads its cursor, or begins after a position, durably.</summary>
    public void Open(long from, string? workflow = null, string? url = null)
    {
        var wants = sink.Messages.Subscription;
        if (parts.Files.Read(sink.Name) is { } known)
        {
            parts.Dead.Forget(sink.Name, behind: known.Position);
            // What another subscription wanted cannot be counted again.
            _saved = _state = known with { Host = sink.Host, Wants = wants, Marks = wants == known.Wants ? known.Marks : [] };
        }
        else
        {
            parts.Dead.Forget(sink.Name, behind: from);
            _state = new() { Position = from, Host = sink.Host, Workflow = workflow, Url = url, Wants = wants };
        }
        if (_state != _saved || _state.Marks.Count == 0) Save(force: true);
        parts.Feed.Hold(() => _state.Position);
    }

    /// <summary>Delivers until told to stop.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                var page = await parts.Feed.ReadAsync(_state.Position, stop).ConfigureAwait(false);
                if (page.Count > 0 && page[0].Record.First > _state.Position + 1) Lose(page[0].Record.First - 1);
                foreach (var part in page) await DeliverAsync(part, stop).ConfigureAwait(false);
                await SettleAsync(down: 0, stop).ConfigureAwait(false);
                // Where nothing was wanted a restart only looks again.
                Save(force: page.Count == 0 && _state.Emitted != _saved?.Emitted);
                if (page.Count == 0) await parts.Feed.BehindAsync(_state.Position, stop).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested) { break; }
            catch (Exception e)   // the boundary: a fault of one sink is its own, and it goes on where it was
            {
                parts.Log.LaneFailed(e, sink.Name);
                await _flight.AbandonAsync().ConfigureAwait(false);
                _envelopes = new(parts.Store);   // it has seen events that come again
                await Task.Delay(parts.Options.FirstWait, parts.Clock, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
        await _flight.AbandonAsync().ConfigureAwait(false);
        try { Save(force: true); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { parts.Log.LaneFailed(e, sink.Name); }   // the next start repeats what this cursor would have spared
    }

    private async Task DeliverAsync(FeedPart part, CancellationToken stop)
    {
        var after = Math.Max(_state.Position, part.Record.First - 1);
        var items = await _envelopes.OfAsync(part, sink.Messages.MayWant, after, stop).ConfigureAwait(false);
        foreach (var item in items)
        {
            if (sink.Messages.Write(item) is not { } message) continue;
            if (sink.Window > 1 && _breaker.IsClosed && await _flight.SendAsync(message, stop).ConfigureAwait(false)) await SettleAsync(down: sink.Window - 1, stop).ConfigureAwait(false);
            else
            {
                await SettleAsync(down: 0, stop).ConfigureAwait(false);
                await DeliverAsync(message, null, stop).ConfigureAwait(false);
            }
            Save(force: false);
        }
        _flight.Pass(part.Record.Last, part.GoneBehind(after), part.Record.Stream);
        await SettleAsync(down: sink.Window - 1, stop).ConfigureAwait(false);
    }

    /// <summary>Records the outcomes of messages on their way, in order, until no more than this many are left.</summary>
    private async Task SettleAsync(int down, CancellationToken stop)
    {
        while (_flight.Next(down) is { } sent)
        {
            if (sent.OutboxMessage is not { } message)
            {
                Pass(sent);
                continue;
            }
            var outcome = await sent.Answer!.ConfigureAwait(false);
            var took = parts.Clock.GetElapsedTime(sent.Began).TotalMilliseconds;
            if (outcome.Answer == DeliveryAnswer.Delivered) Taken(message, outcome, 1, took);
            else if (outcome.Answer == DeliveryAnswer.Refused) await DeliverAsync(message, (outcome, took), stop).ConfigureAwait(false);
            else
            {
                // From here on every message is sent again, one by one: it does not matter whether later ones have arrived.
                var rest = await _flight.AbandonAsync().ConfigureAwait(false);
                await DeliverAsync(message, (outcome, took), stop).ConfigureAwait(false);
                foreach (var next in rest)
                    if (next.OutboxMessage is { } again) await DeliverAsync(again, null, stop).ConfigureAwait(false);
                    else Pass(next);
            }
            Save(force: false);
        }
    }

    /// <param name="first">The outcome of the first attempt, if it was already made.</param>
    private async Task DeliverAsync(OutboxMessage message, (DeliveryOutcome Outcome, double Took)? first, CancellationToken stop)
    {
        var most = sink.MaxAttempts ?? int.MaxValue;
        for (int counted = 0, attempt = 1; ; attempt++)
        {
            var probing = false;
            if (first is not { } made)
            {
                if (_breaker.OpenUntil is not null)
                {
                    Save(force: true);
                    await _breaker.PassAsync(stop).ConfigureAwait(false);
                }
                await RestAsync(stop).ConfigureAwait(false);
                probing = _breaker.IsHalfOpen;
                var began = parts.Clock.GetTimestamp();
                made = (await sink.TryAsync(message, stop).ConfigureAwait(false), parts.Clock.GetElapsedTime(began).TotalMilliseconds);
            }
            first = null;
            var (outcome, took) = made;
            if (outcome.Answer == DeliveryAnswer.Delivered)
            {
                if (_breaker.Succeeded()) TellRecovered();
                Taken(message, outcome, attempt, took);
                return;
            }
            _state = _state with { Failures = _state.Failures + 1, LastError = outcome.Error };
            if (outcome.RetryAfter is { } asked) _notBefore = parts.Clock.GetUtcNow() + (asked < LongestAsked ? asked : LongestAsked);
            // An attempt that only asks whether the receiver is back costs the event nothing.
            if (!probing) counted++;
            var gone = outcome.Answer == DeliveryAnswer.Refused || counted >= most;
            if (outcome.Answer != DeliveryAnswer.Refused && _breaker.Failed()) TellDegraded(outcome.Error ?? "");
            _state = _state with { OpenUntil = _breaker.OpenUntil };
            Tell(message, outcome, attempt, took, gone);
            if (gone)
            {
                Bury(message, outcome, attempt);
                return;
            }
            if (_breaker.OpenUntil is null) await Task.Delay(WaitAfter(counted), parts.Clock, stop).ConfigureAwait(false);
        }
    }

    // A receiver's own retry delay applies, whatever the configured waits are.
    private async Task RestAsync(CancellationToken stop)
    {
        if (_notBefore - parts.Clock.GetUtcNow() is not { Ticks: > 0 } rest) return;
        Save(force: true);
        await Task.Delay(rest, parts.Clock, stop).ConfigureAwait(false);
    }

    private TimeSpan WaitAfter(int failures)
    {
        var wait = parts.Options.FirstWait * Math.Pow(2, Math.Min(failures - 1, 20));
        return wait < parts.Options.LongestWait ? wait : parts.Options.LongestWait;
    }

    private LaneState Done(OutboxMessage message) => _state with { Position = message.Position, Emitted = _state.Emitted + 1 };

    private void Taken(OutboxMessage message, DeliveryOutcome outcome, int attempt, double took)
    {
        _state = Done(message) with { Delivered = _state.Delivered + 1, OpenUntil = null, LastError = null };
        Tell(message, outcome, attempt, took, ended: true);
    }

    private void Bury(OutboxMessage message, DeliveryOutcome outcome, int attempts)
    {
        parts.Dead.Add(new()
        {
            EventId = message.EventId, Sink = sink.Name, Type = message.Type, At = parts.Clock.GetUtcNow(), Attempts = attempts, Error = outcome.Error ?? "", HttpStatus = outcome.HttpStatus,
            Host = sink.Host, Stream = message.Stream.ToString(), Seq = message.Seq, Position = message.Position, CorrelationId = message.CorrelationId, RunId = message.RunId?.ToString(),
            Workflow = message.Workflow, Definition = message.Definition, Body = message.Body,
        });
        _state = Done(message) with { GivenUp = _state.GivenUp + 1 };
        parts.Log.LetterDead(sink.Name, message.EventId, message.Type, attempts, outcome.Error ?? "");
        Save(force: true);
    }

    private void Tell(OutboxMessage message, DeliveryOutcome outcome, int attempt, double took, bool ended)
    {
        DeliveryInstruments.Count(sink.Name, outcome.Answer == DeliveryAnswer.Delivered ? "delivered" : ended ? "dead" : "failed");
        if (!sink.Tells) return;
        WebhookEvent e = outcome.Answer == DeliveryAnswer.Delivered ? new WebhookDelivered(message.EventId, sink.Name, sink.Host, attempt) { EventType = message.Type }
            : ended ? new WebhookFailed(message.EventId, sink.Name, sink.Host, attempt) { EventType = message.Type }
            : new WebhookAttempted(message.EventId, sink.Name, sink.Host, attempt) { EventType = message.Type };
        parts.Tell(e with { CorrelationId = message.CorrelationId, RunId = message.RunId, Workflow = message.Workflow, HttpStatus = outcome.HttpStatus, DurationMs = took, Error = outcome.Error });
    }

    // Once for each change of state, and the event's record is its log line: what the breaker finds while it tries now and then is not news.
    private void TellDegraded(string error)
    {
        _degraded = (parts.Clock.GetTimestamp(), _state.Dropped);
        var reason = string.Create(CultureInfo.InvariantCulture, $"{sink.Host} does not accept deliveries ({error}); they pause for {parts.Options.BreakerRest.TotalSeconds:0.###} s at a time, and waiting events are kept");
        parts.Tell(new TelemetryDegraded(["events"], reason) { Sink = sink.Name });
        parts.Health?.Begin(new(sink.Name, sink.Host, parts.Clock.GetUtcNow(), error));
    }

    private void TellRecovered()
    {
        parts.Health?.End(sink.Name);
        parts.Tell(new TelemetryRecovered(parts.Clock.GetElapsedTime(_degraded.At).TotalMilliseconds, _state.Dropped - _degraded.Dropped) { Sink = sink.Name });
    }

    // The feed has removed events that this sink was too slow to read.
    private void Lose(long upTo)
    {
        parts.Log.LaneLost(sink.Name, _state.Position + 1, upTo);
        Count(upTo - _state.Position, stream: null);
        _state = _state with { Position = upTo };
    }

    private void Pass(SentMessage passed)
    {
        Count(passed.Gone, passed.Stream);
        _state = _state with { Position = passed.Position };
    }

    // Events that are gone, because their run was removed: of a sink that wants all of them they are lost, of another it is not known whether it wanted them.
    private void Count(long gone, StreamId? stream)
    {
        if (gone == 0) return;
        _state = sink.Messages.WantsAllOf(stream) ? _state with { Emitted = _state.Emitted + gone, Dropped = _state.Dropped + gone } : _state with { Missed = _state.Missed + gone };
    }

    private void Save(bool force)
    {
        if (_state == _saved || (!force && parts.Clock.GetElapsedTime(_savedAt) < SaveInterval)) return;
        var begin = parts.Feed.Begin;
        if (_state.Marks is not [var oldest, ..] || oldest.Position < begin - 1) _state = _state.Marked(begin);
        parts.Files.Write(sink.Name, _state);
        (_saved, _savedAt) = (_state, parts.Clock.GetTimestamp());
    }
}

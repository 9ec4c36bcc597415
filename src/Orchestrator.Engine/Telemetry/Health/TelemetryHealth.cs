using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Orchestrator.Core.Runs;

namespace Orchestrator.Engine.Telemetry.Health;

/// <summary>
/// Whether telemetry reaches its backends, from real outcomes: exports that were accepted or not, queues that were full. A change of state is one log
/// line: that of its event where events are recorded, and one of its own otherwise; a collector that comes and goes is one degradation, because it must
/// have been well for a while. Safe to call from any thread.
/// </summary>
public sealed class TelemetryHealth : IDisposable
{
    /// <summary>How long everything must have been taken before telemetry counts as recovered.</summary>
    public static readonly TimeSpan Settled = TimeSpan.FromSeconds(10);

    private readonly TimeProvider _clock;
    private readonly TimeSpan _settle;
    private readonly ILogger _log;
    private readonly Lock _gate = new();
    private readonly ITimer _quiet;
    private readonly long[] _published = new long[Enum.GetValues<TelemetrySignal>().Length];
    private readonly long[] _dropped = new long[Enum.GetValues<TelemetrySignal>().Length];
    private ImmutableSortedDictionary<TelemetrySignal, string> _troubles = ImmutableSortedDictionary<TelemetrySignal, string>.Empty;
    private TelemetryDegraded? _degraded;
    private DateTimeOffset _since;
    private long _began;
    private long _droppedBefore;
    private ImmutableArray<Follower> _followers = [];
    private Task _telling = Task.CompletedTask;

    /// <param name="clock">For how long it took.</param>
    /// <param name="log">Where changes are said.</param>
    /// <param name="settle">Instead of <see cref="Settled"/>.</param>
    public TelemetryHealth(TimeProvider clock, ILogger log, TimeSpan? settle = null)
    {
        (_clock, _log, _settle) = (clock, log, settle ?? Settled);
        _quiet = clock.CreateTimer(static me => ((TelemetryHealth)me!).Recover(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Whether somebody who follows, be it later, records each change as an event, which is a log record then: it is not said here as well.</summary>
    public bool IsRecorded { get; init; }

    /// <summary>How it is now.</summary>
    public TelemetryView View
    {
        get
        {
            lock (_gate)
                return new(_degraded is null ? null : _since, [.. _troubles.Keys.Select(Word)], _degraded?.Reason, Interlocked.Read(ref _published[0]) + Interlocked.Read(ref _published[2]), Total());
        }
    }

    /// <summary>Why something was not taken for the first time since the process began; null when everything was.</summary>
    public string? FirstTrouble { get; private set; }

    /// <summary>Completes when every change so far has been said.</summary>
    public Task Told
    {
        get { lock (_gate) return _telling; }
    }

    /// <summary>Tells of every change from now on, and at once of a degradation that lasts. Disposing the answer ends it.</summary>
    public IDisposable Follow(Action<JournalEvent> follower)
    {
        var follows = new Follower(this, follower);
        lock (_gate)
        {
            _followers = _followers.Add(follows);
            if (_degraded is { } now) _telling = _telling.ContinueWith(_ => follows.Hear(now), TaskScheduler.Default);
        }
        return follows;
    }

    /// <summary>The backend took something.</summary>
    /// <param name="items">Spans or log records; 0 for metrics, of which the next export has everything.</param>
    public void Taken(TelemetrySignal signal, long items)
    {
        Interlocked.Add(ref _published[(int)signal], items);
        if (!_troubles.ContainsKey(signal)) return;
        Over(signal);
    }

    /// <summary>How many of a signal were taken or lost.</summary>
    internal long AccountedFor(TelemetrySignal signal)
    {
        lock (_gate) return Interlocked.Read(ref _published[(int)signal]) + _dropped[(int)signal];
    }

    /// <summary>Something was not taken, or found no room. Cheap while it goes on.</summary>
    /// <param name="items">How many spans, log records or events are lost by it.</param>
    public void Lost(TelemetrySignal signal, long items, string reason)
    {
        lock (_gate)
        {
            FirstTrouble ??= reason;
            if (_degraded is null) _droppedBefore = Total();
            _dropped[(int)signal] += items;
            if (_troubles.TryGetValue(signal, out var known) && known == reason) return;
            _troubles = _troubles.SetItem(signal, reason);
            _quiet.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            if (_degraded is not null) return;
            (_since, _began) = (_clock.GetUtcNow(), _clock.GetTimestamp());
            _degraded = new([Word(signal)], reason);
            Tell(_degraded, static (log, e) => LifecycleLog.Degraded(log, e.Signals[0], e.Reason));
        }
    }

    /// <summary>What was in the way is over.</summary>
    public void Over(TelemetrySignal signal)
    {
        lock (_gate)
        {
            if (!_troubles.ContainsKey(signal)) return;
            _troubles = _troubles.Remove(signal);
            if (!_troubles.IsEmpty) return;
            if (_settle > TimeSpan.Zero) _quiet.Change(_settle, Timeout.InfiniteTimeSpan);
            else Recover();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _quiet.Dispose();

    private void Recover()
    {
        lock (_gate)
        {
            if (_degraded is null || !_troubles.IsEmpty) return;
            _degraded = null;
            var recovered = new TelemetryRecovered(_clock.GetElapsedTime(_began).TotalMilliseconds, Total() - _droppedBefore);
            Tell(recovered, static (log, e) => LifecycleLog.Recovered(log, e.DurationMs, e.Dropped));
        }
    }

    /// <summary>
    /// In order, but on another thread: this one may hold a lock that a follower wants, and what the exporter's own thread logs is never exported.
    /// </summary>
    private void Tell<TEvent>(TEvent e, Action<ILogger, TEvent> say) where TEvent : JournalEvent
    {
        using var apart = ExecutionContext.IsFlowSuppressed() ? default : ExecutionContext.SuppressFlow();
        var followers = _followers;   // a later follower gets the state at that time
        _telling = _telling.ContinueWith(_ =>
        {
            if (!IsRecorded) say(_log, e);
            foreach (var follower in followers) follower.Hear(e);
        }, TaskScheduler.Default);
    }

    private long Total() => _dropped.Sum();

    private static string Word(TelemetrySignal signal) => Core.Words.Of(signal);

    private sealed class Follower(TelemetryHealth owner, Action<JournalEvent> tell) : IDisposable
    {
        private volatile bool _gone;

        public void Hear(JournalEvent e)
        {
            if (!_gone) tell(e);
        }

        public void Dispose()
        {
            _gone = true;
            lock (owner._gate) owner._followers = owner._followers.Remove(this);
        }
    }
}

/// <summary>What can be lost on its way out.</summary>
public enum TelemetrySignal
{
    /// <summary>Spans.</summary>
    Traces,
    /// <summary>Exports of metrics.</summary>
    Metrics,
    /// <summary>Log records.</summary>
    Logs,
    /// <summary>Events of which spans and log records are still to be made.</summary>
    Events,
}

/// <summary>Telemetry as it is.</summary>
/// <param name="DegradedSince">Null while all is well.</param>
/// <param name="Signals">What is not taken just now; empty while it is not yet certain that all is well again.</param>
/// <param name="Reason">What the degradation began with.</param>
/// <param name="Published">Spans and log records that a backend has taken since the process began.</param>
/// <param name="Dropped">Spans, log records and events lost since then.</param>
public sealed record TelemetryView(DateTimeOffset? DegradedSince, ImmutableArray<string> Signals, string? Reason, long Published, long Dropped);

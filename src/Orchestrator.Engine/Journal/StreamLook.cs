namespace Orchestrator.Engine.Journal;

/// <summary>
/// One who keeps a stream and may be left with something that nobody asks for again: a write whose answer was lost, a run that is not known to be accepted, an instant that a clock
/// that was set has carried away.
/// </summary>
internal interface IStreamKeeper
{
    /// <summary>Whether something waits for nothing but another attempt.</summary>
    bool HasUnfinished { get; }

    /// <summary>Reads what was written, if that is in doubt, and tries again. What fails is logged and left to the next time.</summary>
    Task LookAgainAsync(CancellationToken stop);
}

/// <summary>
/// Says when to look at what should have happened by itself: every so often, since there may be thousands of streams, and soon after the clock was set or the machine slept, since alarms
/// ring at the wrong time then.
/// </summary>
internal sealed class StreamLook : IDisposable
{
    private static readonly TimeSpan s_pace = TimeSpan.FromSeconds(1);
    // Less is how clocks are slewed.
    private static readonly TimeSpan s_step = TimeSpan.FromSeconds(1);
    private readonly TimeProvider _clock;
    private readonly PeriodicTimer _timer;
    private readonly TimeSpan _every, _pace;
    private DateTimeOffset _now;
    private long _timestamp, _last;

    /// <param name="clock">The clock. Its timestamps do not follow when the time of day is set.</param>
    /// <param name="every">Time between two looks.</param>
    /// <param name="pace">Time between two looks at the clock; null: a second.</param>
    public StreamLook(TimeProvider clock, TimeSpan every, TimeSpan? pace = null)
    {
        (_clock, _every, _pace) = (clock, every, pace ?? s_pace);
        if (every < _pace) _pace = every;
        (_now, _timestamp) = (clock.GetUtcNow(), clock.GetTimestamp());
        _last = _timestamp;
        _timer = new(_pace, clock);
    }

    /// <summary>Completes when it is time to look.</summary>
    public async Task NextAsync(CancellationToken stop)
    {
        bool isTime;
        do
        {
            if (!await _timer.WaitForNextTickAsync(stop).ConfigureAwait(false)) throw new OperationCanceledException("Nobody looks any more.");
            var (now, timestamp) = (_clock.GetUtcNow(), _clock.GetTimestamp());
            var isSet = (now - _now - _clock.GetElapsedTime(_timestamp, timestamp)).Duration() > s_step;
            // Ticks come a little early or late.
            isTime = isSet || _clock.GetElapsedTime(_last, timestamp) + _pace / 2 >= _every;
            (_now, _timestamp) = (now, timestamp);
        }
        while (!isTime);
        _last = _timestamp;
    }

    /// <summary>Lets all try again that have something unfinished.</summary>
    public static async Task AtAsync(IEnumerable<IStreamKeeper> keepers, CancellationToken stop)
    {
        foreach (var keeper in keepers)
            if (keeper.HasUnfinished) await keeper.LookAgainAsync(stop).ConfigureAwait(false);
    }

    public void Dispose() => _timer.Dispose();
}

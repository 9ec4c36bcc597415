namespace Orchestrator.TestKit;

/// <summary>A clock that stands still until the test moves it. Timers fire on the thread that moves it, in order of their due times.</summary>
public sealed class ManualTimeProvider(DateTimeOffset start) : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly List<ManualTimer> _timers = [];
    private DateTimeOffset _now = start;
    private long _elapsed;
    private TaskCompletionSource _armed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ManualTimeProvider() : this(new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero)) { }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>Due times of the timers that wait, soonest first.</summary>
    public IReadOnlyList<DateTimeOffset> Waiting
    {
        get { lock (_gate) return [.. _timers.Select(t => _now + TimeSpan.FromTicks(t.DueAt - _elapsed)).Order()]; }
    }

    /// <summary>Completes once at least <paramref name="count"/> timers wait: the moment to move the clock.</summary>
    public async Task WaitForTimersAsync(int count)
    {
        while (true)
        {
            Task armed;
            lock (_gate)
            {
                if (_timers.Count >= count) return;
                armed = _armed.Task;
            }
            await armed.WaitAsync(TimeSpan.FromSeconds(30));
        }
    }

    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate) return _now;
    }

    public override long GetTimestamp()
    {
        lock (_gate) return _elapsed;
    }

    /// <summary>Moves on to an instant, firing what becomes due on the way.</summary>
    public void AdvanceTo(DateTimeOffset instant) => Advance(instant - GetUtcNow());

    /// <summary>Moves on, firing what becomes due on the way.</summary>
    public void Advance(TimeSpan by)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(by, TimeSpan.Zero);
        long end;
        lock (_gate) end = _elapsed + by.Ticks;
        while (true)
        {
            ManualTimer? next;
            lock (_gate)
            {
                next = _timers.Where(t => t.DueAt <= end).MinBy(t => t.DueAt);
                MoveTo(Math.Max(_elapsed, next?.DueAt ?? end));
                next?.Rearm();
            }
            if (next is null) return;
            next.Fire();
        }
    }

    /// <summary>Sets the wall clock, as an administrator would: no time passes, no timer fires.</summary>
    public void SetWallClock(DateTimeOffset instant)
    {
        lock (_gate) _now = instant;
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    private void MoveTo(long elapsed)
    {
        _now += TimeSpan.FromTicks(elapsed - _elapsed);
        _elapsed = elapsed;
    }

    private sealed class ManualTimer(ManualTimeProvider clock, TimerCallback callback, object? state) : ITimer
    {
        private TimeSpan _period = Timeout.InfiniteTimeSpan;

        public long DueAt { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (clock._gate)
            {
                _period = period;
                clock._timers.Remove(this);
                if (dueTime < TimeSpan.Zero) return true;   // infinite: it only exists
                DueAt = clock._elapsed + dueTime.Ticks;
                if (dueTime > TimeSpan.Zero)
                {
                    clock._timers.Add(this);
                    clock._armed.TrySetResult();
                    clock._armed = new(TaskCreationOptions.RunContinuationsAsynchronously);
                    return true;
                }
                Rearm();
            }
            ThreadPool.QueueUserWorkItem(static t => t.Fire(), this, preferLocal: false);
            return true;
        }

        /// <summary>Taken off the list, or on to its next period. The clock's gate is held.</summary>
        public void Rearm()
        {
            if (_period > TimeSpan.Zero)
            {
                DueAt += _period.Ticks;
                if (!clock._timers.Contains(this)) clock._timers.Add(this);
            }
            else clock._timers.Remove(this);
        }

        public void Fire() => callback(state);

        public void Dispose()
        {
            lock (clock._gate) clock._timers.Remove(this);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}

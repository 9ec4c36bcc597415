using Microsoft.Extensions.Time.Testing;

#if TESTKIT   // the product's own tests compile it too: some of them may not know the product
namespace Orchestrator.TestKit;
#else
namespace Orchestrator.Testing;
#endif

/// <summary>
/// A clock that stands still until the test moves it, with what <see cref="FakeTimeProvider"/> lacks: timestamps that ignore steps of the wall clock,
/// timers that fire while the clock shows their own due time, and a way to wait until code has armed its timers.
/// </summary>
public sealed class ManualTimeProvider(DateTimeOffset start) : FakeTimeProvider(start)
{
    private readonly Lock _gate = new();
    private readonly HashSet<ManualTimer> _waiting = [];
    private TimeSpan _stepped;
    private TaskCompletionSource _armed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>A clock that shows the first of January 2026.</summary>
    public ManualTimeProvider() : this(new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero)) { }

    /// <summary>Due times of the timers that wait, soonest first.</summary>
    public IReadOnlyList<DateTimeOffset> Waiting
    {
        get { lock (_gate) return [.. _waiting.Select(t => GetUtcNow() + TimeSpan.FromTicks(t.DueAt - GetTimestamp())).Order()]; }
    }

    /// <summary>Completes once at least <paramref name="count"/> timers wait: the moment to move the clock.</summary>
    public async Task WaitForTimersAsync(int count)
    {
        while (true)
        {
            Task armed;
            lock (_gate)
            {
                if (_waiting.Count >= count) return;
                armed = _armed.Task;
            }
            await armed.WaitAsync(TimeSpan.FromSeconds(30)).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public override long GetTimestamp()
    {
        lock (_gate) return base.GetTimestamp() - _stepped.Ticks;
    }

    /// <summary>Moves on to an instant, firing what becomes due on the way.</summary>
    public void AdvanceTo(DateTimeOffset instant) => Advance(instant - GetUtcNow());

    /// <summary>Moves on, stopping at each due time on the way; timers fire on the calling thread, in order.</summary>
    public new void Advance(TimeSpan by)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(by, TimeSpan.Zero);
        var end = GetTimestamp() + by.Ticks;
        for (long now; (now = GetTimestamp()) < end;)
        {
            long next;
            lock (_gate) next = _waiting.Select(t => t.DueAt).Where(due => due > now && due < end).DefaultIfEmpty(end).Min();
            base.Advance(TimeSpan.FromTicks(next - now));
        }
    }

    /// <summary>Sets the wall clock, as an administrator would: no time passes, no timer fires.</summary>
    public void SetWallClock(DateTimeOffset instant)
    {
        lock (_gate)
        {
            _stepped += instant - GetUtcNow();
            AdjustTime(instant);
        }
    }

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    private ITimer Unarmed(TimerCallback callback) => base.CreateTimer(callback, null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    /// <summary>A timer of the base class whose due time is known.</summary>
    private sealed class ManualTimer : ITimer
    {
        private readonly ManualTimeProvider _clock;
        private readonly Action _fire;
        private readonly ITimer _inner;
        private TimeSpan _period;

        public ManualTimer(ManualTimeProvider clock, TimerCallback callback, object? state)
        {
            (_clock, _fire) = (clock, () => callback(state));
            _inner = clock.Unarmed(_ => Fire());
        }

        /// <summary>In ticks of the clock's timestamp.</summary>
        public long DueAt { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (_clock._gate)
            {
                _period = period > TimeSpan.Zero ? period : Timeout.InfiniteTimeSpan;
                var wait = dueTime == TimeSpan.Zero ? _period : dueTime;
                // Due at once: never on the thread that arms it, which may hold a lock.
                if (dueTime == TimeSpan.Zero) ThreadPool.QueueUserWorkItem(static fire => fire(), _fire, preferLocal: false);
                if (wait < TimeSpan.Zero) _clock._waiting.Remove(this);
                else
                {
                    DueAt = _clock.GetTimestamp() + wait.Ticks;
                    _clock._waiting.Add(this);
                    _clock._armed.TrySetResult();
                    _clock._armed = new(TaskCreationOptions.RunContinuationsAsynchronously);
                }
                return _inner.Change(wait < TimeSpan.Zero ? Timeout.InfiniteTimeSpan : wait, _period);
            }
        }

        public void Dispose()
        {
            lock (_clock._gate) _clock._waiting.Remove(this);
            _inner.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        private void Fire()
        {
            lock (_clock._gate)
                if (_period > TimeSpan.Zero) DueAt += _period.Ticks;
                else _clock._waiting.Remove(this);
            _fire();
        }
    }
}

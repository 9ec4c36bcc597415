namespace Orchestrator.Engine.Tests.Definitions;

/// <summary>Timers fire when, and only when, the test says so.</summary>
internal sealed class HandClock : TimeProvider
{
    private readonly List<HandTimer> _timers = [];

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new HandTimer(callback, state) { Due = dueTime };
        lock (_timers) _timers.Add(timer);
        return timer;
    }

    /// <summary>Fires every timer that is due after just this long.</summary>
    public void Fire(TimeSpan due)
    {
        lock (_timers)
            foreach (var timer in _timers.Where(t => t.Due == due)) timer.Callback(timer.State);
    }

    private sealed class HandTimer(TimerCallback callback, object? state) : ITimer
    {
        public TimerCallback Callback => callback;

        public object? State => state;

        public TimeSpan Due { get; set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            Due = dueTime;
            return true;
        }

        public void Dispose() => Due = Timeout.InfiniteTimeSpan;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}

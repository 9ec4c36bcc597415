namespace Orchestrator.Engine.Running.Admission;

/// <summary>Wakes the loop when the earliest of what admission waits for has come: one timer, reset only when something earlier appears.</summary>
internal sealed class AdmissionTimer(TimeProvider clock, Action<LoopMessage> post)
{
    // Earliest starts are instants of the wall clock, which may be set: it is looked at this often while something waits for it.
    private static readonly TimeSpan LongestStep = TimeSpan.FromMinutes(1);
    private static readonly LoopMessage Wake = new LoopMessage.AdmissionDue();

    private ITimer? _timer;
    private long _due = long.MaxValue;

    /// <summary>Wakes the loop after <paramref name="wait"/> at the latest.</summary>
    public void Within(TimeSpan wait)
    {
        wait = TimeSpan.FromMilliseconds(Math.Max(1, Math.Ceiling((wait < LongestStep ? wait : LongestStep).TotalMilliseconds)));
        var due = clock.GetTimestamp() + (long)(wait.TotalSeconds * clock.TimestampFrequency);
        if (due >= _due) return;
        _due = due;
        _timer ??= clock.CreateTimer(_ => post(Wake), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _timer.Change(wait, Timeout.InfiniteTimeSpan);
    }

    /// <summary>It has rung.</summary>
    public void Rang() => _due = long.MaxValue;

    public void Stop() => _timer?.Dispose();
}

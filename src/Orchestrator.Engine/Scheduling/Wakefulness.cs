namespace Orchestrator.Engine.Scheduling;

/// <summary>Since when the scheduler has been awake without a break, and its clock was not set: what was due before was missed.</summary>
/// <param name="clock">The clock. Its timestamps do not follow when the time of day is set.</param>
/// <param name="most">A longer time without a sign of life is a break.</param>
internal sealed class Wakefulness(TimeProvider clock, TimeSpan most)
{
    private readonly Lock _gate = new();
    private DateTimeOffset _since = clock.GetUtcNow();
    private DateTimeOffset _last = clock.GetUtcNow();
    private long _timestamp = clock.GetTimestamp();

    /// <summary>What was due until now was missed.</summary>
    public void Wake()
    {
        lock (_gate) (_since, _last, _timestamp) = (clock.GetUtcNow(), clock.GetUtcNow(), clock.GetTimestamp());
    }

    /// <summary>A sign of life: it must come more often than a break is long. Returns the time and since when there was none.</summary>
    public (DateTimeOffset Now, DateTimeOffset Since) Beat()
    {
        lock (_gate)
        {
            var now = clock.GetUtcNow();
            if (now < _last || now - _last > most || clock.GetElapsedTime(_timestamp) > most) _since = now;
            (_last, _timestamp) = (now, clock.GetTimestamp());
            return (now, _since);
        }
    }
}

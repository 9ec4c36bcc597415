namespace Orchestrator.Engine.Executors.Process;

/// <summary>The one timer for all checks of running attempts each second, in the order they were added. It stops while there are none.</summary>
internal sealed class EachSecond : IDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);
    private readonly List<Func<bool>> _looks = [];
    private readonly ITimer _timer;
    private int _armed;

    public EachSecond(TimeProvider clock) =>
        _timer = clock.CreateTimer(static self => ((EachSecond)self!).Look(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    /// <summary>Adds a look, before anything is armed; it tells whether there is more to look at.</summary>
    public void Add(Func<bool> look) => _looks.Add(look);

    /// <summary>There is something to look at.</summary>
    public void Arm()
    {
        if (Interlocked.Exchange(ref _armed, 1) == 0) _timer.Change(Period, Timeout.InfiniteTimeSpan);
    }

    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        // A check that is added during a round is part of the next round.
        Volatile.Write(ref _armed, 0);
        var more = false;
        foreach (var look in _looks) more |= look();
        if (more) Arm();
    }
}

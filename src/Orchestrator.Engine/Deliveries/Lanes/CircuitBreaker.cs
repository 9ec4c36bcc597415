namespace Orchestrator.Engine.Deliveries.Lanes;

/// <summary>
/// Leaves a receiver alone that fails again and again: closed until so many failures in a row, then open for a while, then half-open, which lets one
/// attempt through that decides. For one caller at a time.
/// </summary>
internal sealed class CircuitBreaker(int failures, TimeSpan rest, TimeProvider clock)
{
    private int _inARow;

    /// <summary>No attempt before this instant; null: closed or half-open.</summary>
    public DateTimeOffset? OpenUntil { get; private set; }

    public bool IsClosed => OpenUntil is null && !IsHalfOpen;

    /// <summary>The next attempt finds out whether the receiver is back.</summary>
    public bool IsHalfOpen { get; private set; }

    /// <summary>Waits while it is open.</summary>
    public async Task PassAsync(CancellationToken stop)
    {
        if (OpenUntil is not { } until) return;
        if (until - clock.GetUtcNow() is { Ticks: > 0 } wait) await Task.Delay(wait < rest ? wait : rest, clock, stop).ConfigureAwait(false);
        (OpenUntil, IsHalfOpen) = (null, true);
    }

    /// <summary>True if it was not closed.</summary>
    public bool Succeeded()
    {
        var was = IsHalfOpen;
        (_inARow, IsHalfOpen, OpenUntil) = (0, false, null);
        return was;
    }

    /// <summary>True if it opens now.</summary>
    public bool Failed()
    {
        if (!IsHalfOpen && ++_inARow < failures) return false;
        var opens = !IsHalfOpen;
        (OpenUntil, IsHalfOpen) = (clock.GetUtcNow() + rest, false);
        _inARow = failures;
        return opens;
    }
}

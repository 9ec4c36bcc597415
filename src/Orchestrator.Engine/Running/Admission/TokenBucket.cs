namespace Orchestrator.Engine.Running.Admission;

/// <summary>Admissions per second, by the monotonic clock. It begins full.</summary>
/// <param name="perSecond">Tokens that come each second, above 0.</param>
/// <param name="burst">Seconds' worth of tokens it holds; always at least one token.</param>
internal sealed class TokenBucket(double perSecond, double burst, TimeProvider clock)
{
    // Sums of fractions fall short of a whole token by less than this.
    private const double Rounding = 1e-9;

    private readonly double _most = Math.Max(1, perSecond * burst);
    private double _tokens = Math.Max(1, perSecond * burst);
    private long _at = clock.GetTimestamp();

    /// <summary>Time until there is a token; zero when there is one.</summary>
    public TimeSpan Wait()
    {
        var now = clock.GetTimestamp();
        _tokens = Math.Min(_most, _tokens + (clock.GetElapsedTime(_at, now).TotalSeconds * perSecond));
        _at = now;
        return _tokens >= 1 - Rounding ? TimeSpan.Zero : TimeSpan.FromSeconds((1 - _tokens) / perSecond);
    }

    /// <summary>Whether it holds all it can.</summary>
    public bool IsFull => Wait() == TimeSpan.Zero && _tokens >= _most;

    /// <summary>Takes a token that <see cref="Wait"/> has just found.</summary>
    public void Take() => _tokens -= 1;
}

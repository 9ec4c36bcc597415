namespace Orchestrator.Core.Admission;

/// <summary>Admissions per second, by the monotonic clock of the process. It begins full.</summary>
/// <param name="perSecond">Tokens that come each second, above 0.</param>
/// <param name="burst">Seconds' worth of tokens it holds; always at least one token.</param>
/// <param name="now">Milliseconds of the monotonic clock.</param>
internal sealed class TokenBucket(double perSecond, double burst, double now)
{
    // Sums of fractions fall short of a whole token by less than this.
    private const double Rounding = 1e-9;

    private readonly double _most = Math.Max(1, perSecond * burst);
    private double _tokens = Math.Max(1, perSecond * burst);
    private double _at = now;

    /// <summary>Time until there is a token; zero when there is one.</summary>
    /// <param name="now">Milliseconds of the monotonic clock.</param>
    public TimeSpan Wait(double now)
    {
        _tokens = Math.Min(_most, _tokens + (Math.Max(0, now - _at) / 1000 * perSecond));
        _at = now;
        return _tokens >= 1 - Rounding ? TimeSpan.Zero : TimeSpan.FromSeconds((1 - _tokens) / perSecond);
    }

    /// <summary>Whether it holds all it can.</summary>
    /// <param name="now">Milliseconds of the monotonic clock.</param>
    public bool IsFull(double now) => Wait(now) == TimeSpan.Zero && _tokens >= _most;

    /// <summary>Takes a token that <see cref="Wait"/> has just found.</summary>
    public void Take() => _tokens -= 1;
}

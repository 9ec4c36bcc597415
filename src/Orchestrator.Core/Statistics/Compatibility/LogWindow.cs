namespace Orchestrator.Core.Statistics.Compatibility;

/// <summary>The last hours up to now, both ends included.</summary>
/// <param name="Now">Its end.</param>
/// <param name="Hours">Its length.</param>
public readonly record struct LogWindow(DateTimeOffset Now, int Hours)
{
    /// <summary>Most hours: a hundred years.</summary>
    public const int MaxHours = 876_600;

    /// <summary>Whether an event lies in it; one without a time does not.</summary>
    public bool Holds(DagLogEvent e) => e.Timestamp is { } at && at <= Now && (Now - at) <= TimeSpan.FromHours(Hours);
}

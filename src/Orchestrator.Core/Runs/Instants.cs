namespace Orchestrator.Core.Runs;

/// <summary>Instants that durations lead to. A duration may be longer than the calendar: what it leads to is then its end, which never comes.</summary>
internal static class Instants
{
    /// <summary>The last instant that the journal can write.</summary>
    public static readonly DateTimeOffset Last = new(DateTimeOffset.MaxValue.Ticks - (DateTimeOffset.MaxValue.Ticks % TimeSpan.TicksPerMicrosecond), TimeSpan.Zero);

    /// <summary>An instant so much later, or <see cref="Last"/>.</summary>
    public static DateTimeOffset Later(this DateTimeOffset from, TimeSpan by) => by < Last - from ? from + by : Last;
}

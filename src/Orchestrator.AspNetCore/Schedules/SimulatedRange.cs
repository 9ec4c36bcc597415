using Orchestrator.Engine.Hosting.Options;
using Orchestrator.Engine.Queries;

namespace Orchestrator.AspNetCore.Schedules;

/// <summary>Which times and limits a simulation takes.</summary>
internal static class SimulatedRange
{
    /// <summary>How far it looks where nothing is said.</summary>
    public static readonly TimeSpan Usual = TimeSpan.FromHours(24);

    private static readonly TimeSpan Longest = TimeSpan.FromDays(366);

    /// <summary>What is wrong with a range; null: nothing.</summary>
    public static string? Problem(DateTimeOffset from, DateTimeOffset to) => to <= from ? "The end of the range must be after its beginning." : to - from > Longest ? "The range must not be longer than 366 days." : null;

    public static IReadOnlyDictionary<string, int> LimitsOf(NodeOptions options) => ScheduleForecast.LimitsOf(options.Runner.MaxRunningRuns, options.Runner.Slots, options.Pools);
}

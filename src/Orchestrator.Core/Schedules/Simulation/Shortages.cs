using System.Collections.Immutable;

namespace Orchestrator.Core.Schedules.Simulation;

/// <summary>Where predicted runs ask for more than there is.</summary>
internal static class Shortages
{
    public static ImmutableArray<SimulatedShortage> Of(IReadOnlyList<Predicted> runs, IReadOnlyDictionary<string, int> limits)
    {
        var found = new List<SimulatedShortage>();
        foreach (var (limit, size) in limits)
        {
            var changes = new SortedDictionary<DateTimeOffset, int>();
            foreach (var run in runs)
            {
                if (!run.Takes.TryGetValue(limit, out var takes) || run.Ends <= run.Start) continue;
                changes[run.Start] = changes.GetValueOrDefault(run.Start) + takes;
                changes[run.Ends] = changes.GetValueOrDefault(run.Ends) - takes;
            }
            var (asked, most, since) = (0, 0, default(DateTimeOffset));
            foreach (var (at, by) in changes)
            {
                var before = asked;
                asked += by;
                if (asked > size && before <= size) (since, most) = (at, asked);
                most = Math.Max(most, asked);
                if (asked <= size && before > size) found.Add(new(limit, size, since, at, most));
            }
        }
        return [.. found.OrderBy(s => s.From).ThenBy(s => s.Limit, StringComparer.Ordinal)];
    }
}

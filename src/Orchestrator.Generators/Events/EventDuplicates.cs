using System.Collections.Immutable;
using System.Globalization;

namespace Orchestrator.Generators.Events;

/// <summary>Names and numbers that two events have.</summary>
internal static class EventDuplicates
{
    /// <summary>One problem for each event after the first, in the order of the records' names.</summary>
    public static IEnumerable<Problem> Of(ImmutableArray<ParsedEvent> all)
    {
        var events = all.Where(e => e.Model is not null).OrderBy(e => e.Model!.Name, StringComparer.Ordinal).ToList();
        foreach (var same in events.GroupBy(e => e.Model!.Number).Where(g => g.Count() > 1))
            foreach (var e in same.Skip(1))
                yield return new(EventProblems.NumberTwice.Id, e.Place, e.Model!.Name, $"{same.Key.ToString(CultureInfo.InvariantCulture)} of '{same.First().Model!.Name}'");
        foreach (var same in events.GroupBy(e => e.Model!.Event, StringComparer.Ordinal).Where(g => g.Count() > 1))
            foreach (var e in same.Skip(1))
                yield return new(EventProblems.NameTwice.Id, e.Place, e.Model!.Name, $"'{same.Key}' of '{same.First().Model!.Name}'");
    }

    /// <summary>The events by number, each name once: what follows from a duplicate is not reported a second time by the compiler.</summary>
    public static IReadOnlyList<EventModel> Without(ImmutableArray<EventModel> all) =>
        [.. all.OrderBy(e => e.Number).ThenBy(e => e.Name, StringComparer.Ordinal).GroupBy(e => e.Event, StringComparer.Ordinal).Select(g => g.First())];
}

using Orchestrator.Core.Schedules.Zones;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Schedules;

/// <summary>Every way in which the clocks of any zone are set from 2020 to 2035.</summary>
public sealed class ZoneTransitionTests
{
    private static readonly string[] Rules = ["30 2 * * *", "0 0 * * *", "15,45 1 * * *", "* 1-5 * * *", "*/30 * * * *", "0 3,5 * * *", "59 23 * * *", "0 */2 * * *"];
    private static readonly (string Zone, ZoneChange Change, TimeSpan Before)[] All = Collect();

    [Fact]
    public void There_are_zones_whose_clocks_are_set() => All.Length.ShouldBeGreaterThan(3000);

    [Fact]
    public void Due_times_only_grow_and_asking_from_each_gives_the_next()
    {
        foreach (var (zone, change, _) in All)
        {
            foreach (var rule in Rules)
            {
                var after = new DateTimeOffset(change.At).AddHours(-5);
                var dues = Due.Rule(rule).After(after, Due.Zone(zone)).TakeWhile(i => i < after.AddHours(10)).ToArray();
                for (var i = 0; i < dues.Length; i++) dues[i].ShouldBeGreaterThan(i == 0 ? after : dues[i - 1], $"{rule} in {zone} at {change.At:o}");
            }
        }
    }

    [Theory]
    [InlineData(GapRule.Shift, OverlapPass.First)]
    [InlineData(GapRule.Skip, OverlapPass.Last)]
    [InlineData(GapRule.Shift, OverlapPass.Both)]
    public void None_is_lost_or_doubled_and_gaps_and_overlaps_are_as_said(GapRule gap, OverlapPass overlap)
    {
        // Transitions that look alike are looked at once.
        var shapes = All.GroupBy(t => (t.Before, t.Change.Offset, (t.Change.At + t.Before).TimeOfDay)).Select(g => g.First()).ToArray();
        shapes.Length.ShouldBeGreaterThan(20);
        foreach (var (zone, change, _) in shapes)
        {
            var after = new DateTimeOffset(change.At).AddHours(-4).AddSeconds(1);
            var end = after.AddHours(8);
            foreach (var rule in Rules)
                Due.Rule(rule).After(after, Due.Zone(zone), new(gap, overlap)).TakeWhile(i => i <= end)
                    .ShouldBe(new MinuteWalk(rule, Due.Machine(zone), new(gap, overlap)).Between(after, end, hoursAround: 4), $"{rule} in {zone} at {change.At:o}");
        }
    }

    [Fact]
    public void The_data_of_a_zone_says_what_the_machine_says()
    {
        var random = new Random(7);
        foreach (var id in All.Select(t => t.Zone).Distinct())
            for (var i = 0; i < 200; i++)
            {
                var at = Due.At("1970-01-01T00:00:00Z").AddSeconds(random.NextInt64(0, 130L * 365 * 86_400));
                Due.Zone(id).OffsetAt(at).ShouldBe(Due.Machine(id).GetUtcOffset(at), $"{id} at {at:o}");
            }
    }

    [Fact]
    public void A_year_after_the_known_ones_has_the_changes_of_one_with_its_calendar()
    {
        var zone = Due.Zone("Europe/Helsinki");
        zone.Changes.Count(c => c.At.Year == 2150).ShouldBe(2);
        foreach (var day in Enumerable.Range(0, 365).Select(d => Due.At("2150-01-01T12:00:00Z").AddDays(d)))
            zone.OffsetAt(day).ShouldBe(Due.Machine("Europe/Helsinki").GetUtcOffset(day), $"{day:o}");
    }

    private static (string, ZoneChange, TimeSpan)[] Collect()
    {
        var found = new List<(string, ZoneChange, TimeSpan)>();
        foreach (var id in TimeZoneInfo.GetSystemTimeZones().Select(z => z.Id).Where(id => id.Contains('/') && !id.StartsWith("Etc/", StringComparison.Ordinal)))
        {
            var before = Due.Zone(id).OffsetAt(DateTimeOffset.UnixEpoch);
            foreach (var change in Due.Zone(id).Changes)
            {
                if (change.At.Year is >= 2020 and <= 2035) found.Add((id, change, before));
                before = change.Offset;
            }
        }
        return [.. found];
    }
}

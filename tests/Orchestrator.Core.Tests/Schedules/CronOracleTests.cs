using FsCheck;
using FsCheck.Fluent;
using Orchestrator.Core.Schedules.Rules;
using Orchestrator.Core.Schedules.Zones;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Schedules;

/// <summary>Random rules against an oracle that steps through time and keeps the meaning of each field apart.</summary>
public sealed class CronOracleTests
{
    // Each zone with the instants close to which its clocks are set.
    private static readonly (string Zone, string Anchor)[] Changes =
    [
        ("Europe/Helsinki", "2026-03-29T01:00:00Z"), ("Europe/Helsinki", "2026-10-25T01:00:00Z"),
        ("America/New_York", "2026-03-08T07:00:00Z"), ("America/New_York", "2026-11-01T06:00:00Z"),
        ("Australia/Lord_Howe", "2026-04-04T15:00:00Z"), ("Australia/Lord_Howe", "2026-10-03T15:30:00Z"),
        ("Africa/Casablanca", "2026-02-15T02:00:00Z"), ("Africa/Casablanca", "2026-03-22T02:00:00Z"),
        ("Pacific/Apia", "2011-12-30T10:00:00Z"), ("Pacific/Apia", "2026-07-15T12:00:00Z"), ("UTC", "2026-12-31T23:00:00Z"),
    ];

    private static readonly Gen<string> Numbers = Gen.Choose(0, 59).Select(n => n.ToString());

    private static readonly Gen<Case> Cases =
        from minute in Gen.OneOf(Gen.Constant("*"), Numbers, Gen.Elements("*/7", "*/15", "0,30", "10-20", "59", "0"))
        from hour in Gen.OneOf(Gen.Constant("*"), Gen.Choose(0, 23).Select(n => n.ToString()), Gen.Elements("1-3", "2,3", "*/2", "0", "0-23", "2,5", "23,0", "1-2,5"))
        from date in Gen.Frequency((4, Gen.Constant("*")), (1, Gen.Choose(1, 31).Select(n => n.ToString())), (1, Gen.Elements("*/9", "29-31")))
        from month in Gen.Frequency((5, Gen.Constant("*")), (1, Gen.Elements("3", "10-12", "2,4")))
        from weekday in Gen.Frequency((4, Gen.Constant("*")), (1, Gen.Choose(0, 7).Select(n => n.ToString())), (1, Gen.Elements("1-5", "6-7")))
        from change in Gen.Elements(Changes)
        from seconds in Gen.Choose(-90_000, 90_000)
        from gap in Gen.Elements(GapRule.Shift, GapRule.Skip)
        from overlap in Gen.Elements(OverlapPass.First, OverlapPass.Last, OverlapPass.Both)
        where CronRule.TryParse($"{minute} {hour} {date} {month} {weekday}", out _, out _)
        select new Case($"{minute} {hour} {date} {month} {weekday}", change.Zone, new(gap, overlap), Due.At(change.Anchor).AddSeconds(seconds));

    [Fact]
    public void Occurrences_of_three_days_are_those_of_a_walk_through_every_minute() =>
        Prop.ForAll(Cases.ToArbitrary(), c =>
        {
            var zone = Due.Zone(c.Zone);
            var end = c.After.AddDays(3);
            var actual = Due.Rule(c.Rule).After(c.After, zone, c.Dst).TakeWhile(i => i <= end).ToArray();
            actual.ShouldBe([.. new MinuteWalk(c.Rule, Due.Machine(c.Zone), c.Dst).Between(c.After, end)], c.ToString());
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(200));

    [Fact]
    public void Occurrences_are_strictly_after_and_only_grow() =>
        Prop.ForAll(Cases.ToArbitrary(), c =>
        {
            var last = c.After;
            foreach (var next in Due.Rule(c.Rule).After(c.After, Due.Zone(c.Zone), c.Dst).Take(20))
            {
                next.ShouldBeGreaterThan(last, c.ToString());
                next.Offset.ShouldBe(TimeSpan.Zero);
                last = next;
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(200));

    [Fact]
    public void Asking_from_anywhere_between_two_occurrences_gives_the_second() =>
        Prop.ForAll(Cases.ToArbitrary(), Gen.Choose(0, 999).ToArbitrary(), (c, share) =>
        {
            var (rule, zone) = (Due.Rule(c.Rule), Due.Zone(c.Zone));
            if (rule.Next(c.After, zone, c.Dst) is not { } first || rule.Next(first, zone, c.Dst) is not { } second) return;
            rule.Next(first + (second - first) * (share / 1000.0), zone, c.Dst).ShouldBe(second, c.ToString());
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    private sealed record Case(string Rule, string Zone, DstRule Dst, DateTimeOffset After);
}

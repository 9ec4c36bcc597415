using System.Collections.Immutable;
using Orchestrator.Core.Schedules.Ledger;
using Orchestrator.Core.Schedules.Simulation;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Schedules.Simulation;

public sealed class SimulationTests
{
    private static readonly DateTimeOffset From = Due.At("2026-01-01T00:30Z");

    [Theory]
    [InlineData(OverlapRule.Allow, "01:00 starts to 02:30|02:00 starts to 03:30 by 01:00|03:00 starts to 04:30 by 02:00|04:00 starts to 05:30 by 03:00")]
    [InlineData(OverlapRule.Skip, "01:00 starts to 02:30|02:00 skipped by 01:00|03:00 starts to 04:30|04:00 skipped by 03:00")]
    [InlineData(OverlapRule.Queue, "01:00 starts to 02:30|02:00 queued 02:30 to 04:00 by 01:00|03:00 queued 04:00 to 05:30 by 02:00|04:00 queued 05:30 to 07:00 by 03:00")]
    [InlineData(OverlapRule.Replace, "01:00 starts to 02:00 replaced|02:00 replaces to 03:00 by 01:00 replaced|03:00 replaces to 04:00 by 02:00 replaced|04:00 replaces to 05:30 by 03:00")]
    public void An_hourly_schedule_whose_runs_take_ninety_minutes(OverlapRule overlap, string expected) =>
        Lines(Play(Hourly with { Overlap = overlap, Expected = TimeSpan.FromMinutes(90) })).ShouldBe(expected.Split('|'));

    [Theory]
    [InlineData(OverlapRule.Allow)]
    [InlineData(OverlapRule.Skip)]
    [InlineData(OverlapRule.Queue)]
    [InlineData(OverlapRule.Replace)]
    public void Of_runs_of_unknown_length_nothing_is_made_up(OverlapRule overlap)
    {
        var due = Play(Hourly with { Overlap = overlap }).Due;
        due.ShouldAllBe(d => d.Outcome == SimulatedOutcome.Starts && d.EndsAt == null);
        due.Select(d => d.MayOverlap).ShouldBe([false, true, true, true]);
    }

    [Fact]
    public void Runs_that_are_open_now_are_in_the_way_as_long_as_they_usually_take()
    {
        var hourly = Hourly with { Overlap = OverlapRule.Skip, Expected = TimeSpan.FromHours(1) };
        Lines(Play(hourly with { Open = [Due.At("2026-01-01T00:20Z")] }))[..2].ShouldBe(["01:00 skipped by 00:20", "02:00 starts to 03:00"]);
        var late = Play(hourly with { Open = [Due.At("2025-12-31T20:00Z")] }).Due;
        late[0].MayOverlap.ShouldBeTrue();
        late[0].Outcome.ShouldBe(SimulatedOutcome.Starts);
    }

    [Fact]
    public void Nothing_starts_in_a_pause() =>
        Lines(Play(Hourly with { PausedUntil = Due.At("2026-01-01T03:00Z") })).ShouldBe(["01:00 paused", "02:00 paused", "03:00 starts", "04:00 starts"]);

    [Fact]
    public void Where_more_is_asked_for_than_there_is_the_time_and_the_due_times_are_named()
    {
        var schedules = Enumerable.Range(0, 3).Select(i => Hourly with { Schedule = $"s{i}", Expected = TimeSpan.FromMinutes(10 * (i + 1)), Takes = Takes(("runs", 1), ("pool db", i == 0 ? 1 : 0)) }).ToArray();
        var result = ScheduleSimulation.Of(schedules, new Dictionary<string, int> { ["runs"] = 2, ["pool db"] = 1 }, From, From.AddHours(1));
        result.Shortages.ShouldBe([new SimulatedShortage("runs", 2, Due.At("2026-01-01T01:00Z"), Due.At("2026-01-01T01:10Z"), 3)]);
        result.Due.ShouldAllBe(d => d.Exceeds.SequenceEqual(new[] { "runs" }));
    }

    [Fact]
    public void Of_unknown_length_at_least_the_start_is_counted()
    {
        var schedules = Enumerable.Range(0, 3).Select(i => Hourly with { Schedule = $"s{i}" }).ToArray();
        ScheduleSimulation.Of(schedules, new Dictionary<string, int> { ["runs"] = 2 }, From, From.AddHours(1)).Shortages.Single().Most.ShouldBe(3);
    }

    [Fact]
    public void A_range_is_bounded_and_says_so()
    {
        var result = ScheduleSimulation.Of([Hourly], new Dictionary<string, int>(), From, From.AddHours(4), most: 3);
        result.Due.Length.ShouldBe(3);
        result.HasMore.ShouldBeTrue();
        ScheduleSimulation.Of([Hourly], new Dictionary<string, int>(), From, From.AddHours(4), most: 4).HasMore.ShouldBeFalse();
    }

    [Fact]
    public void Every_due_time_is_there_once_in_order_and_no_rule_about_overlaps_is_broken()
    {
        string[] rules = ["*/7 * * * *", "0 * * * *", "*/10 * * * * ?", "30 */2 * * *"];
        for (var seed = 0; seed < 60; seed++)
        {
            var random = new Random(seed);
            var schedules = Enumerable.Range(0, 4).Select(i => Hourly with
            {
                Schedule = $"s{i}", Times = Due.Times(new() { Cron = rules[random.Next(rules.Length)] }), Overlap = (OverlapRule)random.Next(4),
                Expected = random.Next(5) == 0 ? null : TimeSpan.FromSeconds(random.Next(1, 9_000)),
            }).ToArray();
            var (to, limits) = (From.AddMinutes(random.Next(10, 150)), new Dictionary<string, int> { ["runs"] = random.Next(1, 5) });
            var result = ScheduleSimulation.Of(schedules, limits, From, to);
            result.Due.Select(d => d.DueAt).ShouldBeInOrder();
            foreach (var schedule in schedules)
            {
                var due = result.Due.Where(d => d.Schedule == schedule.Schedule).ToList();
                due.Select(d => d.DueAt).ShouldBe(schedule.Times.After(From).TakeWhile(d => d <= to), $"seed {seed}");
                if (schedule.Overlap == OverlapRule.Allow || schedule.Expected is null) continue;
                var runs = due.Where(d => d.StartsAt is not null).ToList();
                for (var i = 1; i < runs.Count; i++) runs[i].StartsAt!.Value.ShouldBeGreaterThanOrEqualTo(runs[i - 1].EndsAt!.Value, $"seed {seed}");
            }
        }
    }

    private static SimulatedSchedule Hourly => new("nightly", "two", Due.Times(new() { Cron = "0 * * * *" })) { Takes = Takes(("runs", 1)) };

    private static ImmutableSortedDictionary<string, int> Takes(params (string Limit, int Count)[] takes) => takes.Where(t => t.Count > 0).ToImmutableSortedDictionary(t => t.Limit, t => t.Count);

    private static SimulationResult Play(SimulatedSchedule schedule) => ScheduleSimulation.Of([schedule], new Dictionary<string, int> { ["runs"] = 100 }, From, From.AddHours(4));

    private static string[] Lines(SimulationResult result) => [.. result.Due.Select(d => string.Concat(
        $"{d.DueAt:HH:mm} {Words.Of(d.Outcome)}", d.Outcome == SimulatedOutcome.Queued ? $" {d.StartsAt:HH:mm}" : "", d.EndsAt is { } end ? $" to {end:HH:mm}" : "",
        d.Earlier is { } earlier && !d.MayOverlap ? $" by {earlier:HH:mm}" : "", d.ReplacedAt is null ? "" : " replaced").Replace("starts by", "starts", StringComparison.Ordinal))];
}

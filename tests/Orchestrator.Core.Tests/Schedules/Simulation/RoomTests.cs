using System.Collections.Immutable;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Schedules.Ledger;
using Orchestrator.Core.Schedules.Simulation;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Schedules.Simulation;

/// <summary>Where there is less than is asked for, runs wait, and what comes after them is as late as they are.</summary>
public sealed class RoomTests
{
    private static readonly DateTimeOffset s_from = Due.At("2026-01-01T00:30Z");

    [Fact]
    public void Runs_wait_for_a_place_one_after_another() =>
        Lines(Play(("runs", 1), Named("a", 20), Named("b", 30), Named("c", 10))).ShouldBe(
        ["a 01:00 starts to 01:20", "b 01:20 starts to 01:50 after 00:20 for runs", "c 01:50 starts to 02:00 after 00:50 for runs"]);

    [Fact]
    public void One_that_lacks_a_pool_keeps_nobody_waiting_who_does_not() =>
        Lines(Play([("runs", 3), ("pool db", 1)], Named("a", 20) with { Takes = Takes(("runs", 1), ("pool db", 1)) }, Named("b", 30) with { Takes = Takes(("runs", 1), ("pool db", 1)) }, Named("c", 10))).ShouldBe(
        ["a 01:00 starts to 01:20", "b 01:20 starts to 01:50 after 00:20 for pool db", "c 01:00 starts to 01:10"]);

    [Fact]
    public void The_more_urgent_goes_first_then_the_smaller_rank_then_the_older() =>
        Lines(Play(("runs", 1), Named("a", 10), Named("b", 10) with { Priority = RunPriority.Low, Rank = 1 }, Named("c", 10) with { Rank = 2 }, Named("d", 10) with { Rank = 1 }, Named("e", 10) with { Priority = RunPriority.High, Rank = 9 }))
            .Select(l => l[..7]).OrderBy(l => l[2..], StringComparer.Ordinal).ShouldBe(["e 01:00", "a 01:10", "d 01:20", "c 01:30", "b 01:40"]);

    [Theory]
    [InlineData(OnConflict.Queue, "a 01:00 starts to 01:20|b 01:20 starts to 01:50 after 00:20 for group load|c 01:50 starts to 02:00 after 00:50 for group load")]
    [InlineData(OnConflict.Skip, "a 01:00 starts to 01:20|b superseded for group load|c superseded for group load")]
    [InlineData(OnConflict.CancelRunning, "a cancelled 01:00|b cancelled 01:00|c 01:00 starts to 01:10")]
    public void A_group_that_is_full_makes_a_run_wait_ends_it_or_ends_others(OnConflict rule, string expected)
    {
        var group = new SimulatedGroup(_ => "load", 1, rule);
        Lines(Play(("runs", 9), Named("a", 20) with { Group = group }, Named("b", 30) with { Group = group }, Named("c", 10) with { Group = group })).ShouldBe(expected.Split('|'));
    }

    [Fact]
    public void A_newcomer_to_a_group_cancels_the_oldest_that_runs_and_starts_when_it_has_ended()
    {
        var group = new SimulatedGroup(_ => "load", 1, OnConflict.CancelRunning);
        var result = Play([("runs", 9)], At("a", "0 1 * * *", 50) with { Group = group }, At("b", "30 1 * * *", 10) with { Group = group });
        Lines(result).ShouldBe(["a 01:00 starts to 01:30 cancelled 01:30", "b 01:30 starts to 01:40"]);
    }

    [Fact]
    public void Groups_go_by_their_name_for_each_due_time()
    {
        var group = new SimulatedGroup(due => due.Minute == 0 ? "even" : "odd", 1, OnConflict.Queue);
        var result = Play([("runs", 9)], At("a", "0 1 * * *", 50) with { Group = group }, At("b", "30 1 * * *", 10) with { Group = group }, At("c", "0 1 * * *", 10) with { Group = group });
        Lines(result).ShouldBe(["a 01:00 starts to 01:50", "c 01:50 starts to 02:00 after 00:50 for group even", "b 01:30 starts to 01:40"]);
    }

    [Theory]
    [InlineData(OverlapRule.Skip, "s 01:30 starts to 01:50 after 00:30 for runs|s 01:20 skipped|s 01:40 skipped")]
    [InlineData(OverlapRule.Queue, "s 01:30 starts to 01:50 after 00:30 for runs|s 01:50 queued to 02:10|s 02:10 queued to 02:30")]
    [InlineData(OverlapRule.Replace, "s cancelled 01:20|s 01:30 replaces to 01:40 after 00:10 for runs cancelled 01:40|s 01:40 replaces to 02:00")]
    [InlineData(OverlapRule.Allow, "s 01:30 starts to 01:50 after 00:30 for runs|s 01:50 starts to 02:10 after 00:30 for runs|s 02:10 starts to 02:30 after 00:30 for runs")]
    public void A_run_that_waits_is_open_for_those_that_follow(OverlapRule overlap, string expected)
    {
        var result = Play([("runs", 1)], At("first", "59 0 * * *", 31), At("s", "0,20,40 1 * * *", 20) with { Overlap = overlap });
        Lines(result)[1..].ShouldBe(expected.Split('|'));
    }

    [Fact]
    public void A_due_time_that_stops_runs_ends_those_that_wait_as_well()
    {
        var result = Play([("runs", 1)], At("first", "59 0 * * *", 60) with { Workflow = "other" }, At("s", "0 1 * * *", 20), At("stop", "30 1 * * *", 0) with { Action = ScheduleAction.Stop });
        Lines(result).ShouldBe(["first 00:59 starts to 01:59", "s cancelled 01:30", "stop 01:30 stops"]);
        result.Due[2].Earlier.ShouldBe(Due.At("2026-01-01T01:00Z"));
    }

    [Fact]
    public void Open_runs_have_what_they_take_and_what_there_is_too_little_of_is_told_as_long_as_somebody_waits()
    {
        var result = Play([("runs", 1)], Named("a", 60) with { Open = [Due.At("2026-01-01T00:20Z")], Overlap = OverlapRule.Allow });
        Lines(result).ShouldBe(["a 01:20 starts to 02:20 after 00:20 for runs"]);
        result.Shortages.ShouldBe([new SimulatedShortage("runs", 1, Due.At("2026-01-01T01:00Z"), Due.At("2026-01-01T01:20Z"), 2)]);
    }

    [Fact]
    public void What_there_is_nothing_of_is_waited_for_without_end()
    {
        var result = Play([("runs", 2), ("pool db", 0)], Named("a", 60) with { Takes = Takes(("pool db", 1)) });
        result.Due.Single().StartsAt.ShouldBeNull();
        result.Shortages.Single().To.ShouldBe(DateTimeOffset.MaxValue);
    }

    [Fact]
    public void Ten_thousand_due_times_that_wait_for_one_place_are_played_in_a_moment()
    {
        var schedules = Enumerable.Range(0, 50).Select(i => Named($"s{i}", 1) with { Times = Due.Times(new() { Cron = "*/20 * * * * ?" }) }).ToArray();
        var result = ScheduleSimulation.Of(schedules, new Dictionary<string, int> { ["runs"] = 1 }, s_from, s_from.AddDays(2));
        result.Due.Length.ShouldBe(ScheduleSimulation.MaxDue);
        result.Due.Max(d => d.StartsAt).ShouldBe(s_from.AddSeconds(20).AddMinutes(ScheduleSimulation.MaxDue - 1));
    }

    private static SimulatedSchedule Named(string id, int minutes) => At(id, "0 1 * * *", minutes);

    private static SimulatedSchedule At(string id, string cron, int minutes) =>
        new("nightly", id, Due.Times(new() { Cron = cron })) { Takes = Takes(("runs", 1)), Expected = TimeSpan.FromMinutes(minutes) };

    private static ImmutableSortedDictionary<string, int> Takes(params (string Limit, int Count)[] takes) => takes.ToImmutableSortedDictionary(t => t.Limit, t => t.Count);

    private static SimulationResult Play((string, int) limit, params SimulatedSchedule[] schedules) => Play([limit], schedules);

    private static SimulationResult Play((string Limit, int Size)[] limits, params SimulatedSchedule[] schedules) =>
        ScheduleSimulation.Of(schedules, limits.ToDictionary(l => l.Limit, l => l.Size), s_from, s_from.AddHours(5));

    private static string[] Lines(SimulationResult result) => [.. result.Due.Select(d => string.Concat(
        d.Schedule, d.StartsAt is { } start ? $" {start:HH:mm}" : d.ReadyAt is null ? $" {d.DueAt:HH:mm}" : "", d.ReplacedAt is not null && d.StartsAt is null ? "" : $" {Words.Of(d.Outcome)}",
        d.StartsAt is not null && d.EndsAt is { } end ? $" to {end:HH:mm}" : "", d.StartsAt is { } began && !d.Lacks.IsEmpty ? $" after {began - d.ReadyAt:hh\\:mm}" : "",
        d.Lacks.IsEmpty || d.ReplacedAt is not null && d.StartsAt is null ? "" : $" for {string.Join(", ", d.Lacks)}", d.ReplacedAt is { } cut ? $" cancelled {cut:HH:mm}" : ""))];
}

using System.Collections.Immutable;
using FsCheck;
using FsCheck.Fluent;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Schedules.Ledger;
using Orchestrator.Core.Schedules.Simulation;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Schedules.Simulation;

/// <summary>What holds of a simulation whatever is played.</summary>
public sealed class RoomProperties
{
    private static readonly DateTimeOffset s_from = Due.At("2026-01-01T00:30Z");
    private static readonly string[] s_rules = ["*/7 * * * *", "0 * * * *", "*/10 * * * * ?", "30 */2 * * *"];
    private static readonly string[] s_limits = ["runs", "slots", "pool db"];

    [Fact]
    public void At_no_instant_is_more_taken_than_there_is_and_no_run_starts_before_its_due_time() => ForAll(random =>
    {
        var limits = s_limits.ToDictionary(l => l, _ => random.Next(1, 4));
        var schedules = Schedules(random, hasGroups: true);
        var result = ScheduleSimulation.Of(schedules, limits, s_from, s_from.AddMinutes(random.Next(10, 150)));
        var runs = result.Due.Where(d => d.StartsAt is not null).Select(d => (Due: d, Schedule: schedules.Single(s => s.Schedule == d.Schedule), Ends: d.ReplacedAt ?? d.EndsAt ?? d.StartsAt!.Value.AddSeconds(1))).ToList();
        foreach (var (due, schedule, _) in runs)
        {
            due.StartsAt!.Value.ShouldBeGreaterThanOrEqualTo(due.ReadyAt!.Value);
            due.ReadyAt!.Value.ShouldBeGreaterThanOrEqualTo(due.DueAt + schedule.Times.DelayOf(due.DueAt));
            if (due.StartsAt > due.ReadyAt) due.Lacks.ShouldNotBeEmpty($"{due}");
        }
        foreach (var at in runs.Select(r => r.Due.StartsAt!.Value).Distinct())
        {
            var open = runs.Where(r => r.Due.StartsAt <= at && at < r.Ends).ToList();
            foreach (var (limit, size) in limits) open.Sum(r => r.Schedule.Takes.GetValueOrDefault(limit)).ShouldBeLessThanOrEqualTo(size, $"{limit} at {at:O}");
            foreach (var group in open.Where(r => r.Schedule.Group is not null).GroupBy(r => r.Schedule.Group!.NameAt(r.Due.DueAt))) group.Count().ShouldBeLessThanOrEqualTo(group.Max(r => r.Schedule.Group!.Most), $"{group.Key} at {at:O}");
            // One that waits lacks something: nobody waits for nothing.
            foreach (var waits in result.Due.Where(d => d.ReadyAt <= at && (d.StartsAt ?? d.ReplacedAt ?? DateTimeOffset.MaxValue) > at && d.Outcome != SimulatedOutcome.Superseded))
            {
                var schedule = schedules.Single(s => s.Schedule == waits.Schedule);
                var lacks = limits.Any(l => open.Sum(r => r.Schedule.Takes.GetValueOrDefault(l.Key)) + schedule.Takes.GetValueOrDefault(l.Key) > l.Value)
                    || schedule.Group is { } group && open.Count(r => r.Schedule.Group is not null && r.Schedule.Group.NameAt(r.Due.DueAt) == group.NameAt(waits.DueAt)) >= group.Most;
                lacks.ShouldBeTrue($"{waits} could start at {at:O}");
            }
        }
        // All runs that are neither cancelled nor superseded get what they take in the end.
        result.Due.Where(d => d.ReadyAt is not null && d.StartsAt is null).ShouldAllBe(d => d.ReplacedAt != null || d.Outcome == SimulatedOutcome.Superseded);
    });

    [Fact]
    public void Where_there_is_room_for_all_it_is_as_without_limits() => ForAll(random =>
    {
        var schedules = Schedules(random, hasGroups: false);
        var to = s_from.AddMinutes(random.Next(10, 150));
        var result = ScheduleSimulation.Of(schedules, s_limits.ToDictionary(l => l, _ => 1_000_000), s_from, to);
        result.Shortages.ShouldBeEmpty();
        result.Due.Select(d => new Fate(d.Schedule, d.DueAt, d.Outcome, d.StartsAt, d.EndsAt, d.Earlier, d.MayOverlap, d.ReplacedAt)).ShouldBe(BoundlessOracle.Play(schedules, s_from, to));
        result.Due.ShouldAllBe(d => d.Lacks.IsEmpty && d.Exceeds.IsEmpty);
    });

    private static void ForAll(Action<Random> holds) => Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed => holds(new Random(seed))).Check(Config.QuickThrowOnFailure.WithMaxTest(60));

    private static SimulatedSchedule[] Schedules(Random random, bool hasGroups) => [.. Enumerable.Range(0, 4).Select(i => new SimulatedSchedule($"w{i / 2}", $"s{i}", Due.Times(new() { Cron = s_rules[random.Next(s_rules.Length)] }))
    {
        Overlap = (OverlapRule)random.Next(4),
        Expected = random.Next(5) == 0 ? null : TimeSpan.FromSeconds(random.Next(1, 9_000)),
        Takes = s_limits.Where(_ => random.Next(2) == 0).Prepend("runs").Distinct().ToImmutableSortedDictionary(l => l, _ => 1),
        Priority = (RunPriority)random.Next(3), Rank = random.Next(3),
        Open = !hasGroups && random.Next(3) == 0 ? [s_from.AddMinutes(-random.Next(1, 60))] : [],
        PausedUntil = random.Next(6) == 0 ? s_from.AddMinutes(random.Next(60)) : null,
        Group = hasGroups && random.Next(2) == 0 ? Group($"g{random.Next(2)}", random.Next(1, 3), (OnConflict)random.Next(3)) : null,
    })];

    private static SimulatedGroup Group(string name, int most, OnConflict rule) => new(_ => name, most, rule);
}

/// <summary>What becomes of a due time, to compare.</summary>
internal sealed record Fate(string Schedule, DateTimeOffset DueAt, SimulatedOutcome Outcome, DateTimeOffset? StartsAt, DateTimeOffset? EndsAt, DateTimeOffset? Earlier, bool MayOverlap, DateTimeOffset? ReplacedAt);

/// <summary>The same where nothing is ever lacking, worked out schedule by schedule: the start of each run follows from those before it.</summary>
internal static class BoundlessOracle
{
    private static readonly TimeSpan s_moment = TimeSpan.FromSeconds(1);

    public static IEnumerable<Fate> Play(IReadOnlyList<SimulatedSchedule> schedules, DateTimeOffset from, DateTimeOffset to) =>
        schedules.SelectMany((s, i) => One(s, from, to).Select(f => (f, i))).OrderBy(f => f.f.DueAt).ThenBy(f => f.i).Select(f => f.f);

    private static List<Fate> One(SimulatedSchedule schedule, DateTimeOffset from, DateTimeOffset to)
    {
        var (fates, open) = (new List<Fate>(), new List<(DateTimeOffset Due, DateTimeOffset Ends, int Fate)>());
        DateTimeOffset? unknown = null;
        foreach (var since in schedule.Open)
            if (since + schedule.Expected > from) open.Add((since, Ends(since), -1));
            else unknown = since;
        foreach (var due in schedule.Times.After(from).TakeWhile(d => d <= to))
        {
            var start = due + schedule.Times.DelayOf(due);
            if (schedule.PausedUntil > start)
            {
                fates.Add(new(schedule.Schedule, due, SimulatedOutcome.Paused, null, null, null, false, null));
                continue;
            }
            open.RemoveAll(r => r.Ends <= start);
            var outcome = open.Count == 0 ? SimulatedOutcome.Starts
                : schedule.Overlap switch { OverlapRule.Skip => SimulatedOutcome.Skipped, OverlapRule.Queue => SimulatedOutcome.Queued, OverlapRule.Replace => SimulatedOutcome.Replaces, _ => SimulatedOutcome.Starts };
            var (earlier, mayOverlap) = open.Count > 0 ? (open[0].Due, false) : (unknown, unknown is not null);
            if (outcome == SimulatedOutcome.Queued) start = open.Max(r => r.Ends);
            if (outcome == SimulatedOutcome.Replaces)
            {
                foreach (var (_, _, fate) in open.Where(r => r.Fate >= 0)) fates[fate] = fates[fate] with { EndsAt = start, ReplacedAt = start };
                open.Clear();
                unknown = null;
            }
            fates.Add(new(schedule.Schedule, due, outcome, outcome == SimulatedOutcome.Skipped ? null : start, outcome == SimulatedOutcome.Skipped ? null : start + schedule.Expected, earlier, mayOverlap, null));
            if (outcome == SimulatedOutcome.Skipped) continue;
            open.Add((due, Ends(start), fates.Count - 1));
            if (schedule.Expected is null) unknown = due;
        }
        return fates;

        DateTimeOffset Ends(DateTimeOffset start) => start + (schedule.Expected is { Ticks: > 0 } expected ? expected : s_moment);
    }
}

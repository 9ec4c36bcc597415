using Orchestrator.Core.Definitions;
using Orchestrator.Core.Schedules.Ledger;
using Shouldly;
using Xunit;
using static Orchestrator.Engine.Tests.Scheduling.SchedulingBench;

namespace Orchestrator.Engine.Tests.Scheduling;

/// <summary>What many schedules cost together.</summary>
public sealed class ManySchedulesTests
{
    private static readonly TimeSpan s_tooLong = TimeSpan.FromSeconds(30);
    private readonly SchedulingBench _bench = new();

    [Fact]
    public async Task Entries_of_due_times_of_one_instant_wait_for_the_disk_together()
    {
        await _bench.Apply(Many("0 2 * * *"));
        _bench.Clock.AdvanceTo(At("2026-01-01T02:00:00Z"));
        var disk = _bench.Journal.Disk = new(500);
        await _bench.Ring([.. _bench.Alarms]).WaitAsync(s_tooLong, TestContext.Current.CancellationToken);
        disk.MostTogether.ShouldBe(500);
        _bench.Runs.Select(r => r.RunId).ToHashSet().Count.ShouldBe(500);
        _bench.Alarms.ShouldAllBe(a => a.Due == At("2026-01-02T02:00:00Z"));
    }

    [Fact]
    public async Task Schedules_without_a_deadline_cost_nothing_when_deadlines_are_looked_at()
    {
        await _bench.Apply(Many("0 2 * * *"));
        await _bench.WatchDeadlines();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++) await _bench.WatchDeadlines();
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(100 * 500 * sizeof(long));   // less than a list of them each time
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task A_due_time_that_waits_for_the_runs_of_its_workflow_hears_of_their_end_whichever_schedule_it_is_of(int place)
    {
        _bench.IsFollowed = true;
        var stop = Schedule("stop", "30 2 * * *") with { Action = ScheduleAction.Stop };
        List<ScheduleDefinition> all = [Schedule("two", "0 2 * * *"), Schedule("three", "0 3 * * *")];
        all.Insert(place, stop);
        await _bench.Apply(Workflow("other", Schedule("two", "0 5 * * *")), Workflow("nightly", [.. all]));
        await _bench.PassTo("2026-01-01T02:30:00Z");
        _bench.Cancelled.ShouldBe([_bench.Runs[0].RunId]);
        _bench.Ledger("schedule:nightly/stop").ShouldNotContain("stopped");
        _bench.End(_bench.Runs[0]);
        await _bench.Journal.AppendedAsync(e => e.Event is Orchestrator.Core.Runs.ScheduleStopped).WaitAsync(s_tooLong, TestContext.Current.CancellationToken);
    }

    private static WorkflowDefinition[] Many(string cron) =>
        [.. Enumerable.Range(0, 5).Select(w => Workflow($"w{w}", [.. Enumerable.Range(0, 100).Select(s => Schedule($"s{s}", cron))]))];
}

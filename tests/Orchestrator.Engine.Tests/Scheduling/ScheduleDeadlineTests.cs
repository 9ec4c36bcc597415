using Orchestrator.Core;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Schedules.Deadlines;
using Orchestrator.Core.Schedules.Ledger;
using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Scheduling;

/// <summary>The dead-man monitor: told once where no run completed in time, whatever the process has been through.</summary>
public sealed class ScheduleDeadlineTests
{
    private static WorkflowDefinition Hourly(string expected = "10m", OverlapRule overlap = default) => SchedulingBench.Workflow("nightly",
        SchedulingBench.Schedule("two", "0 * * * *") with { ExpectedBy = DeadlineRule.TryParse(expected, out var rule) ? rule : null, Overlap = overlap });

    private static List<ScheduleOverdue> Told(SchedulingBench bench) => [.. bench.Journal.Of("schedule:nightly/two").OfType<ScheduleOverdue>()];

    private static async Task LookAtAsync(SchedulingBench bench, string instant)
    {
        await bench.PassTo(instant);
        await bench.WatchDeadlines();
    }

    [Fact]
    public async Task A_run_that_completes_in_time_is_nothing_to_tell()
    {
        var bench = new SchedulingBench { IsFollowed = true };
        await bench.Apply(Hourly());
        await bench.PassTo("2026-01-01T01:05:00Z");
        bench.End(bench.Runs[0]);
        await LookAtAsync(bench, "2026-01-01T01:30:00Z");
        Told(bench).ShouldBeEmpty();
    }

    [Fact]
    public async Task One_that_does_not_is_told_once_also_after_restarts()
    {
        var bench = new SchedulingBench { IsFollowed = true };
        await bench.Apply(Hourly());
        await LookAtAsync(bench, "2026-01-01T01:09:59Z");
        Told(bench).ShouldBeEmpty();
        await LookAtAsync(bench, "2026-01-01T01:10:00Z");
        var told = Told(bench).ShouldHaveSingleItem();
        (told.Reason, told.DueAt, told.Deadline, told.RunId).ShouldBe((OverdueReason.NotCompleted, SchedulingBench.At("2026-01-01T01:00:00Z"), SchedulingBench.At("2026-01-01T01:10:00Z"), bench.Runs[0].RunId));
        await bench.WatchDeadlines();
        bench.Restart();
        await bench.Apply(Hourly());
        await LookAtAsync(bench, "2026-01-01T01:50:00Z");
        Told(bench).Count.ShouldBe(1);
        await LookAtAsync(bench, "2026-01-01T02:10:00Z");
        Told(bench).Count.ShouldBe(2);
    }

    [Fact]
    public async Task What_passed_while_the_service_was_down_is_told_when_it_is_back()
    {
        var bench = new SchedulingBench();
        await bench.Apply(Hourly());
        bench.Clock.AdvanceTo(SchedulingBench.At("2026-01-01T03:30:00Z"));
        bench.Restart();
        await bench.Apply(Hourly());
        await bench.WatchDeadlines();
        var told = Told(bench).ShouldHaveSingleItem();
        (told.DueAt, told.RunId, told.Found).ShouldBe((SchedulingBench.At("2026-01-01T03:00:00Z"), null, "misfire"));
    }

    [Fact]
    public async Task Nothing_is_expected_of_a_schedule_that_is_paused_or_of_the_times_of_its_pause()
    {
        var bench = new SchedulingBench();
        await bench.Apply(Hourly());
        await bench.PassTo("2026-01-01T00:30:00Z");
        await bench.Do(new LedgerInput.Pause("ann", null));
        await LookAtAsync(bench, "2026-01-01T03:30:00Z");
        await bench.Do(new LedgerInput.Resume("ann", null));
        await LookAtAsync(bench, "2026-01-01T03:40:00Z");
        Told(bench).ShouldBeEmpty();
        await LookAtAsync(bench, "2026-01-01T04:10:00Z");
        Told(bench).Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_run_of_an_earlier_due_time_counts_when_it_completes_in_between()
    {
        var bench = new SchedulingBench { IsFollowed = true };
        await bench.Apply(Hourly("30m", OverlapRule.Skip));
        await LookAtAsync(bench, "2026-01-01T02:20:00Z");
        Told(bench).Count.ShouldBe(1, "the run of 01:00 took too long");
        bench.End(bench.Runs[0]);
        await LookAtAsync(bench, "2026-01-01T02:30:00Z");
        Told(bench).Count.ShouldBe(1, "it completed after 02:00, which stands for that time too");
    }

    [Fact]
    public async Task Without_an_expectation_nothing_is_told()
    {
        var bench = new SchedulingBench();
        await bench.Apply(SchedulingBench.Workflow("nightly", SchedulingBench.Schedule("two", "0 * * * *")));
        await LookAtAsync(bench, "2026-01-01T05:00:00Z");
        Told(bench).ShouldBeEmpty();
    }
}

using Orchestrator.Core;
using Orchestrator.Core.Admission;
using Orchestrator.Core.Definitions;
using Orchestrator.Engine.Running;
using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Running.Admission;

/// <summary>Who starts next, counted in admissions.</summary>
public sealed class TurnTests
{
    [Fact]
    public void A_run_of_another_tenant_starts_at_the_next_free_place_however_many_wait_before_it()
    {
        var floor = new Floor(o => o.MaxRunningRuns = 10);
        for (var i = 0; i < 10_000; i++) floor.Add(Floor.Flow("busy"));
        var running = floor.AllNext();
        running.Count.ShouldBe(10);
        var alone = floor.Add(Floor.Flow("quiet"));
        floor.Next().ShouldBeNull();
        floor.Admissions.Leave(running[0]);
        floor.Next().ShouldBe(alone);
    }

    [Fact]
    public void One_tenant_cannot_have_every_place_so_that_another_ones_run_starts_at_once()
    {
        var floor = new Floor(o => o.MaxRunningRuns = 100);
        for (var i = 0; i < 10_000; i++) floor.Add(Floor.Flow("busy"));
        var running = floor.AllNext();
        running.Count.ShouldBe(95);
        var alone = floor.Add(Floor.Flow("quiet"));
        floor.Next().ShouldBe(alone);
        floor.Admissions.Leave(running[0]);
        floor.Next()!.State.Plan.Definition.Tenant.ShouldBe("busy");
        floor.Next().ShouldBeNull();
    }

    [Fact]
    public void Tenants_take_turns_whatever_the_number_of_their_runs()
    {
        var floor = new Floor(o => o.MaxRunningRuns = 1);
        for (var i = 0; i < 50; i++) floor.Add(Floor.Flow("a"));
        for (var i = 0; i < 3; i++) floor.Add(Floor.Flow("b"));
        for (var i = 0; i < 2; i++) floor.Add(Floor.Flow("c"));
        var order = "";
        while (floor.Next() is { } run)
        {
            order += run.State.Plan.Definition.Tenant;
            floor.Admissions.Leave(run);
        }
        order[..8].ShouldBe("abcabcab");
        order.Length.ShouldBe(55);
    }

    [Fact]
    public void High_goes_before_normal_and_that_before_low_and_who_was_passed_over_ten_times_goes_once()
    {
        var floor = new Floor(o => o.MaxRunningRuns = 1);
        floor.Add(Floor.Flow(priority: RunPriority.Low));
        floor.Add(Floor.Flow());
        for (var i = 0; i < 40; i++) floor.Add(Floor.Flow(priority: RunPriority.High));
        var order = new List<RunPriority>();
        while (floor.Next() is { } run)
        {
            order.Add(run.State.Plan.Definition.Priority);
            floor.Admissions.Leave(run);
        }
        order.Take(WaitingLine.Patience).ShouldAllBe(p => p == RunPriority.High);
        order.Skip(WaitingLine.Patience).Take(2).ShouldBe([RunPriority.Low, RunPriority.Normal]);
        order.Count.ShouldBe(42);
    }

    [Fact]
    public void Within_a_tenant_the_smaller_rank_goes_first_then_the_older_run()
    {
        var floor = new Floor(o => o.MaxRunningRuns = 1);
        var (second, last) = (floor.Add(Floor.Flow()), floor.Add(Floor.Flow(rank: 5)));
        floor.Clock.Advance(TimeSpan.FromSeconds(1));
        var (third, first) = (floor.Add(Floor.Flow()), floor.Add(Floor.Flow(rank: -1)));
        var order = new List<OpenRun>();
        while (floor.Next() is { } run)
        {
            order.Add(run);
            floor.Admissions.Leave(run);
        }
        order.ShouldBe([first, second, third, last]);
    }

    [Fact]
    public void A_run_that_leaves_the_line_is_never_started_and_does_not_count()
    {
        var floor = new Floor(o => o.MaxRunningRuns = 1);
        var (first, second, third) = (floor.Add(Floor.Flow()), floor.Add(Floor.Flow()), floor.Add(Floor.Flow()));
        floor.Next().ShouldBe(first);
        floor.Admissions.Leave(second);
        floor.Admissions.Waiting.ShouldBe(1);
        floor.Admissions.Leave(first);
        floor.Next().ShouldBe(third);
        (floor.Admissions.Waiting, floor.Admissions.Running, floor.Admissions.Oldest).ShouldBe((0, 1, null));
    }

    [Fact]
    public void A_run_that_another_runs_task_waits_for_needs_no_place()
    {
        var floor = new Floor(o => o.MaxRunningRuns = 1);
        var parent = floor.Add(Floor.Flow());
        floor.Next().ShouldBe(parent);
        floor.Add(Floor.Flow());
        var child = floor.Add(Floor.Flow(priority: RunPriority.Low), parent: parent.Id);
        floor.Next().ShouldBe(child);
        floor.Next().ShouldBeNull();
        floor.Admissions.Leave(child);
        floor.Next().ShouldBeNull();
    }

    [Fact]
    public void A_paused_run_gives_its_place_back_and_takes_one_again_when_it_goes_on()
    {
        var floor = new Floor(o => o.MaxRunningRuns = 1);
        var (first, second) = (floor.Add(Floor.Flow()), floor.Add(Floor.Flow()));
        floor.Next().ShouldBe(first);
        floor.Admissions.StatusChanged(first, RunStatus.Queued, RunStatus.Running);
        floor.Admissions.StatusChanged(first, RunStatus.Running, RunStatus.Paused);
        floor.Next().ShouldBe(second);
        floor.Add(Floor.Flow());
        floor.Admissions.StatusChanged(first, RunStatus.Paused, RunStatus.Running);
        floor.Admissions.Running.ShouldBe(2);
        floor.Admissions.Leave(second);
        floor.Next().ShouldBeNull();
        floor.Admissions.Leave(first);
        floor.Next().ShouldNotBeNull();
    }

    [Fact]
    public void A_pool_counts_over_all_runs_and_one_that_is_gone_from_the_configuration_has_one_slot()
    {
        var pools = new PoolSlots<OpenRun>(new Dictionary<string, int> { ["warehouse"] = 3 }, run => run.State);
        var run = new Floor().Add(Floor.Flow());
        pools.Take(run, "warehouse", 2);
        pools.Free("warehouse").ShouldBe(1);
        pools.Free("gone").ShouldBe(1);
        pools.Take(run, "gone", 1);
        pools.Free("gone").ShouldBe(0);
        pools.Release(run, "warehouse", 2);
        pools.Free("warehouse").ShouldBe(3);
    }
}

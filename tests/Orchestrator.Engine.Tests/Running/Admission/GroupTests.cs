using Orchestrator.Core;
using Orchestrator.Core.Definitions;
using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Running.Admission;

/// <summary>Concurrency groups in admission: who fits, who waits, who is superseded.</summary>
public sealed class GroupTests
{
    private static WorkflowDefinition Flow(OnConflict mode, int max = 1, string tenant = "default", RunPriority priority = RunPriority.Normal) =>
        Floor.Flow(tenant, priority) with { Concurrency = new("g") { Max = max, OnConflict = mode } };

    [Fact]
    public void Runs_of_a_group_start_one_after_another_and_keep_no_other_waiting()
    {
        var floor = new Floor(o => o.MaxRunningRuns = 2);
        var (first, second, third) = (floor.Add(Flow(OnConflict.Queue), "g"), floor.Add(Flow(OnConflict.Queue), "g"), floor.Add(Flow(OnConflict.Queue, priority: RunPriority.High), "g"));
        var other = floor.Add(Floor.Flow());
        floor.AllNext().ShouldBe([third, other]);
        floor.Admissions.Leave(third);
        floor.AllNext().ShouldBe([first]);
        floor.Admissions.Leave(first);
        floor.AllNext().ShouldBe([second]);
        floor.Admissions.Leave(other);
        floor.Admissions.Leave(second);
        floor.Superseded.ShouldBeEmpty();
    }

    [Fact]
    public void The_same_name_is_another_group_in_another_tenant()
    {
        var floor = new Floor();
        floor.Add(Flow(OnConflict.Queue), "g");
        floor.Add(Flow(OnConflict.Queue, tenant: "acme"), "g");
        floor.AllNext().Count.ShouldBe(2);
    }

    [Fact]
    public void A_run_that_may_not_wait_ends_in_favour_of_the_one_that_runs()
    {
        var floor = new Floor();
        var first = floor.Add(Flow(OnConflict.Skip), "g");
        floor.AllNext().ShouldBe([first]);
        var second = floor.Add(Flow(OnConflict.Skip), "g");
        floor.Superseded.ShouldBe([second]);
        floor.Reasons.ShouldBe([$"run {first.Id} of group 'g'"]);
        floor.Admissions.Leave(first);
        floor.AllNext().ShouldBeEmpty();
        floor.Admissions.Leave(second);
        floor.Add(Flow(OnConflict.Skip), "g");
        floor.AllNext().Count.ShouldBe(1);
    }

    [Fact]
    public void A_run_that_may_not_wait_and_finds_no_place_ends_when_another_of_its_group_got_it()
    {
        var floor = new Floor(o => o.MaxRunningRuns = 1);
        var blocking = floor.Add(Floor.Flow());
        floor.AllNext().ShouldBe([blocking]);
        var (first, second) = (floor.Add(Flow(OnConflict.Skip, max: 1), "g"), floor.Add(Flow(OnConflict.Skip), "g"));
        floor.Admissions.Leave(blocking);
        floor.AllNext().ShouldBe([first]);
        floor.Admissions.StatusChanged(first, RunStatus.Running, RunStatus.Paused);   // its place is free, its group is not
        floor.AllNext().ShouldBeEmpty();
        floor.Superseded.ShouldBe([second]);
    }

    [Fact]
    public void The_newest_takes_over_and_waits_until_the_running_one_has_ended()
    {
        var floor = new Floor();
        var first = floor.Add(Flow(OnConflict.CancelRunning), "g");
        floor.AllNext().ShouldBe([first]);
        var second = floor.Add(Flow(OnConflict.CancelRunning), "g");
        floor.Superseded.ShouldBe([first]);
        floor.AllNext().ShouldBeEmpty();
        var third = floor.Add(Flow(OnConflict.CancelRunning), "g");
        floor.Superseded.ShouldBe([first, second]);
        floor.Reasons[1].ShouldBe($"run {third.Id} of group 'g'");
        floor.Admissions.Leave(second);
        floor.AllNext().ShouldBeEmpty();
        floor.Admissions.Leave(first);
        floor.AllNext().ShouldBe([third]);
    }

    [Fact]
    public void With_room_for_more_only_the_oldest_that_runs_gives_way()
    {
        var floor = new Floor();
        var first = floor.Add(Flow(OnConflict.CancelRunning, max: 2), "g");
        floor.Clock.Advance(TimeSpan.FromSeconds(1));
        var second = floor.Add(Flow(OnConflict.CancelRunning, max: 2), "g");
        floor.AllNext().ShouldBe([first, second]);
        var third = floor.Add(Flow(OnConflict.CancelRunning, max: 2), "g");
        floor.Superseded.ShouldBe([first]);
        floor.Admissions.Leave(first);
        floor.AllNext().ShouldBe([third]);
    }

    [Fact]
    public void Each_run_goes_by_its_own_max()
    {
        var floor = new Floor();
        var first = floor.Add(Flow(OnConflict.Queue, max: 2), "g");
        var strict = floor.Add(Flow(OnConflict.Queue, max: 1), "g");
        var generous = floor.Add(Flow(OnConflict.Queue, max: 2), "g");
        floor.AllNext().ShouldBe([first, generous]);
        floor.Admissions.Leave(first);
        floor.AllNext().ShouldBeEmpty();
        floor.Admissions.Leave(generous);
        floor.AllNext().ShouldBe([strict]);
    }

    [Fact]
    public void When_the_one_that_was_next_is_given_up_the_one_after_it_starts()
    {
        var floor = new Floor(o => o.MaxRunningRuns = 1);
        var first = floor.Add(Flow(OnConflict.Queue), "g");
        floor.AllNext().ShouldBe([first]);
        var (second, third) = (floor.Add(Flow(OnConflict.Queue), "g"), floor.Add(Flow(OnConflict.Queue), "g"));
        floor.Admissions.Leave(first);
        floor.Admissions.Leave(second);
        floor.AllNext().ShouldBe([third]);
    }
}

using System.Collections.Immutable;
using Orchestrator.Engine.Running;
using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Running.Admission;

/// <summary>Tokens and earliest starts: by the clock, and the loop is woken for them.</summary>
public sealed class RateTests
{
    [Fact]
    public void Runs_start_at_the_rate_after_a_burst_and_the_rest_waits()
    {
        var floor = new Floor(o => o.Limits = new() { RunsPerSecond = 2, Burst = 2 });
        for (var i = 0; i < 10; i++) floor.Add(Floor.Flow());
        floor.AllNext().Count.ShouldBe(4);
        floor.Clock.Waiting.Count.ShouldBe(1);
        floor.Clock.Advance(TimeSpan.FromMilliseconds(500));
        floor.Posted.ShouldHaveSingleItem().ShouldBeOfType<LoopMessage.AdmissionDue>();
        floor.Admissions.Due();
        floor.AllNext().Count.ShouldBe(1);
        floor.Admissions.Waiting.ShouldBe(5);
        floor.Clock.Advance(TimeSpan.FromHours(1));
        floor.Admissions.Due();
        floor.AllNext().Count.ShouldBe(4);
    }

    [Fact]
    public void A_tenant_without_a_token_keeps_no_other_waiting()
    {
        var floor = new Floor(o => o.Limits = new() { PerTenant = new Dictionary<string, double> { ["default"] = 1, ["big"] = 3 }.ToImmutableSortedDictionary(), Burst = 1 });
        for (var i = 0; i < 5; i++)
            foreach (var tenant in (string[])["small", "big", "other"]) floor.Add(Floor.Flow(tenant));
        string Started() => string.Concat(floor.AllNext().Select(r => r.State.Plan.Definition.Tenant[0]).Order());
        Started().ShouldBe("bbbos");
        floor.Clock.Advance(TimeSpan.FromSeconds(1));
        floor.Admissions.Due();
        Started().ShouldBe("bbos");
        floor.Clock.Advance(TimeSpan.FromSeconds(1));
        floor.Admissions.Due();
        Started().ShouldBe("os");
    }

    [Fact]
    public void One_run_in_ten_seconds_is_a_rate_too_and_the_clock_is_not_asked_meanwhile()
    {
        var floor = new Floor(o => o.Limits = new() { RunsPerSecond = 0.1 });
        floor.Add(Floor.Flow());
        floor.Add(Floor.Flow());
        floor.AllNext().Count.ShouldBe(1);
        floor.Clock.Advance(TimeSpan.FromSeconds(9));
        floor.Posted.ShouldBeEmpty();
        floor.Clock.Advance(TimeSpan.FromSeconds(1));
        floor.Admissions.Due();
        floor.AllNext().Count.ShouldBe(1);
    }

    [Fact]
    public void A_run_before_its_earliest_start_waits_without_blocking_and_is_not_the_oldest_that_waits()
    {
        var floor = new Floor(o => o.MaxRunningRuns = 1);
        var start = floor.Clock.GetUtcNow().AddHours(1);
        var early = floor.Add(Floor.Flow(priority: Core.Definitions.RunPriority.High), notBefore: start);
        var (first, second) = (floor.Add(Floor.Flow()), floor.Add(Floor.Flow()));
        floor.Next().ShouldBe(first);
        (floor.Admissions.Waiting, floor.Admissions.Oldest).ShouldBe((2, second.Id.Time));
        floor.Admissions.Leave(first);
        floor.Next().ShouldBe(second);
        floor.Clock.AdvanceTo(start);
        floor.Admissions.Due();
        floor.Next().ShouldBeNull();
        floor.Admissions.Oldest.ShouldBe(start);
        floor.Admissions.Leave(second);
        floor.Next().ShouldBe(early);
    }

    [Fact]
    public void A_run_that_is_given_up_before_its_earliest_start_is_gone()
    {
        var floor = new Floor();
        var early = floor.Add(Floor.Flow(), notBefore: floor.Clock.GetUtcNow().AddHours(1));
        floor.Next().ShouldBeNull();
        floor.Admissions.Leave(early);
        floor.Clock.Advance(TimeSpan.FromHours(2));
        floor.Next().ShouldBeNull();
        floor.Admissions.Waiting.ShouldBe(0);
    }
}

using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Runs;

/// <summary>Expected times are told when at risk and when passed, and stop nothing.</summary>
public sealed class SlaTests
{
    private static readonly SlaDefinition TenSeconds = new(TimeSpan.FromSeconds(10));

    [Fact]
    public void A_task_is_told_of_once_at_risk_and_once_exceeded_and_goes_on()
    {
        var bench = new Bench(A.Workflow(A.Task("a") with { Sla = TenSeconds })).Begin();
        bench.Wait(7_999).Take(new RunInput.SlaDue(new("a"))).Count<SlaEvent>().ShouldBe(0);
        bench.Wait(1).Take(new RunInput.SlaDue(new("a"))).Take(new RunInput.SlaDue(new("a")));
        var risk = bench.Last<SlaAtRisk>();
        (risk.Subject.ToString(), risk.ExpectedMs, risk.ElapsedMs).ShouldBe(("a", 10_000, 8_000));
        bench.Wait(3_000).Take(new RunInput.SlaDue(new("a"))).Take(new RunInput.SlaDue(new("a")));
        bench.Last<SlaExceeded>().ElapsedMs.ShouldBe(11_000);
        (bench.Count<SlaEvent>(), bench.Status("a")).ShouldBe((2, "running"));
    }

    [Fact]
    public void A_run_is_told_of_too_and_is_none_of_its_tasks()
    {
        var bench = new Bench(A.Workflow(A.Task("a")) with { Sla = TenSeconds }).Begin().Wait(8_000).Take(new RunInput.SlaDue(null)).Wait(2_000).Take(new RunInput.SlaDue(null));
        (bench.Last<SlaAtRisk>().Subject, bench.Last<SlaExceeded>().Subject).ShouldBe((null, null));
        bench.Succeed("a").State.Status.ShouldBe(RunStatus.Completed);
    }

    [Fact]
    public void Without_a_part_that_means_risk_only_the_end_is_told()
    {
        var bench = new Bench(A.Workflow(A.Task("a") with { Sla = TenSeconds with { AtRisk = 1 } })).Begin().Wait(10_000).Take(new RunInput.SlaDue(new("a")));
        (bench.Count<SlaAtRisk>(), bench.Count<SlaExceeded>()).ShouldBe((0, 1));
    }

    [Fact]
    public void The_time_runs_from_the_first_attempt_and_through_the_waits_for_others()
    {
        var bench = new Bench(A.Workflow(A.Task("a") with { Sla = TenSeconds, Retry = A.Retry(3, 6) })).Begin().Wait(4_000).Fail("a").Wait(6_000).RetryDue("a").Take(new RunInput.SlaDue(new("a")));
        bench.Last<SlaAtRisk>().ElapsedMs.ShouldBe(10_000);
    }

    [Fact]
    public void A_task_that_has_ended_is_not_told_of()
    {
        var bench = new Bench(A.Workflow(A.Task("a") with { Sla = TenSeconds }, A.Task("b"))).Begin().Succeed("a").Wait(20_000).Take(new RunInput.SlaDue(new("a")));
        bench.Count<SlaEvent>().ShouldBe(0);
    }

    [Fact]
    public void What_was_told_before_a_takeover_is_not_told_again_and_the_rest_is_still_owed()
    {
        var bench = new Bench(A.Workflow(A.Event("w", "loaded") with { Sla = TenSeconds })).Begin().Wait(8_000).Take(new RunInput.SlaDue(new("w"))).TakeOver();
        Effects.From(bench.State).ShouldContain(new RunEffect.ArmSla(new("w"), bench.Now.AddSeconds(2)));
        bench.Take(new RunInput.SlaDue(new("w"))).Count<SlaAtRisk>().ShouldBe(1);
    }

    [Fact]
    public void Handlers_are_no_part_of_what_is_expected_of_a_run()
    {
        var bench = new Bench(A.Workflow(A.Task("a")) with { Sla = TenSeconds, Handlers = new() { Finally = [A.Task("h")] } }).Begin().Succeed("a").Wait(60_000).Take(new RunInput.SlaDue(null));
        bench.Count<SlaEvent>().ShouldBe(0);
    }
}

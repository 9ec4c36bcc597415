using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Runs;

/// <summary>A stage says how it ended: one that was cut short has not completed.</summary>
public sealed class StageEndTests
{
    private static Bench Two(Func<WorkflowDefinition, WorkflowDefinition>? with = null, params TaskDefinition[] more)
    {
        var workflow = A.Workflow([A.Task("a") with { Stage = "one" }, A.Task("b") with { Stage = "one" }, A.Task("c", "b") with { Stage = "two" }, .. more]) with { Stages = ["one", "two"] };
        return new Bench(with is null ? workflow : with(workflow)).Begin().Succeed("a");
    }

    private static StageEvent End(Bench bench, string stage) => bench.Events.Select(e => e.Event).OfType<StageEvent>().Last(e => e.StageName == stage);

    [Fact]
    public void A_stage_in_which_the_run_was_cancelled_is_cut_short()
    {
        var bench = Two().Take(new RunInput.Cancel("ann")).Finish("b", new TaskOutcome.Cancelled());
        End(bench, "one").ShouldBe(new StageFailed("one", "The run was cancelled by ann.", null, 0) { CancelReason = CancelReason.RunCancelled });
        End(bench, "two").ShouldBeOfType<StageSkipped>();
    }

    [Fact]
    public void A_stage_in_which_the_run_took_too_long_failed_by_timeout()
    {
        var bench = Two(w => w with { Timeout = TimeSpan.FromSeconds(5) }).Wait(5_000).Take(new RunInput.RunTimeoutDue()).Finish("b", new TaskOutcome.Cancelled());
        End(bench, "one").ShouldBe(new StageFailed("one", "The run took longer than its timeout of 5 s.", FailureKind.Timeout, 5_000) { CancelReason = CancelReason.RunTimeout });
    }

    [Fact]
    public void A_stage_that_was_stopped_because_the_run_failed_elsewhere_is_cut_short()
    {
        var bench = Two(w => w with { FailFast = true, OnFailFast = OnFailFast.Cancel }, A.Task("z")).Fail("z").Finish("b", new TaskOutcome.Cancelled());
        End(bench, "one").ShouldBeOfType<StageFailed>().ShouldSatisfyAllConditions(s => s.ErrorType.ShouldBeNull(), s => s.CancelReason.ShouldBe(CancelReason.FailFast));
        End(bench, "default").ShouldBeOfType<StageFailed>().ShouldSatisfyAllConditions(s => s.ErrorType.ShouldBe(FailureKind.ExitCode), s => s.CancelReason.ShouldBeNull());
    }

    [Fact]
    public void A_stage_with_a_failure_of_its_own_tells_that_one_though_the_run_was_cancelled()
    {
        var bench = Two(w => w with { FailFast = false }, A.Task("d") with { Stage = "one" }).Fail("d").Take(new RunInput.Cancel("ann")).Finish("b", new TaskOutcome.Cancelled());
        End(bench, "one").ShouldBeOfType<StageFailed>().ErrorType.ShouldBe(FailureKind.ExitCode);
    }

    [Fact]
    public void A_stage_that_was_done_before_the_run_was_cancelled_completed()
    {
        var bench = Two().Succeed("b").Take(new RunInput.Cancel("ann")).Finish("c", new TaskOutcome.Cancelled());
        End(bench, "one").ShouldBeOfType<StageCompleted>();
        End(bench, "two").ShouldBeOfType<StageFailed>().CancelReason.ShouldBe(CancelReason.RunCancelled);
    }
}

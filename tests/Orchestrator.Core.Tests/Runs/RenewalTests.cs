using Orchestrator.Core.Runs;
using Orchestrator.Core.Runs.Replay;
using Orchestrator.Core.Reconciliation;
using Orchestrator.Core.Planning;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Runs;

public sealed class RenewalTests
{
    [Fact]
    public void A_task_that_runs_again_for_its_secret_results_keeps_its_end_and_its_counts()
    {
        var workflow = A.Workflow(A.Task("login") with { SecretOutputs = ["token"] }, A.Task("use", "login"));
        var bench = new Bench(workflow).Begin()
            .Take(new RunInput.AttemptFinished(new("login"), 1, new TaskOutcome.Succeeded { SecretOutputs = ["token"] }, 1));
        bench.State.Of(new("login")).SecretOutputs.ShouldBe(["token"]);
        bench.Take(new RunInput.Renew(new("use"), 1, new("login"), 2)).Take(new RunInput.Renewed(new("use"), 1, new("login"), 2, 5, null));
        bench.State.Of(new("login")).ShouldSatisfyAllConditions(t => t.Attempt.ShouldBe(1), t => t.LastRenewal.ShouldBe(2), t => t.Status.ShouldBe(TaskStatus.Completed));
        bench.Succeed("use");
        bench.State.Counts.Completed.ShouldBe(2);
        bench.Types.ShouldContain("task.renewing use");
        RunInvariants.Of(bench.Id, bench.Events).ShouldBeEmpty();
        RunReplay.Of(new RunPlan(workflow), bench.Events).Difference.ShouldBeNull();
    }

    [Fact]
    public void Nothing_is_run_again_for_an_attempt_that_has_ended()
    {
        var bench = new Bench(A.Workflow(A.Task("login") with { SecretOutputs = ["token"] }, A.Task("use", "login"), A.Task("last", "use"))).Begin().Succeed("login").Succeed("use");
        var before = bench.Events.Count;
        bench.Take(new RunInput.Renew(new("use"), 1, new("login"), 2)).Take(new RunInput.Renewed(new("use"), 2, new("login"), 2, 5, null));
        bench.Events.Count.ShouldBe(before);
    }
}

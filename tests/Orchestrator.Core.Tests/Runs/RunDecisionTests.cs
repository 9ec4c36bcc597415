using Orchestrator.Core.Runs;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Runs;

public sealed class RunDecisionTests
{
    [Fact]
    public void A_run_of_one_task_says_everything_once_and_in_order()
    {
        var bench = new Bench(A.Workflow(A.Task("a"))).Begin().Wait(5).Succeed("a");

        bench.Types.ShouldBe([
            "workflow.created", "workflow.queued", "workflow.started", "stage.started", "task.started a",
            "task.completed a", "stage.completed", "workflow.finalizing", "workflow.completed"]);
        bench.State.End.ShouldBeOfType<WorkflowCompleted>().DurationMs.ShouldBe(5);
    }

    [Fact]
    public void A_dependant_starts_in_the_turn_its_last_dependency_completes()
    {
        var bench = new Bench(A.Workflow(A.Task("a"), A.Task("b"), A.Task("c", "a", "b"))).Begin().Succeed("a");
        bench.Status("c").ShouldBe("pending");
        bench.Succeed("b");
        bench.Status("c").ShouldBe("running");
    }

    [Fact]
    public void There_is_no_barrier_between_levels()
    {
        var bench = new Bench(A.Workflow(A.Task("slow"), A.Task("a"), A.Task("b", "a"), A.Task("c", "b"))).Begin();
        bench.Succeed("a").Succeed("b").Succeed("c");
        bench.Status("slow").ShouldBe("running");
        bench.Status("c").ShouldBe("completed");
    }

    [Fact]
    public void Max_parallel_and_slots_hold_and_waiting_tasks_start_in_order()
    {
        var bench = new Bench(A.Workflow(A.Task("a"), A.Task("b"), A.Task("c")) with { MaxParallel = 1 }).Begin();
        bench.State.RunningTasks.Count.ShouldBe(1);
        bench.Types.ShouldContain("task.queued b");
        bench.Succeed("a");
        bench.Status("b").ShouldBe("running");
        bench.Status("c").ShouldBe("pending");
    }

    [Fact]
    public void A_failure_is_retried_after_the_delay_the_policy_says_and_holds_no_slot()
    {
        var bench = new Bench(A.Workflow(A.Task("a") with { Retry = A.Retry(3, 2) }, A.Task("b")), slots: 1).Begin().Fail("a");
        var retrying = (TaskRetrying)bench.Events.Last(e => e.Event is TaskRetrying).Event;
        (retrying.DelayMs, retrying.NextAttempt).ShouldBe((2000, 2));
        bench.Status("b").ShouldBe("running");
        bench.RetryDue("a");
        bench.Status("a").ShouldBe("retrying");   // due, but the slot is b's
        bench.Succeed("b");
        bench.Status("a").ShouldBe("running");
        bench.Fail("a").RetryDue("a").Fail("a");
        bench.State.End.ShouldBeOfType<WorkflowFailed>().ErrorType.ShouldBe(FailureKind.ExitCode);
        bench.State.Of(new("a")).Attempt.ShouldBe(3);
    }

    [Theory]
    [InlineData(new[] { 75 }, 75, true)]
    [InlineData(new[] { 75 }, 1, false)]
    [InlineData(new int[0], 1, true)]
    public void Only_the_exit_codes_asked_for_are_retried(int[] codes, int code, bool retried)
    {
        var bench = new Bench(A.Workflow(A.Task("a") with { Retry = A.Retry(2) with { OnExitCodes = [.. codes] } })).Begin();
        bench.Finish("a", new TaskOutcome.Failed(FailureKind.ExitCode, "x") { Process = new("p", 1, code) });
        (bench.State.Of(new("a")).Status == TaskStatus.Retrying).ShouldBe(retried);
    }

    [Fact]
    public void Failing_fast_skips_what_is_behind_cancels_the_rest_and_lets_what_runs_finish()
    {
        var bench = new Bench(A.Workflow(
            A.Task("bad"), A.Task("slow"), A.Task("behind", "bad"), A.Task("further", "behind"), A.Task("other", "slow"),
            A.Task("always", "slow") with { RunWhen = RunWhen.AllDone }, A.Task("alarm", "bad") with { RunWhen = RunWhen.OneFailed })).Begin();
        bench.Fail("bad");
        bench.Status("behind").ShouldBe("skipped:dependency_failed");
        bench.Status("further").ShouldBe("skipped:dependency_failed");
        bench.Status("other").ShouldBe("cancelled");
        bench.Status("alarm").ShouldBe("running");
        bench.Succeed("slow").Succeed("alarm");
        bench.Status("always").ShouldBe("running");
        bench.Succeed("always");
        bench.State.End!.Counts.ShouldBe(new RunCounts(7, 3, 1, 0, 2, 1));
        bench.State.Status.ShouldBe(RunStatus.Failed);
    }

    [Fact]
    public void Without_fail_fast_everything_that_is_not_behind_the_failure_runs()
    {
        var bench = new Bench(A.Workflow(A.Task("bad"), A.Task("ok"), A.Task("behind", "bad"), A.Task("after", "ok")) with { FailFast = false }).Begin();
        bench.Fail("bad").Succeed("ok").Succeed("after");
        bench.State.End!.Counts.ShouldBe(new RunCounts(4, 2, 1, 0, 1, 0));
    }

    [Fact]
    public void An_allowed_failure_counts_as_success_for_dependants_and_the_run()
    {
        var bench = new Bench(A.Workflow(A.Task("a") with { AllowFailure = true }, A.Task("b", "a"))).Begin().Fail("a").Succeed("b");
        bench.State.End.ShouldBeOfType<WorkflowCompleted>().Counts.ShouldBe(new RunCounts(2, 1, 0, 1, 0, 0));
    }

    [Fact]
    public void Cancel_stops_what_runs_and_ends_what_does_not()
    {
        var bench = new Bench(A.Workflow(A.Task("a"), A.Task("b", "a"))).Begin().Take(new RunInput.Cancel("me"));
        bench.Status("b").ShouldBe("cancelled");
        bench.Outstanding.ShouldContain(new RunEffect.CancelAttempt(new("a"), 1));
        bench.Finish("a", new TaskOutcome.Cancelled());
        bench.State.End.ShouldBeOfType<WorkflowCancelled>().RequestedBy.ShouldBe("me");
    }

    [Fact]
    public void A_run_whose_last_task_completes_before_the_cancel_reaches_it_has_completed()
    {
        var bench = new Bench(A.Workflow(A.Task("a"))).Begin().Take(new RunInput.Cancel("me")).Succeed("a");
        bench.State.Status.ShouldBe(RunStatus.Completed);
    }

    [Fact]
    public void A_waiting_run_is_cancelled_without_ever_starting()
    {
        var bench = new Bench(A.Workflow(A.Task("a")))
            .Take(new RunInput.Create(new WorkflowCreated { Workflow = "test", DefinitionVersion = "v" }, 3)).Take(new RunInput.Cancel("me"));
        bench.State.End.ShouldBeOfType<WorkflowCancelled>().StatusFrom.ShouldBe(RunStatus.Queued);
        bench.Types.ShouldNotContain("workflow.started");
    }

    [Fact]
    public void The_run_timeout_stops_a_run_inside_one_task_and_fails_it()
    {
        var bench = new Bench(A.Workflow(A.Task("a"), A.Task("b", "a")) with { Timeout = TimeSpan.FromSeconds(5) }).Begin();
        bench.Outstanding.OfType<RunEffect.ArmRunTimeout>().Single().At.ShouldBe(bench.State.StartedAt.Utc.AddSeconds(5));
        bench.Wait(5000).Take(new RunInput.RunTimeoutDue()).Finish("a", new TaskOutcome.Cancelled());
        var end = bench.State.End.ShouldBeOfType<WorkflowFailed>();
        (end.ErrorType, end.ErrorClass, end.Counts.Cancelled).ShouldBe((FailureKind.Timeout, ErrorClass.Timeout, 2));
    }

    [Fact]
    public void A_lost_attempt_is_repeated_without_using_up_an_attempt()
    {
        var bench = new Bench(A.Workflow(A.Task("a") with { Retry = A.Retry(2) })).Begin().Crash().Take(new RunInput.Recover("w2", "worker w1 is gone"));
        bench.State.OwnerEpoch.ShouldBe(2);
        bench.Status("a").ShouldBe("retrying");
        bench.RetryDue("a").Fail("a");
        bench.Status("a").ShouldBe("retrying");   // one failure so far, two attempts allowed
    }

    [Fact]
    public void A_task_that_is_not_idempotent_fails_when_its_attempt_is_lost()
    {
        var bench = new Bench(A.Workflow(A.Task("a") with { Idempotent = false })).Begin().Crash().Take(new RunInput.Recover("w2", "gone"));
        bench.State.End.ShouldBeOfType<WorkflowFailed>().ErrorType.ShouldBe(FailureKind.WorkerLost);
    }

    [Fact]
    public void Losses_have_a_bound_of_their_own()
    {
        var bench = new Bench(A.Workflow(A.Task("a")) with { MaxWorkerLosses = 2 }).Begin();
        for (var n = 0; n < 2; n++) bench.Crash().Take(new RunInput.Recover("w", "gone")).RetryDue("a");
        bench.Status("a").ShouldBe("running");
        bench.Crash().Take(new RunInput.Recover("w", "gone"));
        bench.Status("a").ShouldBe("failed");
    }

    [Fact]
    public void A_condition_sees_results_and_a_false_one_skips_the_task()
    {
        var bench = new Bench(A.Workflow(A.Task("a"), A.Task("b", "a") with { If = "tasks.a.outputs.rows > 10" }, A.Task("c", "b"))).Begin().Succeed("a", ("rows", 3));
        bench.Status("b").ShouldBe("skipped:condition");
        bench.Status("c").ShouldBe("skipped:dependency_skipped");
        bench.State.Status.ShouldBe(RunStatus.Completed);
    }

    [Fact]
    public void A_condition_that_cannot_be_evaluated_fails_the_task_and_says_why()
    {
        var bench = new Bench(A.Workflow(A.Task("a"), A.Task("b", "a") with { If = "tasks.a.outputs.rows > 10" })).Begin().Succeed("a");
        var failed = (TaskFailed)bench.Events.Single(e => e.Event is TaskFailed).Event;
        (failed.Kind, failed.Attempt).ShouldBe((FailureKind.ConditionError, 0));
        failed.Error.ShouldContain("rows");
        bench.State.Status.ShouldBe(RunStatus.Failed);
    }

    [Fact]
    public void Stages_open_with_their_first_task_close_with_their_last_and_may_interleave()
    {
        var bench = new Bench(A.Workflow(A.Task("a") with { Stage = "one" }, A.Task("b") with { Stage = "two" }, A.Task("c", "b") with { Stage = "one" })
            with { Stages = ["one", "two"] }).Begin().Succeed("b").Succeed("a").Succeed("c");
        bench.Events.Where(e => e.Event is StageEvent).Select(e => $"{e.Event.Type} {((StageEvent)e.Event).StageName}")
            .ShouldBe(["stage.started one", "stage.started two", "stage.completed two", "stage.completed one"]);
    }

    [Fact]
    public void An_outcome_that_comes_twice_or_too_late_changes_nothing()
    {
        var bench = new Bench(A.Workflow(A.Task("a"), A.Task("b"))).Begin().Succeed("a");
        var before = bench.Events.Count;
        bench.Take(new RunInput.AttemptFinished(new("a"), 1, new TaskOutcome.Failed(FailureKind.Error, "late"), 1));
        bench.Events.Count.ShouldBe(before);
    }

    [Fact]
    public void A_task_that_is_repeated_waits_behind_those_that_waited_before_it_whoever_looked_at_the_line_meanwhile()
    {
        foreach (var looked in new[] { false, true })
        {
            var bench = new Bench(A.Workflow(A.Task("first"), A.Task("a") with { Retry = A.Retry(2, 1) }, A.Task("b")), slots: 1).Begin().Succeed("first");
            bench.Slots = 0;
            bench.Fail("a");
            if (looked) bench.State.WantsSlot.ShouldBeTrue();
            bench.Wait(2000).RetryDue("a");
            bench.Slots = 1;
            bench.Take(new RunInput.Continue());
            bench.Types[^1].ShouldBe("task.started b", $"looked at: {looked}");
        }
    }
}

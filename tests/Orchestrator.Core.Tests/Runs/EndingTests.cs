using System.Collections.Immutable;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Runs;

/// <summary>The end of a run: its outcome, its handlers, its results, and the run that repeats it.</summary>
public sealed class EndingTests
{
    private static readonly HandlersDefinition Handlers = new()
    {
        OnSuccess = [A.Task("good")], OnFailure = [A.Task("page"), A.Task("tidy")], OnCancel = [A.Task("undo")], Finally = [A.Task("last")],
    };

    private static WorkflowDefinition Handled(params TaskDefinition[] tasks) => A.Workflow(tasks) with { Handlers = Handlers };

    [Fact]
    public void Handlers_run_one_after_another_once_the_outcome_is_fixed_and_the_terminal_event_is_last()
    {
        var bench = new Bench(Handled(A.Task("a"))).Begin().Fail("a").Succeed("page").Succeed("tidy").Succeed("last");
        bench.Types[^9..].ShouldBe([
            "stage.failed", "workflow.finalizing", "task.started page", "task.completed page", "task.started tidy", "task.completed tidy",
            "task.started last", "task.completed last", "workflow.failed"]);
        bench.Events.Select(e => e.Event).OfType<TaskEvent>().Where(e => e.Task.ToString() != "a").ShouldAllBe(e => e.Role == TaskEvent.Handler);
        bench.State.End!.Counts.ShouldBe(new RunCounts(1, 0, 1, 0, 0, 0), "handlers are not counted");
    }

    [Theory]
    [InlineData(RunStatus.Completed, "good last")]
    [InlineData(RunStatus.Failed, "page tidy last")]
    [InlineData(RunStatus.Cancelled, "undo last")]
    public void Every_outcome_has_handlers_of_its_own_and_those_for_all(RunStatus outcome, string handlers)
    {
        var bench = new Bench(Handled(A.Task("a"))).Begin();
        if (outcome == RunStatus.Completed) bench.Succeed("a");
        else if (outcome == RunStatus.Failed) bench.Fail("a");
        else bench.Take(new RunInput.Cancel("me")).Finish("a", new TaskOutcome.Cancelled());
        foreach (var handler in handlers.Split(' ')) bench.Succeed(handler);
        bench.State.Status.ShouldBe(outcome);
    }

    [Fact]
    public void A_handlers_failure_is_counted_and_changes_neither_the_outcome_nor_the_handlers_behind_it()
    {
        var bench = new Bench(Handled(A.Task("a"))).Begin().Succeed("a").Fail("good").Succeed("last");
        bench.State.End.ShouldBeOfType<WorkflowCompleted>().HandlersFailed.ShouldBe(1);
    }

    [Fact]
    public void A_handler_is_retried_and_waits_like_any_task_although_the_run_has_failed()
    {
        var handlers = new HandlersDefinition { OnFailure = [A.Task("h") with { Retry = A.Retry(2) }, A.Wait("pause", "1m")] };
        var bench = new Bench(A.Workflow(A.Task("a")) with { Handlers = handlers }).Begin().Fail("a").Fail("h");
        bench.Status("h").ShouldBe("retrying");
        bench.RetryDue("h").Succeed("h").WaitDue("pause");
        bench.State.End.ShouldBeOfType<WorkflowFailed>().HandlersFailed.ShouldBe(0);
    }

    [Fact]
    public void A_handlers_condition_sees_how_the_run_ended()
    {
        var handlers = new HandlersDefinition { Finally = [A.Task("yes") with { If = "run.outcome == 'failed' && run.failed_tasks[0] == 'a'" }, A.Task("no") with { If = "run.outcome == 'completed'" }] };
        var bench = new Bench(A.Workflow(A.Task("a")) with { Handlers = handlers }).Begin().Fail("a").Succeed("yes");
        bench.Status("no").ShouldBe("skipped:condition");
        bench.State.Status.ShouldBe(RunStatus.Failed);
    }

    [Fact]
    public void Handlers_have_the_runs_time_anew_and_what_is_left_of_them_then_is_cancelled()
    {
        var bench = new Bench(Handled(A.Task("a")) with { Timeout = TimeSpan.FromSeconds(5) }).Begin().Wait(4_000).Fail("a");
        bench.State.TimeoutAt.ShouldBe(bench.Now.AddSeconds(5));
        bench.Wait(1_000).Take(new RunInput.RunTimeoutDue());
        bench.Status("page").ShouldBe("running", "that was the timer of the run itself");
        bench.Wait(4_000).Take(new RunInput.RunTimeoutDue()).Finish("page", new TaskOutcome.Cancelled());
        (bench.Status("tidy"), bench.Status("last")).ShouldBe(("cancelled", "running"));
        bench.State.TimeoutAt.ShouldBe(bench.Now.AddSeconds(5), "finally has a budget of its own");
        bench.Outstanding.OfType<RunEffect.ArmRunTimeout>().ShouldContain(t => t.At == bench.Now.AddSeconds(5));
        bench.Wait(4_000).Take(new RunInput.RunTimeoutDue());
        bench.Status("last").ShouldBe("running", "that was not its timer");
        bench.Wait(1_000).Take(new RunInput.RunTimeoutDue()).Finish("last", new TaskOutcome.Cancelled());
        bench.State.End.ShouldBeOfType<WorkflowFailed>().ErrorType.ShouldBe(FailureKind.ExitCode, "what ends handlers does not become the run's failure");
    }

    [Fact]
    public void Cancelling_ends_the_handlers_and_keeps_a_failed_run_from_being_repeated()
    {
        var bench = new Bench(Handled(A.Task("a")) with { Retry = A.Retry(2) }).Begin().Fail("a").Take(new RunInput.Cancel("me")).Finish("page", new TaskOutcome.Cancelled());
        (bench.Status("tidy"), bench.Status("last")).ShouldBe(("cancelled", "running"));
        bench.Succeed("last");
        bench.State.Status.ShouldBe(RunStatus.Failed);
        bench.Count<WorkflowRetrying>().ShouldBe(0);
    }

    [Theory]
    [InlineData(RunStatus.Completed)]
    [InlineData(RunStatus.Failed)]
    [InlineData(RunStatus.Cancelled)]
    public void Finally_starts_whatever_ended_the_run_and_the_handlers_before_it(RunStatus outcome)
    {
        foreach (var how in (RunInput[])[new RunInput.Cancel("me"), new RunInput.RunTimeoutDue()])
        {
            var bench = new Bench(Handled(A.Task("a")) with { Timeout = TimeSpan.FromSeconds(5) }).Begin();
            if (outcome == RunStatus.Completed) bench.Succeed("a");
            else if (outcome == RunStatus.Failed) bench.Fail("a");
            else bench.Take(new RunInput.Cancel("me")).Finish("a", new TaskOutcome.Cancelled());
            var first = outcome == RunStatus.Completed ? "good" : outcome == RunStatus.Failed ? "page" : "undo";
            bench.Wait(5_000).Take(how).Finish(first, new TaskOutcome.Cancelled());
            bench.Status("last").ShouldBe("running");
            // The same from the record alone, as after a crash.
            bench.Crash().TakeOver().RetryDue("last").Succeed("last");
            bench.State.Status.ShouldBe(outcome);
        }
    }

    [Fact]
    public void A_cancel_while_finally_runs_ends_it()
    {
        var bench = new Bench(Handled(A.Task("a"))).Begin().Succeed("a").Succeed("good").Take(new RunInput.Cancel("me")).Finish("last", new TaskOutcome.Cancelled());
        (bench.Status("last"), bench.State.Status).ShouldBe(("cancelled", RunStatus.Completed));
    }

    [Fact]
    public void A_takeover_repeats_the_handler_that_was_lost_and_not_those_that_ran()
    {
        var bench = new Bench(Handled(A.Task("a"))).Begin().Fail("a").Succeed("page").TakeOver();
        (bench.Status("page"), bench.Status("tidy"), bench.Status("last")).ShouldBe(("completed", "retrying", "pending"));
        bench.RetryDue("tidy").Succeed("tidy").Succeed("last");
        bench.State.Status.ShouldBe(RunStatus.Failed);
        bench.Count<WorkflowFinalizing>().ShouldBe(1);
    }

    [Fact]
    public void A_failed_run_with_attempts_left_ends_only_when_the_run_that_repeats_it_is_accepted()
    {
        var bench = new Bench(A.Workflow(A.Task("a")) with { Retry = A.Retry(2, 30) }).Begin().Fail("a");
        var next = bench.Last<WorkflowRetrying>();
        (next.NextAttempt, next.DelayMs, next.NotBefore).ShouldBe((2, 30_000, bench.Now.AddSeconds(30)));
        bench.Outstanding.ShouldContain(new RunEffect.SubmitRetry(next.NextRunId, 2, next.NotBefore));
        bench.State.IsTerminal.ShouldBeFalse();
        bench.Take(new RunInput.RetryAccepted(null));
        bench.State.End.ShouldBeOfType<WorkflowFailed>().Reason.ShouldBe($"1 failed of 1 tasks; started anew as {next.NextRunId}");
    }

    [Fact]
    public void A_repetition_that_is_refused_ends_the_run_and_says_so()
    {
        var bench = new Bench(A.Workflow(A.Task("a")) with { Retry = A.Retry(2) }).Begin().Fail("a").Take(new RunInput.RetryAccepted("no place"));
        bench.State.End!.Reason.ShouldBe("1 failed of 1 tasks; it could not be started anew: no place");
    }

    [Fact]
    public void A_takeover_between_the_decision_to_repeat_and_the_end_owes_the_same_repetition()
    {
        var bench = new Bench(A.Workflow(A.Task("a")) with { Retry = A.Retry(2) }).Begin().Fail("a");
        var next = bench.Last<WorkflowRetrying>();
        bench.Wait(60_000).TakeOver();
        Effects.From(bench.State).OfType<RunEffect.SubmitRetry>().ShouldHaveSingleItem().Run.ShouldBe(next.NextRunId);
        bench.Count<WorkflowRetrying>().ShouldBe(1);
    }

    [Fact]
    public void Handlers_run_before_a_run_is_repeated()
    {
        var bench = new Bench(Handled(A.Task("a")) with { Retry = A.Retry(2) }).Begin().Fail("a");
        bench.Count<WorkflowRetrying>().ShouldBe(0);
        bench.Succeed("page").Succeed("tidy").Succeed("last").Count<WorkflowRetrying>().ShouldBe(1);
    }

    [Theory]
    [InlineData(1, FailureKind.ExitCode, true)]
    [InlineData(2, FailureKind.ExitCode, false)]
    [InlineData(1, FailureKind.Signal, false)]
    public void A_run_is_repeated_as_often_as_its_policy_says_and_for_the_failures_it_names(int attempt, FailureKind kind, bool repeated)
    {
        var bench = new Bench(A.Workflow(A.Task("a")) with { Retry = A.Retry(2) with { OnKinds = [FailureKind.ExitCode] } })
            .Take(new RunInput.Create(new() { Workflow = "test", DefinitionVersion = "v", RunAttempt = attempt }, 0)).Take(new RunInput.Admit("w1")).Fail("a", kind);
        bench.Count<WorkflowRetrying>().ShouldBe(repeated ? 1 : 0);
    }

    [Fact]
    public void Only_failed_runs_are_repeated()
    {
        new Bench(A.Workflow(A.Task("a")) with { Retry = A.Retry(2) }).Begin().Take(new RunInput.Cancel("me")).Finish("a", new TaskOutcome.Cancelled()).Count<WorkflowRetrying>().ShouldBe(0);
        new Bench(A.Workflow(A.Task("a")) with { Retry = A.Retry(2) }).Begin().Succeed("a").Count<WorkflowRetrying>().ShouldBe(0);
    }

    [Fact]
    public void A_completed_run_tells_its_results()
    {
        var flow = A.Workflow(A.Task("a")) with { Outputs = ImmutableSortedDictionary<string, string>.Empty.Add("rows", "${{ tasks.a.outputs.rows }}") };
        new Bench(flow).Begin().Succeed("a", ("rows", 3)).State.End.ShouldBeOfType<WorkflowCompleted>().WorkflowResult!["rows"].GetInt32().ShouldBe(3);
    }

    [Fact]
    public void A_run_whose_results_cannot_be_worked_out_has_failed()
    {
        var flow = A.Workflow(A.Task("a")) with { Outputs = ImmutableSortedDictionary<string, string>.Empty.Add("rows", "${{ tasks.a.outputs.rows }}") };
        var end = new Bench(flow).Begin().Succeed("a").State.End.ShouldBeOfType<WorkflowFailed>();
        (end.ErrorType, end.Counts).ShouldBe((FailureKind.ConditionError, new RunCounts(1, 1, 0, 0, 0, 0)));
        end.Error.ShouldStartWith("The run's results cannot be worked out: ");
    }

    [Fact]
    public void A_run_that_another_takes_the_place_of_is_cancelled_as_superseded()
    {
        var end = new Bench(A.Workflow(A.Task("a"))).Begin().Take(new RunInput.Cancel("run 7", CancelReason.Superseded)).Finish("a", new TaskOutcome.Cancelled()).State.End.ShouldBeOfType<WorkflowCancelled>();
        (end.CancelReason, end.Reason).ShouldBe((CancelReason.Superseded, "superseded: run 7"));
    }
}

using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Runs;

/// <summary>Tasks that wait without a slot: for time, an event, a check, another run.</summary>
public sealed class WaitingTests
{
    [Fact]
    public void A_wait_for_a_time_holds_no_slot_and_ends_when_it_is_due()
    {
        var bench = new Bench(A.Workflow(A.Wait("w", "10m"), A.Task("a")), slots: 1).Begin();
        bench.Status("a").ShouldBe("running");
        bench.Last<TaskWaiting>().Until.ShouldBe(bench.Now.AddMinutes(10));
        bench.WaitDue("w");
        bench.Last<TaskCompleted>().DurationMs.ShouldBe(600_000);
    }

    [Fact]
    public void A_wait_that_is_due_ends_although_the_clock_was_set_back_in_that_very_moment()
    {
        var bench = new Bench(A.Workflow(A.Wait("w", "10m"))).Begin().Wait(599_000).Take(new RunInput.WaitDue(new("w"), 1));
        bench.Status("w").ShouldBe("completed", "its timer has fired and will not fire again");
    }

    [Theory]
    [InlineData("0s", null)]
    [InlineData(null, "2025-12-31T23:59:59Z")]
    [InlineData(null, "2026-01-01T02:00:00+02:00")]
    public void A_wait_for_something_that_has_passed_is_over_at_once(string? duration, string? until)
    {
        var bench = new Bench(A.Workflow(A.Task("w") with { Action = new WaitAction { For = duration, Until = until } }, A.Task("a", "w"))).Begin();
        bench.Status("a").ShouldBe("running");
        bench.Count<TaskWaiting>().ShouldBe(0);
    }

    [Theory]
    [InlineData("soon", null)]
    [InlineData("-5s", null)]
    [InlineData("5000000d", null)]
    [InlineData(null, "tomorrow")]
    public void A_wait_for_what_is_no_time_fails_and_says_what_it_found(string? duration, string? until)
    {
        var bench = new Bench(A.Workflow(A.Task("w") with { Action = new WaitAction { For = duration, Until = until }, Retry = A.Retry(3) })).Begin();
        bench.State.Of(new("w")).Failure.ShouldBe(FailureKind.ConditionError);
        bench.Last<TaskFailed>().Error.ShouldContain($"'{duration ?? until}'");
    }

    [Fact]
    public void A_timeout_shorter_than_the_wait_fails_it_and_its_retry_waits_anew()
    {
        var bench = new Bench(A.Workflow(A.Wait("w", "10m") with { Timeout = TimeSpan.FromMinutes(1), Retry = A.Retry(2, 5) })).Begin().WaitDue("w");
        (bench.Last<TaskRetrying>().ErrorType, bench.Last<TaskRetrying>().Error).ShouldBe((FailureKind.Timeout, "The wait took longer than its timeout of 1m."));
        bench.Wait(5000).RetryDue("w").WaitDue("w");
        bench.State.End.ShouldBeOfType<WorkflowFailed>().ErrorType.ShouldBe(FailureKind.Timeout);
    }

    [Fact]
    public void A_timer_of_an_attempt_that_is_over_changes_nothing()
    {
        var bench = new Bench(A.Workflow(A.Event("w", "loaded") with { Timeout = TimeSpan.FromMinutes(1), Retry = A.Retry(2) })).Begin().WaitDue("w").RetryDue("w");
        var before = bench.Events.Count;
        bench.Take(new RunInput.WaitDue(new("w"), 1));
        bench.Events.Count.ShouldBe(before);
    }

    [Fact]
    public void An_event_ends_every_wait_for_it_and_its_data_are_their_results()
    {
        var bench = new Bench(A.Workflow(A.Event("one", "loaded"), A.Event("two", "loaded"), A.Event("other", "checked"))).Begin().Signal("loaded", ("rows", 3));
        (bench.Status("one"), bench.Status("two"), bench.Status("other")).ShouldBe(("completed", "completed", "running"));
        bench.State.Of(new("two")).Outputs["rows"].GetInt32().ShouldBe(3);
    }

    [Fact]
    public void An_event_that_comes_before_anybody_waits_for_it_is_not_kept()
    {
        var bench = new Bench(A.Workflow(A.Task("a"), A.Event("w", "loaded", "a"))).Begin().Signal("loaded").Succeed("a");
        bench.Status("w").ShouldBe("running");
        bench.State.Status.ShouldBe(RunStatus.Paused);
    }

    [Fact]
    public void An_event_that_does_not_come_within_the_timeout_fails_the_task()
    {
        var bench = new Bench(A.Workflow(A.Event("w", "loaded") with { Timeout = TimeSpan.FromHours(1) })).Begin().WaitDue("w");
        bench.State.End.ShouldBeOfType<WorkflowFailed>().ErrorClass.ShouldBe(ErrorClass.Timeout);
    }

    [Fact]
    public void A_run_is_paused_only_while_nothing_but_waits_is_left_and_says_for_what()
    {
        var bench = new Bench(A.Workflow(A.Task("a"), A.Event("w", "loaded"), A.Wait("t", "1h"))).Begin();
        bench.State.Status.ShouldBe(RunStatus.Running);
        bench.Succeed("a").State.Status.ShouldBe(RunStatus.Paused);
        bench.Last<WorkflowPaused>().Reason.ShouldBe("everything left waits for time, event");
        bench.Signal("loaded");
        bench.Last<WorkflowResumed>().Reason.ShouldBe("event 'loaded' has come");
        (bench.State.Status, bench.Count<WorkflowPaused>()).ShouldBe((RunStatus.Paused, 2), "the other wait is left");
    }

    [Fact]
    public void A_run_that_waits_for_another_run_is_not_paused()
    {
        var bench = new Bench(A.Workflow(A.Task("child") with { Action = new WorkflowAction("other") }, A.Event("w", "loaded"))).Begin();
        bench.State.Status.ShouldBe(RunStatus.Running);
        bench.Succeed("child").State.Status.ShouldBe(RunStatus.Paused);
    }

    [Fact]
    public void Every_attempt_of_a_task_that_runs_another_workflow_has_a_run_of_its_own()
    {
        var bench = new Bench(A.Workflow(A.Task("child") with { Action = new WorkflowAction("other"), Retry = A.Retry(2) })).Begin();
        var first = bench.Last<TaskWaiting>().ChildRunId;
        first.ShouldBe(RunId.ForChild(bench.Id, new("child"), 1, bench.Now));
        bench.Fail("child").RetryDue("child");
        bench.Last<TaskWaiting>().ChildRunId.ShouldNotBe(first);
    }

    [Fact]
    public void A_check_that_is_interrupted_goes_on_waiting_and_costs_no_attempt()
    {
        var bench = new Bench(A.Workflow(A.Task("p") with { Action = new WaitAction { Poll = new() { Check = new NoopAction() } } })).Begin();
        var before = bench.Events.Count;
        bench.Finish("p", new TaskOutcome.Interrupted());
        bench.Events.Count.ShouldBe(before);
        bench.TakeOver();
        (bench.State.Of(new("p")).Losses, bench.State.Of(new("p")).Attempt).ShouldBe((0, 1));
        Effects.From(bench.State).ShouldContain(new RunEffect.StartAttempt(new("p"), 1));
        bench.Succeed("p").State.Status.ShouldBe(RunStatus.Completed);
    }

    [Fact]
    public void A_wait_outlives_a_takeover_with_the_instant_it_began_with()
    {
        var bench = new Bench(A.Workflow(A.Wait("w", "10m"))).Begin();
        var until = bench.Last<TaskWaiting>().Until!.Value;
        bench.Wait(60_000).TakeOver();
        Effects.From(bench.State).ShouldContain(new RunEffect.ArmWait(new("w"), 1, until));
        bench.State.Status.ShouldBe(RunStatus.Paused);
        bench.WaitDue("w").State.Status.ShouldBe(RunStatus.Completed);
    }

    [Fact]
    public void Cancelling_ends_waits_at_once_and_asks_whoever_carries_others_out_to_stop()
    {
        var bench = new Bench(A.Workflow(A.Wait("w", "10m"), A.Event("e", "loaded"), A.Ask("q"), A.Task("child") with { Action = new WorkflowAction("other") })).Begin().Take(new RunInput.Cancel("me"));
        (bench.Status("w"), bench.Status("e"), bench.Status("q"), bench.Status("child")).ShouldBe(("cancelled", "cancelled", "cancelled", "running"));
        bench.Outstanding.ShouldContain(new RunEffect.CancelAttempt(new("child"), 1));
        bench.Finish("child", new TaskOutcome.Cancelled()).State.End!.Counts.Cancelled.ShouldBe(4);
    }

    [Fact]
    public void Cancelling_a_paused_run_resumes_it_first()
    {
        var bench = new Bench(A.Workflow(A.Event("w", "loaded"))).Begin().Take(new RunInput.Cancel("me"));
        bench.Types.IndexOf("workflow.resumed").ShouldBeLessThan(bench.Types.IndexOf("workflow.cancel_requested"));
        bench.State.Status.ShouldBe(RunStatus.Cancelled);
    }

    [Theory]
    [InlineData(OnFailFast.Drain, false)]
    [InlineData(OnFailFast.Cancel, true)]
    public void Failing_fast_ends_waits_and_lets_a_run_of_another_workflow_go_on_unless_it_cancels(OnFailFast mode, bool stops)
    {
        var bench = new Bench(A.Workflow(A.Task("bad"), A.Wait("w", "10m"), A.Task("child") with { Action = new WorkflowAction("other") }) with { OnFailFast = mode }).Begin().Fail("bad");
        bench.Status("w").ShouldBe("cancelled");
        bench.Status("child").ShouldBe("running");
        bench.Outstanding.Contains(new RunEffect.CancelAttempt(new("child"), 1)).ShouldBe(stops);
    }
}

using Orchestrator.Core.Runs;
using Orchestrator.Core.Runs.Replay;
using Orchestrator.Core.Tests.Runs.Replay;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Runs;

/// <summary>What a machine has to know later is a value on the event: messages may be worded anew at any time.</summary>
public sealed class FactTests
{
    public static TheoryData<string> Names => [.. GoldenRuns.All.Keys];

    [Fact]
    public void A_lost_attempt_states_whether_its_worker_stopped_or_was_gone()
    {
        var bench = new Bench(A.Workflow(A.Task("a"))).Begin().Finish("a", new TaskOutcome.Interrupted());
        bench.Last<TaskRetrying>().Loss.ShouldBe(LossCause.WorkerStopped);
        bench.RetryDue("a").TakeOver();
        bench.Last<TaskRetrying>().Loss.ShouldBe(LossCause.WorkerGone);
        bench.State.Of(new("a")).Losses.ShouldBe(2);
        bench.RetryDue("a").Fail("a");
        (bench.Last<TaskFailed>().Loss, bench.Last<TaskFailed>().RetryRefused).ShouldBe((null, null));
    }

    [Fact]
    public void A_loss_that_is_not_repeated_states_why()
    {
        Refused(new Bench(A.Workflow(A.Task("a") with { Idempotent = false })).Begin().TakeOver()).ShouldBe(NoRetryReason.NotIdempotent);
        Refused(new Bench(A.Workflow(A.Task("a")) with { MaxWorkerLosses = 0 }).Begin().TakeOver()).ShouldBe(NoRetryReason.LossLimit);
        var ending = new Bench(A.Workflow(A.Task("a"), A.Task("b")) with { FailFast = true }).Begin().Fail("b").TakeOver();
        Refused(ending).ShouldBe(NoRetryReason.RunEnding);
        ending.Last<TaskFailed>().Loss.ShouldBe(LossCause.WorkerGone);
    }

    [Fact]
    public void A_failure_with_attempts_left_states_why_none_follows()
    {
        var retried = A.Task("a") with { Retry = A.Retry(3) };
        Refused(new Bench(A.Workflow(retried)).Begin().Fail("a", retryable: false)).ShouldBe(NoRetryReason.NotRetryable);
        Refused(new Bench(A.Workflow(retried with { Retry = A.Retry(3) with { OnKinds = [FailureKind.Timeout] } })).Begin().Fail("a")).ShouldBe(NoRetryReason.NotRetryable);
        Refused(new Bench(A.Workflow(retried, A.Task("b")) with { FailFast = true }).Begin().Fail("b").Fail("a")).ShouldBe(NoRetryReason.RunEnding);
        Refused(new Bench(A.Workflow(A.Task("a"))).Begin().Fail("a", retryable: false)).ShouldBeNull("none was left");
    }

    [Fact]
    public void A_task_that_ends_between_two_attempts_states_that_it_closes_none()
    {
        var bench = new Bench(A.Workflow(A.Task("a") with { Retry = A.Retry(3) }, A.Task("b"))).Begin().Fail("a").Take(new RunInput.Cancel("ann"));
        bench.Last<TaskCancelled>().ShouldBe(new TaskCancelled(new("a"), 1, CancelReason.RunCancelled) { ClosesAttempt = false, Attempts = 1 });
        bench.Finish("b", new TaskOutcome.Cancelled()).Last<TaskCancelled>().ClosesAttempt.ShouldBeNull();
    }

    [Fact]
    public void A_run_whose_repetition_was_refused_states_why()
    {
        var bench = new Bench(A.Workflow(A.Task("a")) with { Retry = A.Retry(2) }).Begin().Fail("a").Take(new RunInput.RetryAccepted("no place"));
        bench.State.End.ShouldBeOfType<WorkflowFailed>().RetryRefusal.ShouldBe("no place");
    }

    [Fact]
    public void A_queued_task_states_the_pool_it_waits_for()
    {
        var bench = new Bench(A.Workflow(A.Task("a") with { Pool = "db" }, A.Task("b") with { Pool = "db" }, A.Task("c")), slots: 1);
        bench.Pools["db"] = 1;
        bench.Begin().Events.Select(e => e.Event).OfType<TaskQueued>().Select(q => (q.Task.ToString(), q.Pool)).ShouldBe([("b", "db"), ("c", null)]);
    }

    [Theory, MemberData(nameof(Names))]
    public void Messages_that_are_worded_anew_change_neither_replay_nor_state(string name)
    {
        var bench = GoldenRuns.All[name]();
        var reworded = bench.Events.Select(e => e with { Event = Reword(e.Event) }).ToList();
        RunReplay.Of(bench.State.Plan, reworded).Difference?.ToString().ShouldBeNull();
        var state = new RunState(bench.State.Plan);
        foreach (var e in reworded) state.Apply(e);
        Enumerable.Range(0, state.TaskCount).Select(i => (state[i].Status, state[i].Losses, state[i].Attempt))
            .ShouldBe(Enumerable.Range(0, state.TaskCount).Select(i => (bench.State[i].Status, bench.State[i].Losses, bench.State[i].Attempt)));
    }

    private static NoRetryReason? Refused(Bench bench) => bench.Last<TaskFailed>().RetryRefused;

    private static JournalEvent Reword(JournalEvent e) => e switch
    {
        TaskRetrying r => r with { Error = "Reworded: " + r.Error },
        TaskFailed f => f with { Error = "Reworded: " + f.Error },
        TaskQueued q => q with { Reason = "reworded" },
        StageFailed s => s with { Error = "Reworded." },
        StageSkipped s => s with { Reason = "reworded" },
        WorkflowQueued q => q with { Reason = "reworded" },
        WorkflowStarted s => s with { Reason = "reworded" },
        WorkflowRecovered r => r with { Reason = "reworded" },
        WorkflowPaused p => p with { Reason = "reworded" },
        WorkflowResumed r => r with { Reason = "reworded" },
        WorkflowFinalizing { Error: not null } f => f with { Error = "Reworded." },
        WorkflowFailed f => f with { Error = "Reworded.", Reason = "reworded" },
        WorkflowCompleted c => c with { Reason = "reworded" },
        WorkflowCancelled c => c with { Reason = "reworded" },
        _ => e,
    };
}

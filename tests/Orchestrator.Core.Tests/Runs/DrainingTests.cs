using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Runs.Replay;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Runs;

/// <summary>A worker that is stopping starts nothing; whoever takes the run over goes on where it stopped.</summary>
public sealed class DrainingTests
{
    public static TheoryData<string> Kinds => [.. After.Keys];

    // Each comes after task `a` and begins without a slot, but for the last.
    private static readonly Dictionary<string, TaskDefinition> After = new()
    {
        ["wait"] = A.Wait("b", "50ms", "a"),
        ["event"] = A.Event("b", "loaded", "a"),
        ["poll"] = A.Task("b", "a") with { Action = new WaitAction { Poll = new() { Check = new NoopAction() } } },
        ["approval"] = A.Ask("b") with { DependsOn = [new("a")] },
        ["workflow"] = A.Task("b", "a") with { Action = new WorkflowAction("child") },
        ["foreach"] = A.Each("b", 2, "a"),
        ["noop"] = A.Task("b", "a"),
    };

    [Theory, MemberData(nameof(Kinds))]
    public void A_task_of_any_kind_whose_gates_open_is_queued_and_begins_after_the_takeover(string kind)
    {
        var bench = new Bench(A.Workflow(A.Task("a"), After[kind])).Begin();
        bench.IsDraining = true;
        bench.Wait(5).Succeed("a");
        bench.Types.ShouldContain("task.queued b");
        bench.Types.ShouldNotContain("task.started b");
        bench.State.Status.ShouldBe(RunStatus.Running, "it does not wait for people, time or events yet");
        bench.Take(new RunInput.Continue()).Types.ShouldNotContain("task.started b");
        bench.IsDraining = false;
        bench.Wait(5).TakeOver();
        bench.Types.ShouldContain("task.started b");
        bench.Events.Select(e => e.Event).OfType<TaskStarted>().Single(s => s.Task == new TaskId("b")).Executor.ShouldBe(kind is "event" or "poll" ? "wait" : kind);
        RunReplay.Of(bench.State.Plan, bench.Events).Difference?.ToString().ShouldBeNull();
    }

    [Fact]
    public void A_retry_that_comes_due_is_left_to_the_next_worker()
    {
        var bench = new Bench(A.Workflow(A.Task("a") with { Retry = A.Retry(2) })).Begin().Fail("a");
        bench.IsDraining = true;
        var told = bench.Events.Count;
        bench.Wait(1000).RetryDue("a");
        bench.Events.Count.ShouldBe(told, "nothing is decided");
        bench.IsDraining = false;
        bench.TakeOver();
        Effects.From(bench.State).ShouldContain(e => e is RunEffect.ArmRetry);
        bench.RetryDue("a").Last<TaskStarted>().Attempt.ShouldBe(2);
    }

    [Fact]
    public void A_retry_of_a_task_that_needs_no_slot_is_left_too()
    {
        var bench = new Bench(A.Workflow(After["workflow"] with { DependsOn = [], Retry = A.Retry(2) })).Begin().Fail("b", FailureKind.Error);
        bench.IsDraining = true;
        bench.Wait(1000).RetryDue("b").Count<TaskStarted>().ShouldBe(1);
        bench.IsDraining = false;
        bench.TakeOver().RetryDue("b").Count<TaskStarted>().ShouldBe(2);
    }

    [Fact]
    public void No_place_of_an_attempt_that_ends_is_filled()
    {
        var bench = new Bench(A.Workflow(A.Task("a"), A.Task("b")), slots: 1).Begin();
        bench.IsDraining = true;
        bench.Succeed("a").Count<TaskStarted>().ShouldBe(1);
        bench.IsDraining = false;
        bench.TakeOver().Count<TaskStarted>().ShouldBe(2);
    }

    [Fact]
    public void A_handler_is_left_and_what_needs_no_start_is_decided()
    {
        var bench = new Bench(A.Workflow(A.Task("a"), A.Task("no", "a") with { If = "false" }) with { Handlers = new() { Finally = [A.Wait("tell", "50ms")] } }).Begin();
        bench.IsDraining = true;
        bench.Succeed("a");
        bench.Status("no").ShouldBe("skipped:condition");
        bench.State.Outcome.ShouldBe(RunStatus.Completed);
        bench.Types.ShouldNotContain("task.started tell");
        bench.IsDraining = false;
        bench.TakeOver().WaitDue("tell").State.End.ShouldBeOfType<WorkflowCompleted>();
        RunReplay.Of(bench.State.Plan, bench.Events).Difference?.ToString().ShouldBeNull();
    }

    [Fact]
    public void What_is_held_back_is_cancelled_with_the_run()
    {
        var bench = new Bench(A.Workflow(A.Task("a"), After["approval"])).Begin();
        bench.IsDraining = true;
        bench.Succeed("a").Take(new RunInput.Cancel("ann"));
        bench.Status("b").ShouldBe("cancelled");
        bench.State.End.ShouldBeOfType<WorkflowCancelled>();
    }
}

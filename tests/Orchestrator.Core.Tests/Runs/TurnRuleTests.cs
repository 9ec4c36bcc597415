using Orchestrator.Core.Planning;
using Orchestrator.Core.Runs;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Runs;

/// <summary>Rules of a turn that only show where two things meet: a pool and many tasks, a timer and handlers, an old attempt and a new one.</summary>
public sealed class TurnRuleTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_slot_of_a_pool_is_taken_once_in_a_turn_although_the_worker_still_counts_it_as_free()
    {
        var state = new RunState(new RunPlan(A.Workflow([.. Enumerable.Range(0, 4).Select(i => A.Task($"t{i}") with { Pool = "db" })])));
        var id = RunId.New(Start, new byte[10]);
        var turn = new Turn(state, StreamId.Run(id), new(new(Start, 0), 100, _ => 2));
        turn.Take(new RunInput.Create(new WorkflowCreated { Workflow = "test", DefinitionVersion = "v" }, 0));
        turn.Take(new RunInput.Admit("w1"));
        turn.Events.Count(e => e.Event is TaskStarted).ShouldBe(2);
        turn.Events.Count(e => e.Event is TaskQueued { Pool: "db" }).ShouldBe(2);

        turn = new Turn(state, StreamId.Run(id), new(new(Start, 0), 100, _ => 0));
        foreach (var task in (string[])["t0", "t1"]) turn.Take(new RunInput.AttemptFinished(new(task), 1, new TaskOutcome.Succeeded(), 1));
        turn.Events.Count(e => e.Event is TaskStarted).ShouldBe(2, "one in the place of each that ended");
    }

    [Fact]
    public void The_smaller_rank_goes_first_in_a_pool_and_among_pools()
    {
        var tasks = new[] { ("first", 0, "db"), ("late", 9, "db"), ("early", 1, "db"), ("middle", 5, (string?)null) };
        var bench = new Bench(A.Workflow([.. tasks.Select(t => A.Task(t.Item1) with { Rank = t.Item2, Pool = t.Item3 })]), slots: 1);
        bench.Pools["db"] = 1;
        bench.Begin();
        foreach (var next in (string[])["first", "early", "middle", "late"])
        {
            bench.Last<TaskStarted>().Task.ShouldBe(new(next));
            bench.Succeed(next);
        }
        bench.State.End.ShouldBeOfType<WorkflowCompleted>();
    }

    [Fact]
    public void The_smaller_rank_goes_first_in_a_pool_although_it_came_later()
    {
        var bench = new Bench(A.Workflow(A.Task("first") with { Pool = "db" }, A.Task("gate"), A.Task("late") with { Pool = "db", Rank = 9 }, A.Task("early", "gate") with { Pool = "db", Rank = 1 }));
        bench.Pools["db"] = 1;
        bench.Begin().Succeed("gate");
        bench.Events.Select(e => e.Event).OfType<TaskQueued>().Select(q => q.Task.ToString()).ShouldBe(["late", "early"]);
        bench.Succeed("first").Last<TaskStarted>().Task.ShouldBe(new("early"));
        bench.Succeed("early").Last<TaskStarted>().Task.ShouldBe(new("late"));
    }

    [Theory]
    [InlineData(true, "skipped:dependency_failed")]
    [InlineData(false, "skipped:dependency_skipped")]
    public void The_reason_of_a_skip_passes_through_tasks_that_were_skipped(bool fails, string reason)
    {
        var root = fails ? A.Task("root") : A.Task("root") with { If = "false" };
        var bench = new Bench(A.Workflow(root, A.Task("one", "root"), A.Task("two", "one"), A.Task("three", "two")) with { FailFast = false }).Begin();
        if (fails) bench.Fail("root");
        foreach (var task in (string[])["one", "two", "three"]) bench.Status(task).ShouldBe(reason);
    }

    [Fact]
    public void A_failure_among_skipped_dependencies_is_the_reason_wherever_it_stands()
    {
        foreach (var order in (string[][])[["skipped", "behind"], ["behind", "skipped"]])
        {
            var bench = new Bench(A.Workflow(A.Task("bad"), A.Task("behind", "bad"), A.Task("skipped") with { If = "false" }, A.Task("last", order)) with { FailFast = false }).Begin().Fail("bad");
            bench.Status("behind").ShouldBe("skipped:dependency_failed");
            bench.Status("last").ShouldBe("skipped:dependency_failed");
        }
    }

    [Fact]
    public void A_timer_of_the_run_that_rings_late_leaves_handlers_their_own_time()
    {
        var bench = new Bench(A.Workflow(A.Task("a")) with { Timeout = TimeSpan.FromSeconds(10), Handlers = new() { Finally = [A.Task("tell")] } }).Begin();
        bench.Wait(9_000).Succeed("a");
        bench.Status("tell").ShouldBe("running");
        bench.Wait(1_000).Take(new RunInput.RunTimeoutDue());   // of the run, armed at its start
        bench.Count<WorkflowCancelRequested>().ShouldBe(0);
        bench.Wait(8_999).Take(new RunInput.RunTimeoutDue()).Count<WorkflowCancelRequested>().ShouldBe(0);
        bench.Wait(1).Take(new RunInput.RunTimeoutDue());       // ten seconds after the outcome was fixed
        bench.Last<WorkflowCancelRequested>().Reason.ShouldBe(CancelReason.RunTimeout);
        bench.State.Of(new("tell")).Stopping.ShouldBe(CancelReason.RunTimeout);
    }

    [Fact]
    public void Durations_over_a_restart_with_a_clock_that_was_set_back_are_zero_and_never_negative()
    {
        var bench = new Bench(A.Workflow(A.Task("a") with { Stage = "s" }, A.Wait("b", "1h") with { Stage = "s" }) with { Stages = ["s"] }).Begin().Wait(60_000).Crash().Wait(-90_000).Take(new RunInput.Recover("w2", "gone"));
        var lost = bench.Last<TaskRetrying>();
        (lost.AttemptDurationMs, lost.Resumed).ShouldBe((0, true));
        bench.RetryDue("a").Wait(10).Succeed("a").Wait(10).Take(new RunInput.Cancel("ann"));
        bench.State.IsTerminal.ShouldBeTrue();
        foreach (var e in bench.Events.Select(e => e.Event))
            foreach (var ms in Durations(e)) ms.ShouldBeGreaterThanOrEqualTo(0, e.Type);
        (bench.State.End!.DurationMs, bench.State.End.Resumed).ShouldBe((0, true));
    }

    [Theory]
    [InlineData(5, 100, 8, 40, 3)]              // both in this process: the monotonic clock
    [InlineData(5, 100, 4, 200, 0)]
    [InlineData(double.NaN, 100, 8, 140, 40)]   // another process: the wall's clock
    [InlineData(double.NaN, 100, 8, 90, 0)]
    public void Time_between_two_moments(double earlierMs, int earlierUtc, double laterMs, int laterUtc, double expected) =>
        new Moment(Start.AddMilliseconds(laterUtc), laterMs).Since(new(Start.AddMilliseconds(earlierUtc), earlierMs)).ShouldBe(expected);

    [Fact]
    public void Progress_counts_only_from_the_attempt_in_flight()
    {
        var bench = new Bench(A.Workflow(A.Task("a") with { Retry = A.Retry(2) })).Begin();
        Told(1).ShouldBe(1);
        bench.Fail("a");
        Told(1).ShouldBe(1, "its attempt has ended");
        Told(2).ShouldBe(1, "the next has not begun");
        bench.RetryDue("a");
        Told(1).ShouldBe(1, "the first has ended");
        Told(2).ShouldBe(2);
        bench.Last<TaskProgress>().Attempt.ShouldBe(2);
        bench.Succeed("a");
        Told(2).ShouldBe(2);

        int Told(int attempt) => bench.Take(new RunInput.Progress(new("a"), attempt, "half", 50)).Count<TaskProgress>();
    }

    private static double[] Durations(JournalEvent e) => e switch
    {
        TaskCompleted c => [c.DurationMs, c.QueueMs, c.AttemptDurationMs],
        TaskFailed f => [f.DurationMs, f.QueueMs, f.AttemptDurationMs],
        TaskCancelled c => [c.DurationMs, c.AttemptDurationMs],
        AttemptClosed c => [c.AttemptDurationMs],
        StageCompleted s => [s.DurationMs],
        StageFailed s => [s.DurationMs],
        WorkflowStarted s => [s.QueueWaitMs],
        WorkflowEnded w => [w.DurationMs],
        _ => [],
    };
}

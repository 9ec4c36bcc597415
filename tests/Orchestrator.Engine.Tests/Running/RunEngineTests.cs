using Orchestrator.Core;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Running;
using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Running;

public sealed class RunEngineTests
{
    [Fact]
    public async Task A_run_goes_through_its_graph_and_its_end_is_told_once_it_is_durable()
    {
        await using var rig = new Rig();
        var (id, end) = await rig.StartAsync(Rig.Flow(Rig.Task("a"), Rig.Task("b", "a")));
        (await rig.Gate.NextAsync()).Succeed();
        var b = await rig.Gate.NextAsync();
        b.Task.ShouldBe("b");
        b.Succeed();
        (await end).ShouldBeOfType<WorkflowCompleted>();
        (await rig.EventsAsync(id))[^1].Event.ShouldBeOfType<WorkflowCompleted>();
    }

    [Fact]
    public async Task A_retry_waits_for_the_journaled_time_by_the_engines_clock_and_holds_no_slot()
    {
        await using var rig = new Rig(o => o.Slots = 1);
        var flow = Rig.Flow(Rig.Task("a") with { Retry = new() { MaxAttempts = 2, InitialDelay = TimeSpan.FromMinutes(5), MaxDelay = TimeSpan.FromHours(1) } }, Rig.Task("b"));
        var (_, end) = await rig.StartAsync(flow);
        (await rig.Gate.NextAsync()).Fail();
        var b = await rig.Gate.NextAsync();
        b.Task.ShouldBe("b");
        b.Succeed();
        await rig.Clock.WaitForTimersAsync(1);
        rig.Clock.Advance(TimeSpan.FromMinutes(5));
        var again = await rig.Gate.NextAsync();
        (again.Task, again.Attempt.Attempt).ShouldBe(("a", 2));
        again.Succeed();
        (await end).ShouldBeOfType<WorkflowCompleted>();
    }

    [Fact]
    public async Task A_task_timeout_fails_the_attempt_as_timeout()
    {
        await using var rig = new Rig();
        var (_, end) = await rig.StartAsync(Rig.Flow(Rig.Task("a") with { Timeout = TimeSpan.FromSeconds(30) }));
        await rig.Gate.NextAsync();
        rig.Clock.Advance(TimeSpan.FromSeconds(30));
        (await end).ShouldBeOfType<WorkflowFailed>().ErrorType.ShouldBe(FailureKind.Timeout);
    }

    [Fact]
    public async Task The_wait_for_a_slot_before_a_further_attempt_is_not_part_of_its_timeout()
    {
        await using var rig = new Rig(o => o.Slots = 1);
        var flow = Rig.Flow(
            Rig.Task("a") with { Timeout = TimeSpan.FromSeconds(30), Retry = new() { MaxAttempts = 2, InitialDelay = TimeSpan.FromSeconds(1) } }, Rig.Task("b"));
        var (id, end) = await rig.StartAsync(flow);
        (await rig.Gate.NextAsync()).Fail();
        var b = await rig.Gate.NextAsync();
        await rig.Clock.WaitForTimersAsync(1);
        var queued = rig.NextAsync<TaskQueued>(e => e.Task.ToString() == "a");
        rig.Clock.Advance(TimeSpan.FromSeconds(1));
        await queued;
        rig.Clock.Advance(TimeSpan.FromMinutes(5));
        b.Succeed();
        var again = await rig.Gate.NextAsync();
        (again.Task, again.Attempt.Attempt).ShouldBe(("a", 2));
        again.Succeed();
        (await end).ShouldBeOfType<WorkflowCompleted>();
        (await rig.EventsAsync(id)).Count(e => e.Event is TaskRetrying).ShouldBe(1);
    }

    [Fact]
    public async Task Runs_that_were_cancelled_in_line_do_not_count_as_waiting()
    {
        await using var rig = new Rig(o => o.MaxRunningRuns = 1);
        var (_, first) = await rig.StartAsync(Rig.Flow(Rig.Task("a")));
        var a = await rig.Gate.NextAsync();
        var (second, cancelled) = await rig.StartAsync(Rig.Flow(Rig.Task("b")));
        await rig.Engine.CancelAsync(second, "me");
        (await cancelled).ShouldBeOfType<WorkflowCancelled>();
        var (third, _) = await rig.StartAsync(Rig.Flow(Rig.Task("c")));
        (rig.Engine.Snapshot.QueuedRuns, rig.Engine.Snapshot.OldestQueued).ShouldBe((1, third.Time));
        a.Succeed();
        await first;
        (await rig.Gate.NextAsync()).Task.ShouldBe("c");
    }

    [Fact]
    public async Task The_run_timeout_reaches_into_a_running_task()
    {
        await using var rig = new Rig();
        var (_, end) = await rig.StartAsync(Rig.Flow(Rig.Task("a"), Rig.Task("b", "a")) with { Timeout = TimeSpan.FromHours(2) });
        await rig.Gate.NextAsync();
        await rig.Clock.WaitForTimersAsync(1);
        rig.Clock.Advance(TimeSpan.FromHours(2));
        var failed = (await end).ShouldBeOfType<WorkflowFailed>();
        (failed.ErrorClass, failed.Cancelled).ShouldBe((ErrorClass.Timeout, 2));
    }

    [Fact]
    public async Task Cancel_stops_the_attempt_and_a_wait_for_a_retry()
    {
        await using var rig = new Rig();
        var (id, end) = await rig.StartAsync(Rig.Flow(
            Rig.Task("runs"), Rig.Task("waits") with { Retry = new() { MaxAttempts = 2, InitialDelay = TimeSpan.FromHours(1), MaxDelay = TimeSpan.FromHours(1) } }));
        var retrying = rig.NextAsync<TaskRetrying>();
        foreach (var _ in (int[])[1, 2])
            if (await rig.Gate.NextAsync() is { Task: "waits" } held) held.Fail();
        await retrying;
        (await rig.Engine.CancelAsync(id, "me")).ShouldBeTrue();
        (await end).ShouldBeOfType<WorkflowCancelled>().Counts.ShouldBe(new RunCounts(2, 0, 0, 0, 0, 2));
    }

    [Fact]
    public async Task Slots_are_shared_by_all_runs_and_free_ones_go_to_the_run_that_waits()
    {
        await using var rig = new Rig(o => o.Slots = 1);
        var (_, first) = await rig.StartAsync(Rig.Flow(Rig.Task("a")));
        var (_, second) = await rig.StartAsync(Rig.Flow(Rig.Task("b")));
        var a = await rig.Gate.NextAsync();
        rig.Gate.AnyWaiting.ShouldBeFalse();
        a.Succeed();
        (await rig.Gate.NextAsync()).Succeed();
        (await first).ShouldBeOfType<WorkflowCompleted>();
        (await second).ShouldBeOfType<WorkflowCompleted>();
    }

    [Fact]
    public async Task Runs_beyond_the_running_limit_wait_in_line()
    {
        await using var rig = new Rig(o => o.MaxRunningRuns = 1);
        var (_, first) = await rig.StartAsync(Rig.Flow(Rig.Task("a")));
        var (waiting, second) = await rig.StartAsync(Rig.Flow(Rig.Task("b")));
        (await rig.EventsAsync(waiting))[^1].Event.ShouldBeOfType<WorkflowQueued>();
        (await rig.Gate.NextAsync()).Succeed();
        await first;
        (await rig.Gate.NextAsync()).Succeed();
        (await second).ShouldBeOfType<WorkflowCompleted>();
    }

    [Fact]
    public async Task More_open_runs_than_allowed_are_refused_and_nothing_of_them_is_journaled()
    {
        await using var rig = new Rig(o => o.MaxOpenRuns = 1);
        await rig.StartAsync(Rig.Flow(Rig.Task("a")));
        await Should.ThrowAsync<TooManyRunsException>(() => rig.Engine.SubmitAsync(new RunRequest { Definition = Rig.Flow(Rig.Task("b")), Origin = new RunOrigin.Api("test") }));
    }

    [Fact]
    public async Task The_same_id_twice_is_one_run()
    {
        await using var rig = new Rig();
        var id = RunId.ForSchedule("here", "flow/s", rig.Clock.GetUtcNow());
        var request = new RunRequest { Definition = Rig.Flow(Rig.Task("a")), Origin = new RunOrigin.Schedule("two", DateTimeOffset.UnixEpoch), RunId = id };
        var both = await Task.WhenAll(rig.Engine.SubmitAsync(request), rig.Engine.SubmitAsync(request));
        both.Count(a => a.AlreadyExisted).ShouldBe(1);
        (await rig.EventsAsync(id)).Count(e => e.Event is WorkflowCreated).ShouldBe(1);
    }

    [Fact]
    public async Task Stopping_lets_what_runs_finish_and_starts_nothing_more()
    {
        await using var rig = new Rig();
        var (id, _) = await rig.StartAsync(Rig.Flow(Rig.Task("a"), Rig.Task("b", "a")));
        var a = await rig.Gate.NextAsync();
        var completed = rig.NextAsync<TaskCompleted>();
        var stopping = rig.Engine.StopAsync(TimeSpan.FromHours(1));
        a.Succeed();
        await completed;
        await stopping;
        (await rig.EventsAsync(id)).ShouldNotContain(e => e.Event is TaskStarted && ((TaskStarted)e.Event).Task.ToString() == "b");
    }

    [Fact]
    public async Task A_run_interrupted_at_shutdown_is_taken_over_and_completed_tasks_are_not_repeated()
    {
        RunId id;
        List<RecordedEvent> history;
        string data;
        await using (var first = new Rig())
        {
            data = first.Data;
            (id, var end) = await first.StartAsync(Rig.Flow(Rig.Task("a"), Rig.Task("b", "a")));
            (await first.Gate.NextAsync()).Succeed();
            await first.Gate.NextAsync();
            await first.Engine.StopAsync(TimeSpan.Zero);
            await Should.ThrowAsync<RunInterruptedException>(() => end);
            history = await first.EventsAsync(id);
        }
        history[^1].Event.ShouldNotBeAssignableTo<WorkflowEnded>();

        var journal = new MemoryRunJournal();
        await journal.AppendAsync(StreamId.Run(id), 0, 0, history, AppendDurability.Committed);
        await using var second = new Rig(journal: journal, data: data);
        await second.Engine.AdoptAsync([new(id, history)], "worker rig is gone");
        var wait = second.Engine.WaitAsync(id);
        var again = await second.Gate.NextAsync();
        (again.Task, again.Attempt.Attempt).ShouldBe(("b", 2));
        again.Succeed();
        (await wait.WaitAsync(TimeSpan.FromSeconds(30))).ShouldBeOfType<WorkflowCompleted>();
    }

    [Fact]
    public async Task A_run_whose_worker_died_in_an_attempt_is_taken_over_and_the_slot_comes_back()
    {
        var journal = new MemoryRunJournal();
        await using var rig = new Rig(o => o.Slots = 1, journal);
        var flow = Rig.Flow(Rig.Task("a"));
        var id = RunId.New(rig.Clock.GetUtcNow(), new byte[10]);
        RunEvent[] facts =
        [
            new WorkflowCreated { Workflow = flow.Name, DefinitionVersion = rig.Definitions.Save(flow) }, new WorkflowQueued("accepted", "default", 0, 0),
            new WorkflowStarted { TotalTasks = 1, Stages = ["default"] }, new StageStarted("default", 1), new TaskStarted(new("a"), 1, 1, "delegate"),
        ];
        List<RecordedEvent> history = [.. facts.Select((e, i) => new RecordedEvent(StreamId.Run(id), i + 1, rig.Clock.GetUtcNow(), e))];
        await journal.AppendAsync(StreamId.Run(id), 0, 0, history, AppendDurability.Committed);
        await rig.Engine.AdoptAsync([new(id, history)], "worker w1 is gone");
        var end = rig.Engine.WaitAsync(id);
        (await rig.Gate.NextAsync()).Succeed();
        (await end.WaitAsync(TimeSpan.FromSeconds(30))).ShouldBeOfType<WorkflowCompleted>();
        await rig.Engine.StopAsync(TimeSpan.FromHours(1)).WaitAsync(TimeSpan.FromSeconds(30));
        rig.Engine.Snapshot.UsedSlots.ShouldBe(0);
    }

    [Fact]
    public async Task A_run_whose_results_are_gone_is_told_of_and_keeps_no_other_from_being_taken_over()
    {
        await using var rig = new Rig();
        var flow = Rig.Flow(Rig.Task("a"), Rig.Task("b", "a"));
        var version = rig.Definitions.Save(flow);
        AdoptedRun Left(byte number, bool withFile)
        {
            var id = RunId.New(rig.Clock.GetUtcNow(), [number, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
            RunEvent[] facts =
            [
                new WorkflowCreated { Workflow = flow.Name, DefinitionVersion = version }, new WorkflowQueued("accepted", "default", 0, 0),
                new WorkflowStarted { TotalTasks = 2, Stages = ["default"] }, new StageStarted("default", 2), new TaskStarted(new("a"), 1, 1, "delegate"),
                new TaskCompleted(new("a"), 1) { OutputsFile = withFile ? "outputs/a.json" : null },
            ];
            return new(id, [.. facts.Select((e, i) => new RecordedEvent(StreamId.Run(id), i + 1, rig.Clock.GetUtcNow(), e))]);
        }
        var (broken, whole) = (Left(1, withFile: true), Left(2, withFile: false));
        await rig.Journal.AppendAsync(StreamId.Run(whole.RunId), 0, 0, whole.Events, AppendDurability.Committed);
        var refused = await rig.Engine.AdoptAsync([broken, whole], "worker w1 is gone");
        refused.ShouldHaveSingleItem().Id.ShouldBe(broken.RunId);
        var end = rig.Engine.WaitAsync(whole.RunId);
        (await rig.Gate.NextAsync()).Succeed();
        (await end.WaitAsync(TimeSpan.FromSeconds(30))).ShouldBeOfType<WorkflowCompleted>();
    }

    [Fact]
    public async Task An_executor_that_throws_is_a_panic_of_its_task_and_the_engine_goes_on()
    {
        await using var rig = new Rig();
        var (_, end) = await rig.StartAsync(Rig.Flow(Rig.Task("a")));
        (await rig.Gate.NextAsync()).Release.SetException(new InvalidOperationException("a bug"));
        (await end).ShouldBeOfType<WorkflowFailed>().ErrorType.ShouldBe(FailureKind.Panic);
        var (_, next) = await rig.StartAsync(Rig.Flow(Rig.Task("b")));
        (await rig.Gate.NextAsync()).Succeed();
        (await next).ShouldBeOfType<WorkflowCompleted>();
    }
}

using System.Collections.Immutable;
using Orchestrator.Core;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Tests.Journal;
using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Running;

/// <summary>Runs of other workflows: waited for, left alone, cancelled, and found again after a restart.</summary>
public sealed class ChildRunTests
{
    private static readonly WorkflowDefinition Child = new()
    {
        Name = "child", Tasks = [Rig.Task("c")], Outputs = ImmutableSortedDictionary<string, string>.Empty.Add("answer", "${{ 6 * 7 }}"),
    };

    private static TaskDefinition Call(string workflow = "child", bool detach = false) => Rig.Task("call") with { Action = new WorkflowAction(workflow) { Detach = detach } };

    // With files: the end of a run that is not open any more is read from them.
    private static async Task<Rig> RigAsync(string? data = null)
    {
        data ??= Directory.CreateTempSubdirectory("orc-child").FullName;
        var rig = new Rig(journal: (await JsonlRunJournal.OpenAsync(new() { DataDirectory = data, Writer = "rig" })).WithFeed(), data: data);
        rig.Workflows["child"] = Child;
        return rig;
    }

    private static async Task<RunId> ChildOf(Rig rig, RunId parent) => (await rig.EventsAsync(parent)).Select(e => e.Event).OfType<TaskWaiting>().Last().ChildRunId!.Value;

    private static async Task AdoptAsync(Rig rig, params RunId[] runs)
    {
        var left = new List<AdoptedRun>();
        foreach (var run in runs) left.Add(new(run, await rig.EventsAsync(run)));
        (await rig.Engine.AdoptAsync(left, "worker rig is gone")).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_task_waits_for_the_run_without_a_slot_and_takes_its_results_over()
    {
        await using var rig = await RigAsync();
        rig.Options.Slots = 1;
        var (id, end) = await rig.StartAsync(Rig.Flow(Call()));
        var c = await rig.Gate.NextAsync();
        (await rig.EventsAsync(c.Attempt.RunId))[0].Event.ShouldBeOfType<WorkflowCreated>().ParentRunId.ShouldBe(id);
        c.Succeed();
        (await end).ShouldBeOfType<WorkflowCompleted>();
        var done = (await rig.EventsAsync(id)).Select(e => e.Event).OfType<TaskCompleted>().Single();
        (done.Outputs!["run_id"].GetString(), done.Outputs["answer"].GetInt32()).ShouldBe((c.Attempt.RunId.ToString(), 42));
    }

    [Fact]
    public async Task A_detached_run_goes_on_when_the_one_that_started_it_has_completed()
    {
        await using var rig = await RigAsync();
        var (_, end) = await rig.StartAsync(Rig.Flow(Call(detach: true)));
        (await end).ShouldBeOfType<WorkflowCompleted>();
        var c = await rig.Gate.NextAsync();
        var child = rig.EndOf(c.Attempt.RunId);
        c.Succeed();
        (await child).ShouldBeOfType<WorkflowCompleted>();
    }

    [Fact]
    public async Task Cancelling_a_run_cancels_the_one_it_waits_for_and_says_by_whom()
    {
        await using var rig = await RigAsync();
        var (id, end) = await rig.StartAsync(Rig.Flow(Call()));
        var child = rig.EndOf((await rig.Gate.NextAsync()).Attempt.RunId);
        await rig.Engine.CancelAsync(id, "me");
        (await child).ShouldBeOfType<WorkflowCancelled>().RequestedBy.ShouldBe($"run {id}");
        (await end).ShouldBeOfType<WorkflowCancelled>();
    }

    [Fact]
    public async Task A_tasks_timeout_cancels_the_run_it_waits_for()
    {
        await using var rig = await RigAsync();
        var (_, end) = await rig.StartAsync(Rig.Flow(Call() with { Timeout = TimeSpan.FromMinutes(5) }));
        var child = rig.EndOf((await rig.Gate.NextAsync()).Attempt.RunId);
        rig.Clock.Advance(TimeSpan.FromMinutes(5));
        (await child).ShouldBeOfType<WorkflowCancelled>();
        (await end).ShouldBeOfType<WorkflowFailed>().ErrorType.ShouldBe(FailureKind.Timeout);
    }

    [Fact]
    public async Task A_run_that_fails_fails_the_attempt_and_its_retry_is_another_run()
    {
        await using var rig = await RigAsync();
        var (_, end) = await rig.StartAsync(Rig.Flow(Call() with { Retry = new() { MaxAttempts = 2, InitialDelay = TimeSpan.FromSeconds(1) } }));
        var first = await rig.Gate.NextAsync();
        first.Fail();
        await rig.Clock.WaitForTimersAsync(1);
        rig.Clock.Advance(TimeSpan.FromSeconds(1));
        var second = await rig.Gate.NextAsync();
        second.Attempt.RunId.ShouldNotBe(first.Attempt.RunId);
        second.Succeed();
        (await end).ShouldBeOfType<WorkflowCompleted>();
    }

    [Fact]
    public async Task A_workflow_that_does_not_exist_fails_the_task_at_once_and_for_good()
    {
        await using var rig = await RigAsync();
        var (id, end) = await rig.StartAsync(Rig.Flow(Call("nowhere") with { Retry = new() { MaxAttempts = 5 } }));
        (await end).ShouldBeOfType<WorkflowFailed>().Error.ShouldContain("There is no workflow 'nowhere'");
        (await rig.EventsAsync(id)).ShouldNotContain(e => e.Event is TaskRetrying);
    }

    [Fact]
    public async Task A_workflow_that_calls_itself_without_an_end_is_stopped_sixteen_deep()
    {
        await using var rig = await RigAsync();
        rig.Workflows["self"] = Rig.Flow(Call("self")) with { Name = "self" };
        var (_, end) = await rig.StartAsync(rig.Workflows["self"]);
        (await end).ShouldBeOfType<WorkflowFailed>().Error.ShouldContain("nested 16 deep");
        var runs = 0;
        await foreach (var entry in rig.Journal.ReadAllAsync(0, default))
            if (entry.Recorded.Event is WorkflowCreated) runs++;
        runs.ShouldBe(17);
    }

    [Fact]
    public async Task After_a_restart_the_run_that_was_waited_for_goes_on_and_there_is_no_second_one()
    {
        RunId parent, child;
        string data;
        await using (var first = await RigAsync())
        {
            data = first.Data;
            (parent, _) = await first.StartAsync(Rig.Flow(Call()) with { MaxWorkerLosses = 0 });
            child = (await first.Gate.NextAsync()).Attempt.RunId;
            child.ShouldBe(await ChildOf(first, parent));
            await first.Engine.StopAsync(TimeSpan.Zero);
        }
        await using var second = await RigAsync(data);
        await AdoptAsync(second, parent, child);
        var end = second.EndOf(parent);
        var c = await second.Gate.NextAsync();
        (c.Attempt.RunId, c.Attempt.Attempt).ShouldBe((child, 2));
        c.Succeed();
        (await end).ShouldBeOfType<WorkflowCompleted>();
        second.Gate.AnyWaiting.ShouldBeFalse();
        (await second.EventsAsync(parent)).Count(e => e.Event is TaskStarted).ShouldBe(1, "the wait went on as the same attempt");
        (await second.EventsAsync(child)).Count(e => e.Event is WorkflowCreated).ShouldBe(1);
    }

    [Fact]
    public async Task A_run_that_ended_while_the_one_that_waits_for_it_was_down_is_found()
    {
        RunId parent, child;
        string data;
        await using (var first = await RigAsync())
        {
            data = first.Data;
            (parent, _) = await first.StartAsync(Rig.Flow(Call()));
            child = (await first.Gate.NextAsync()).Attempt.RunId;
            await first.Engine.StopAsync(TimeSpan.Zero);
        }
        await using (var second = await RigAsync(data))
        {
            await AdoptAsync(second, child);
            var ended = second.EndOf(child);
            (await second.Gate.NextAsync()).Succeed();
            await ended;
        }
        await using var third = await RigAsync(data);
        await AdoptAsync(third, parent);
        (await third.EndOf(parent)).ShouldBeOfType<WorkflowCompleted>();
        third.Gate.AnyWaiting.ShouldBeFalse();
        (await third.EventsAsync(parent)).Select(e => e.Event).OfType<TaskCompleted>().Single().Outputs!["answer"].GetInt32().ShouldBe(42);
    }
}

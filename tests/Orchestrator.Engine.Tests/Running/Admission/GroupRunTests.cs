using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Running;
using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Running.Admission;

/// <summary>Groups, pools and earliest starts of whole runs, across restarts.</summary>
public sealed class GroupRunTests
{
    private static WorkflowDefinition Flow(OnConflict mode, string task = "a", string group = "g") =>
        Rig.Flow(Rig.Task(task)) with { Name = $"flow-{task}", Concurrency = new(group) { OnConflict = mode } };

    [Fact]
    public async Task Runs_of_two_workflows_that_name_one_group_exclude_each_other()
    {
        await using var rig = new Rig();
        var (_, first) = await rig.StartAsync(Flow(OnConflict.Queue));
        var (waiting, second) = await rig.StartAsync(Flow(OnConflict.Queue, "b"));
        var (_, other) = await rig.StartAsync(Rig.Flow(Rig.Task("c")));
        var a = await rig.Gate.NextAsync();
        (await rig.Gate.NextAsync()).Succeed();
        await other;
        (await rig.EventsAsync(waiting))[^1].Event.ShouldBeOfType<WorkflowQueued>();
        a.Succeed();
        await first;
        (await rig.Gate.NextAsync()).Succeed();
        (await second).ShouldBeOfType<WorkflowCompleted>();
    }

    [Fact]
    public async Task A_run_that_may_not_wait_is_accepted_and_ends_as_superseded_without_having_started()
    {
        await using var rig = new Rig();
        var (first, _) = await rig.StartAsync(Flow(OnConflict.Skip));
        var (second, end) = await rig.StartAsync(Flow(OnConflict.Skip));
        var cancelled = (await end).ShouldBeOfType<WorkflowCancelled>();
        (cancelled.CancelReason, cancelled.RequestedBy).ShouldBe((CancelReason.Superseded, $"run {first} of group 'g'"));
        (await rig.EventsAsync(second)).ShouldNotContain(e => e.Event is WorkflowStarted);
    }

    [Fact]
    public async Task The_newest_run_stops_the_one_that_runs_and_starts_when_it_has_ended()
    {
        await using var rig = new Rig();
        var (_, first) = await rig.StartAsync(Flow(OnConflict.CancelRunning));
        await rig.Gate.NextAsync();
        var (_, second) = await rig.StartAsync(Flow(OnConflict.CancelRunning));
        (await first).ShouldBeOfType<WorkflowCancelled>().CancelReason.ShouldBe(CancelReason.Superseded);
        (await rig.Gate.NextAsync()).Succeed();
        (await second).ShouldBeOfType<WorkflowCompleted>();
    }

    [Fact]
    public async Task A_groups_name_is_worked_out_from_the_parameters_and_kept_with_the_run()
    {
        await using var rig = new Rig();
        var flow = Flow(OnConflict.Queue, group: "load-${{ params.region }}");
        async Task<RunId> Start(string region) => (await rig.Engine.SubmitAsync(new RunRequest
        {
            Definition = flow, Origin = new RunOrigin.Api("test"),
            Params = RunParameters.Checked(ImmutableSortedDictionary<string, JsonElement>.Empty.Add("region", JsonSerializer.SerializeToElement(region))),
        })).RunId;
        var (eu, _) = (await Start("eu"), await Start("us"));
        await rig.Gate.NextAsync();
        await rig.Gate.NextAsync();
        (await rig.EventsAsync(eu))[0].Event.ShouldBeOfType<WorkflowCreated>().ConcurrencyGroup.ShouldBe("load-eu");
        var refused = await Should.ThrowAsync<RunRefusedException>(() => rig.Engine.SubmitAsync(new RunRequest { Definition = flow, Origin = new RunOrigin.Api("test") }));
        refused.Message.ShouldContain("region");
    }

    [Fact]
    public async Task A_definition_that_names_a_pool_the_worker_does_not_have_is_refused_with_those_it_has()
    {
        await using var rig = new Rig(o => o.Pools = new Dictionary<string, int> { ["warehouse"] = 2 });
        var flow = Rig.Flow(Rig.Task("a") with { Pool = "warehose" });
        (await Should.ThrowAsync<RunRefusedException>(() => rig.Engine.SubmitAsync(new() { Definition = flow, Origin = new RunOrigin.Api("test") })))
            .Message.ShouldContain("It has warehouse");
        await rig.Engine.SubmitAsync(new() { Definition = Rig.Flow(Rig.Task("a") with { Pool = "warehouse" }), Origin = new RunOrigin.Api("test") });
    }

    [Fact]
    public async Task A_pools_slots_are_shared_by_all_runs_and_tenants_take_turns_while_other_tasks_go_on()
    {
        await using var rig = new Rig(o => (o.Slots, o.Pools) = (8, new Dictionary<string, int> { ["warehouse"] = 1 }));
        WorkflowDefinition Pooled(string id, string tenant) => Rig.Flow(Rig.Task(id) with { Pool = "warehouse" }) with { Name = id, Tenant = tenant };
        var ends = new List<Task<WorkflowEnded>>();
        foreach (var id in (string[])["a1", "a2", "a3"]) ends.Add((await rig.StartAsync(Pooled(id, "a"))).End);
        ends.Add((await rig.StartAsync(Pooled("b1", "b"))).End);
        var first = await rig.Gate.NextAsync();
        first.Task.ShouldBe("a1");
        ends.Add((await rig.StartAsync(Rig.Flow(Rig.Task("free")))).End);
        (await rig.Gate.NextAsync()).Succeed();
        rig.Gate.AnyWaiting.ShouldBeFalse();
        first.Succeed();
        var order = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            var held = await rig.Gate.NextAsync();
            rig.Gate.AnyWaiting.ShouldBeFalse();
            order.Add(held.Task);
            held.Succeed();
        }
        order.ShouldBe(["b1", "a2", "a3"]);
        await Task.WhenAll(ends);
    }

    [Fact]
    public async Task A_run_before_its_earliest_start_waits_for_the_clock_and_can_be_cancelled_meanwhile()
    {
        await using var rig = new Rig();
        var start = rig.Clock.GetUtcNow().AddHours(3);
        async Task<(RunId, Task<WorkflowEnded>)> Start()
        {
            var (accepted, end) = await rig.Engine.SubmitAndWatchAsync(new() { Definition = Rig.Flow(Rig.Task("a")), Origin = new RunOrigin.Api("test"), NotBefore = start });
            return (accepted.RunId, end.WaitAsync(TimeSpan.FromSeconds(30)));
        }
        var (first, firstEnd) = await Start();
        var (second, secondEnd) = await Start();
        await rig.Engine.CancelAsync(first, "me");
        (await firstEnd).ShouldBeOfType<WorkflowCancelled>();
        (await rig.EventsAsync(second))[0].Event.ShouldBeOfType<WorkflowCreated>().NotBefore.ShouldBe(start);
        while (rig.Clock.GetUtcNow() < start)
        {
            await rig.Clock.WaitForTimersAsync(1);
            rig.Gate.AnyWaiting.ShouldBeFalse();
            rig.Clock.Advance(TimeSpan.FromMinutes(1));
        }
        (await rig.Gate.NextAsync()).Succeed();
        (await secondEnd).ShouldBeOfType<WorkflowCompleted>();
    }

    [Fact]
    public async Task After_a_takeover_groups_are_as_taken_as_before_and_earliest_starts_still_hold()
    {
        List<(RunId Id, IReadOnlyList<RecordedEvent> Events)> left = [];
        string data;
        DateTimeOffset start;
        await using (var first = new Rig())
        {
            data = first.Data;
            start = first.Clock.GetUtcNow().AddHours(1);
            List<RunId> ids = [];
            ids.Add((await first.StartAsync(Flow(OnConflict.Queue, "a"))).Id);
            await first.Gate.NextAsync();
            ids.Add((await first.StartAsync(Flow(OnConflict.Queue, "b"))).Id);
            ids.Add((await first.Engine.SubmitAsync(new() { Definition = Rig.Flow(Rig.Task("later")), Origin = new RunOrigin.Api("test"), NotBefore = start })).RunId);
            await first.Engine.StopAsync(TimeSpan.Zero);
            foreach (var id in ids) left.Add((id, await first.EventsAsync(id)));
        }

        var journal = new MemoryRunJournal();
        foreach (var (id, events) in left) await journal.AppendAsync(StreamId.Run(id), 0, 0, events, AppendDurability.Committed);
        await using var second = new Rig(journal: journal, data: data);
        left.Reverse();
        await second.Engine.AdoptAsync(left.Select(r => new AdoptedRun(r.Item1, r.Item2)), "worker rig is gone");
        var ends = left.Select(r => second.Engine.WaitAsync(r.Id)).ToArray();
        var a = await second.Gate.NextAsync();
        a.Task.ShouldBe("a");
        var (_, newcomer) = await second.StartAsync(Flow(OnConflict.Skip, "c"));
        (await newcomer).ShouldBeOfType<WorkflowCancelled>();
        second.Gate.AnyWaiting.ShouldBeFalse();
        a.Succeed();
        var b = await second.Gate.NextAsync();
        b.Task.ShouldBe("b");
        b.Succeed();
        await Task.WhenAll(ends[1], ends[2]).WaitAsync(TimeSpan.FromSeconds(30));
        while (second.Clock.GetUtcNow() < start)
        {
            await second.Clock.WaitForTimersAsync(1);
            second.Clock.Advance(TimeSpan.FromMinutes(1));
        }
        (await second.Gate.NextAsync()).Succeed();
        (await ends[0].WaitAsync(TimeSpan.FromSeconds(30))).ShouldBeOfType<WorkflowCompleted>();
    }

    [Fact]
    public async Task The_rate_holds_for_whole_runs_and_those_that_wait_stay_queued()
    {
        await using var rig = new Rig(o => o.Limits = new() { RunsPerSecond = 1, Burst = 1 });
        await rig.StartAsync(Rig.Flow(Rig.Task("a")));
        await rig.Gate.NextAsync();
        var (waiting, _) = await rig.StartAsync(Rig.Flow(Rig.Task("b")));
        (await rig.EventsAsync(waiting))[^1].Event.ShouldBeOfType<WorkflowQueued>();
        await rig.Clock.WaitForTimersAsync(1);
        rig.Clock.Advance(TimeSpan.FromSeconds(1));
        (await rig.Gate.NextAsync()).Task.ShouldBe("b");
        (await rig.EventsAsync(waiting)).Count(e => e.Event is WorkflowQueued).ShouldBe(1);
    }
}

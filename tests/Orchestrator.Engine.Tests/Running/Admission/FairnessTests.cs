using Orchestrator.Engine.Running;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Running.Admission;

/// <summary>
/// What a busy tenant costs another one, counted in attempts: every attempt ends when the test says so, all those in flight at once, which is one
/// round. By itself a chain of ten tasks takes ten rounds.
/// </summary>
public sealed class FairnessTests
{
    private const int Slots = 4;
    private const int Steps = 10;

    [Fact]
    public async Task Ten_thousand_runs_of_one_tenant_delay_a_run_of_another_by_no_more_than_twice_its_own_time()
    {
        await using var rig = new Rig(o => (o.Slots, o.MaxRunningRuns, o.MaxOpenRuns) = (Slots, 100, 20_000));
        var busy = Rig.Flow(Rig.Task("a"), Rig.Task("b", "a")) with { Tenant = "busy" };
        await Task.WhenAll(Enumerable.Range(0, 10_000).Select(_ => rig.Engine.SubmitAsync(new() { Definition = busy, Origin = new RunOrigin.Api("test") })));
        (await RoundsAsync(rig, Chain("quiet"))).ShouldBeLessThanOrEqualTo(2 * Steps);
        rig.Engine.Snapshot.QueuedRuns.ShouldBeGreaterThan(9_000);
    }

    [Fact]
    public async Task One_run_with_thousands_of_ready_tasks_leaves_room_for_another_run_of_the_same_tenant()
    {
        await using var rig = new Rig(o => o.Slots = Slots);
        await rig.StartAsync(Rig.Flow([.. Enumerable.Range(0, 3_000).Select(i => Rig.Task($"t{i}"))]) with { Name = "wide" });
        (await RoundsAsync(rig, Chain("default"))).ShouldBeLessThanOrEqualTo(2 * Steps);
    }

    [Fact]
    public async Task By_itself_a_run_goes_on_without_waiting()
    {
        await using var rig = new Rig(o => o.Slots = Slots);
        (await RoundsAsync(rig, Chain("quiet"))).ShouldBe(Steps);
    }

    [Fact]
    public async Task Two_tenants_with_more_than_enough_to_do_have_half_of_the_attempts_each()
    {
        await using var rig = new Rig(o => o.Slots = Slots);
        foreach (var tenant in (string[])["a", "b"])
            for (var i = 0; i < (tenant == "a" ? 40 : 4); i++)
                await rig.StartAsync(Rig.Flow([.. Enumerable.Range(0, 50).Select(n => Rig.Task($"{tenant}{n}"))]) with { Name = tenant, Tenant = tenant });
        var started = new List<char>();
        for (var i = 0; i < 120; i++)
        {
            var held = await rig.Gate.NextAsync();
            started.Add(held.Task[0]);
            held.Succeed();
        }
        started.Skip(20).Count(t => t == 'b').ShouldBeInRange(40, 60);
    }

    private static WorkflowDefinition Chain(string tenant) => Rig.Flow([.. Enumerable.Range(0, Steps).Select(i => i == 0 ? Rig.Task("q0") : Rig.Task($"q{i}", $"q{i - 1}"))])
        with { Name = "chain", Tenant = tenant };

    /// <summary>Rounds of attempts from the run's submission to its end.</summary>
    private static async Task<int> RoundsAsync(Rig rig, WorkflowDefinition flow)
    {
        var held = new List<GatedExecutor.Held>();
        var full = rig.Engine.Snapshot.OpenRuns > 0;
        while (full && held.Count < Slots) held.Add(await rig.Gate.NextAsync());
        var (id, end) = await rig.StartAsync(flow);
        for (var round = 1; ; round++)
        {
            if (!full) held.Add(await rig.Gate.NextAsync());
            foreach (var one in held) one.Succeed();
            held.Clear();
            while (full && held.Count < Slots)
            {
                var next = rig.Gate.NextAsync();
                if (await Task.WhenAny(next, end) == end) return round - 1;   // its last attempt ended in the round before
                held.Add(await next);
            }
            if (!full && round == Steps)
            {
                (await end).ShouldBeOfType<WorkflowCompleted>();
                return round;
            }
        }
    }
}

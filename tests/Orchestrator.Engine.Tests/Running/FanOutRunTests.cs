using Orchestrator.Engine.Running;
using System.Text.Json;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Executors;
using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Running;

/// <summary>Fan-outs as large as they may be.</summary>
public sealed class FanOutRunTests
{
    [Fact]
    public async Task Ten_thousand_items_are_ten_thousand_attempts_and_never_more_at_once_than_there_are_slots()
    {
        var counting = new CountingExecutor();
        await using var rig = new Rig(o => o.Slots = 16, executor: counting);
        var each = Rig.Task("each") with { FanOut = new() { Items = JsonSerializer.SerializeToElement(Enumerable.Range(0, FanOut.MaxItems)) } };
        var (accepted, end) = await rig.Engine.SubmitAndWatchAsync(new() { Definition = Rig.Flow(each, Rig.Task("after", "each")), Origin = new RunOrigin.CommandLine("test") });
        (await end.WaitAsync(TimeSpan.FromMinutes(2))).ShouldBeOfType<WorkflowCompleted>().Counts.ShouldBe(new RunCounts(10_002, 10_002, 0, 0, 0, 0));
        (counting.Attempts, counting.Open).ShouldBe((10_001, 0));
        counting.MaxAtOnce.ShouldBeLessThanOrEqualTo(16);
        var events = await rig.EventsAsync(accepted.RunId);
        events.Count(e => e.Event is TaskStarted).ShouldBe(10_002);
        events.Count.ShouldBeLessThan(3 * 10_002 + 20, "queued, started and completed once each");
        events.Select(e => e.Event).OfType<TaskCompleted>().Single(e => e.Task.ToString() == "each").Outputs.ShouldBeNull("what the children have need not be kept twice");
        rig.Engine.Snapshot.UsedSlots.ShouldBe(0);
    }

    [Fact]
    public async Task A_restart_in_the_middle_of_a_fan_out_repeats_only_what_was_in_flight()
    {
        await using var first = new Rig(o => o.Slots = 2);
        var each = Rig.Task("each") with { FanOut = new() { Items = JsonSerializer.SerializeToElement(Enumerable.Range(0, 5)) } };
        var (id, _) = await first.StartAsync(Rig.Flow(each));
        (await first.Gate.NextAsync()).Succeed();
        (await first.Gate.NextAsync()).Succeed();
        await first.Gate.NextAsync();
        await first.Gate.NextAsync();
        await using var second = await first.RestartAsync(TimeSpan.FromMinutes(1), id);
        var end = second.EndOf(id);
        var attempts = new List<string>();
        for (var n = 0; n < 3; n++)
        {
            var held = await second.Gate.NextAsync();
            attempts.Add($"{held.Task}#{held.Attempt.Attempt}");
            held.Succeed();
        }
        attempts.Order().ShouldBe(["each[2]#2", "each[3]#2", "each[4]#1"]);
        (await end).ShouldBeOfType<WorkflowCompleted>().Counts.ShouldBe(new RunCounts(6, 6, 0, 0, 0, 0));
    }

    private sealed class CountingExecutor : ITaskExecutor
    {
        private int _attempts, _open, _most;

        public int Attempts => _attempts;
        public int Open => _open;
        public int MaxAtOnce => _most;

        public async ValueTask<TaskOutcome> ExecuteAsync(TaskAttempt attempt, CancellationToken stop)
        {
            Interlocked.Increment(ref _attempts);
            var now = Interlocked.Increment(ref _open);
            for (var most = _most; now > most; most = _most) Interlocked.CompareExchange(ref _most, now, most);
            await Task.Yield();
            Interlocked.Decrement(ref _open);
            return new TaskOutcome.Succeeded();
        }
    }
}

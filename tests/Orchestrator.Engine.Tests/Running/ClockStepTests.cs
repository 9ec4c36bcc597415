using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Running;

/// <summary>The wall clock is set while runs wait: nothing is early, nothing is lost, and no duration is negative.</summary>
public sealed class ClockStepTests
{
    private static WorkflowDefinition Wait(string time) => Rig.Flow(new TaskDefinition { Id = new("wait"), Action = new WaitAction { For = time } });

    [Theory]
    [InlineData("10m", 1)]
    [InlineData("20h", 24)]
    public async Task A_clock_that_is_set_forward_past_the_end_of_a_wait_ends_it_within_a_minute(string time, int hours)
    {
        await using var rig = new Rig();
        var paused = rig.NextAsync<WorkflowPaused>();
        var (_, end) = await rig.StartAsync(Wait(time));
        await paused;
        await rig.Clock.WaitForTimersAsync(1);
        rig.Clock.SetWallClock(rig.Clock.GetUtcNow().AddHours(hours));
        end.IsCompleted.ShouldBeFalse();
        rig.Clock.Advance(TimeSpan.FromMinutes(1));
        (await end).ShouldBeOfType<WorkflowCompleted>();
    }

    [Fact]
    public async Task A_clock_that_is_set_back_ends_no_wait_early_and_makes_no_duration_negative()
    {
        await using var rig = new Rig();
        var waiting = rig.NextAsync<TaskWaiting>();
        var paused = rig.NextAsync<WorkflowPaused>();
        var (id, end) = await rig.StartAsync(Wait("10m"));
        await paused;
        var until = (await waiting).Until!.Value;
        await rig.Clock.WaitForTimersAsync(1);
        rig.Clock.SetWallClock(rig.Clock.GetUtcNow().AddHours(-1));
        for (var minute = 0; minute < 69; minute++)
        {
            rig.Clock.Advance(TimeSpan.FromMinutes(1));
            end.IsCompleted.ShouldBeFalse($"it is {rig.Clock.GetUtcNow():HH:mm}, the wait is until {until:HH:mm}");
        }
        rig.Clock.Advance(TimeSpan.FromMinutes(1));
        (await end).DurationMs.ShouldBe(TimeSpan.FromMinutes(70).TotalMilliseconds);
        (await rig.EventsAsync(id)).Select(e => e.Event).OfType<TaskCompleted>().ShouldHaveSingleItem().DurationMs.ShouldBe(TimeSpan.FromMinutes(70).TotalMilliseconds);
    }

    [Fact]
    public async Task An_attempt_during_which_the_clock_goes_back_and_forth_took_as_long_as_it_took()
    {
        await using var rig = new Rig();
        var (id, end) = await rig.StartAsync(Rig.Flow(Rig.Task("a")));
        var held = await rig.Gate.NextAsync();
        rig.Clock.SetWallClock(rig.Clock.GetUtcNow().AddDays(-3));
        rig.Clock.Advance(TimeSpan.FromSeconds(5));
        rig.Clock.SetWallClock(rig.Clock.GetUtcNow().AddDays(30));
        rig.Clock.Advance(TimeSpan.FromSeconds(5));
        held.Succeed();
        (await end).DurationMs.ShouldBe(10_000);
        (await rig.EventsAsync(id)).Select(e => e.Event).OfType<TaskCompleted>().ShouldHaveSingleItem().AttemptDurationMs.ShouldBe(10_000);
    }
}

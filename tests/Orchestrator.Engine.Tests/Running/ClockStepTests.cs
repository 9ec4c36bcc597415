using Orchestrator.Core.Runs;
using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Running;

/// <summary>The wall clock is set while something runs: durations are of the time that passed.</summary>
public sealed class ClockStepTests
{
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

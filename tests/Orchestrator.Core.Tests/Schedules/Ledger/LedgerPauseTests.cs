using Orchestrator.Core.Runs;
using Orchestrator.Core.Schedules.Ledger;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Schedules.Ledger;

public sealed class LedgerPauseTests
{
    private static readonly DateTimeOffset Three = Due.At("2026-01-01T03:00:00Z");
    private readonly LedgerBench _bench = new();

    [Fact]
    public void A_pause_with_an_end_is_waited_for_and_resumes_by_itself()
    {
        _bench.Open("0 * * * *");
        _bench.Do(new LedgerInput.Pause("ann", "disk", Three.AddMinutes(30))).ShouldBe(["paused"]);
        LedgerEffects.From(_bench.State).ShouldBe([new LedgerEffect.Arm(Three.AddMinutes(30))]);
        _bench.TickAt("2026-01-01T03:29:59Z").ShouldBeEmpty();
        _bench.TickAt("2026-01-01T03:30:00Z").ShouldBe(["resumed", "skipped 01T01:00..01T03:00 x3 paused > 01T04:00"]);
        _bench.Journal[^2].Event.ShouldBe(new ScheduleResumed("two", "nightly", "orchestrator") { Reason = "the pause is over" });
        _bench.State.Pause.ShouldBeNull();
        _bench.TickAt("2026-01-01T04:00:00Z").ShouldBe(["fired 01T04:00 > 01T05:00"]);
    }

    [Theory]
    [InlineData(CatchUpPolicy.None, "resumed|skipped 01T01:00..01T02:00 x2 paused > 01T03:00|fired 01T03:00 > 01T04:00")]
    [InlineData(CatchUpPolicy.Latest, "resumed|skipped 01T01:00 superseded > 01T02:00|caught_up 01T02:00 > 01T03:00|fired 01T03:00 > 01T04:00")]
    public void The_due_time_at_which_a_pause_ends_is_outside_it(CatchUpPolicy policy, string entries)
    {
        _bench.Policy = new() { CatchUp = new(policy) };
        _bench.Open("0 * * * *");
        _bench.Do(new LedgerInput.Pause("ann", null, Three));
        _bench.TickAt("2026-01-01T03:00:00Z").ShouldBe(entries.Split('|'));
    }

    [Fact]
    public void A_pause_that_ended_while_nothing_ran_ended_then()
    {
        _bench.Open("0 * * * *");
        _bench.Do(new LedgerInput.Pause("ann", null, Three));
        _bench.RestartAt("2026-01-01T06:30:00Z");
        _bench.Open("0 * * * *").ShouldBe(["resumed", "skipped 01T01:00..01T02:00 x2 paused > 01T03:00", "skipped 01T03:00..01T06:00 x4 misfire > 01T07:00"]);
    }

    [Fact]
    public void A_pause_can_be_given_another_end_and_reason_and_began_when_it_began()
    {
        _bench.Open("0 * * * *");
        _bench.Do(new LedgerInput.Pause("ann", "disk"));
        _bench.Now = Due.At("2026-01-01T01:30:00Z");
        _bench.Do(new LedgerInput.Pause("ben", "disk")).ShouldBeEmpty();
        _bench.Do(new LedgerInput.Pause("ben", "still", Three)).ShouldBe(["paused"]);
        _bench.State.Pause.ShouldBe(new(Due.At("2026-01-01T00:00:00Z"), "ben", "still", Three));
        _bench.Do(new LedgerInput.Pause("ben", "still")).ShouldBe(["paused"]);
        _bench.TickAt("2026-01-01T05:30:00Z").ShouldBeEmpty();
        _bench.Do(new LedgerInput.Resume("ann", null)).ShouldBe(["resumed", "skipped 01T01:00..01T05:00 x5 paused > 01T06:00"]);
    }

    [Fact]
    public void A_schedule_that_was_switched_off_in_a_pause_is_still_paused_when_it_is_back_unless_the_pause_is_over()
    {
        _bench.Open("0 * * * *");
        _bench.Do(new LedgerInput.Pause("ann", null, Three));
        _bench.Now = Due.At("2026-01-01T01:30:00Z");
        _bench.Do(new LedgerInput.Close(IsRemoved: false)).ShouldBe(["skipped 01T01:00 paused > 01T02:00", "disabled 01T01:30"]);
        LedgerEffects.From(_bench.State).ShouldBe([new LedgerEffect.Arm(null)]);
        _bench.Now = Due.At("2026-01-01T02:30:00Z");
        _bench.Open("0 * * * *").ShouldBe(["enabled 01T02:30 > 01T03:00"]);
        LedgerEffects.From(_bench.State).ShouldBe([new LedgerEffect.Arm(Three)]);
        _bench.Do(new LedgerInput.Close(IsRemoved: false));
        _bench.Now = Due.At("2026-01-01T05:30:00Z");
        _bench.Open("0 * * * *").ShouldBe(["resumed", "enabled 01T05:30 > 01T06:00"]);
    }

    [Fact]
    public void What_is_written_down_again_has_the_pause_with_who_why_and_until_when()
    {
        _bench.Open("* * * * *");
        for (var i = 0; i < LedgerDecisions.RestateAfter + 2; i++)
        {
            _bench.Do(new LedgerInput.Pause("ann", $"reason {i}", Three));
            if (_bench.Journal[^1].Event is ScheduleUpdated) break;
        }
        var restated = _bench.Journal[^1];
        restated.Event.ShouldBeOfType<ScheduleUpdated>().PausedUntil.ShouldBe(Three);
        LedgerState.Empty.Apply(restated).Pause.ShouldBe(_bench.State.Pause);
    }
}

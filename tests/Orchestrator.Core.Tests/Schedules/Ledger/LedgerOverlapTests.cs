using Orchestrator.Core.Runs;
using Orchestrator.Core.Schedules.Ledger;
using Shouldly;
using Xunit;
using static Orchestrator.Core.Tests.Schedules.Ledger.LedgerBench;

namespace Orchestrator.Core.Tests.Schedules.Ledger;

public sealed class LedgerOverlapTests
{
    private readonly LedgerBench _bench = new();

    [Fact]
    public void Skip_passes_while_an_earlier_run_is_open()
    {
        First(OverlapRule.Skip);
        _bench.TickAt("2026-01-01T02:00:00Z").ShouldBe(["blocked 01T02:00 > 01T03:00"]);
        _bench.Journal[^1].Event.ShouldBeOfType<ScheduleBlocked>().By.ShouldBe(RunOf("2026-01-01T01:00:00Z"));
        _bench.OpenRuns.Clear();
        _bench.TickAt("2026-01-01T03:00:00Z").ShouldBe(["fired 01T03:00 > 01T04:00"]);
    }

    [Fact]
    public void A_run_that_is_not_accepted_yet_is_as_good_as_open()
    {
        _bench.Policy = new() { Overlap = OverlapRule.Skip };
        _bench.Open("0 * * * *");
        _bench.TickAt("2026-01-01T01:00:00Z");
        _bench.TickAt("2026-01-01T02:00:00Z").ShouldBe(["blocked 01T02:00 > 01T03:00"]);
    }

    [Fact]
    public void Queue_waits_for_the_earlier_run_one_after_another()
    {
        First(OverlapRule.Queue);
        _bench.TickAt("2026-01-01T02:00:00Z").ShouldBe(["queued 01T02:00 > 01T03:00"]);
        _bench.TickAt("2026-01-01T03:00:00Z").ShouldBe(["queued 01T03:00 > 01T04:00"]);
        LedgerEffects.From(_bench.State).OfType<LedgerEffect.Watch>().ShouldHaveSingleItem();
        _bench.OpenRuns.Clear();
        _bench.TickAt("2026-01-01T03:00:20Z").ShouldBe(["late 01T02:00 > 01T04:00"]);
        _bench.AcceptAll();
        _bench.TickAt("2026-01-01T03:00:30Z").ShouldBe(["fired 01T03:00 > 01T04:00"]);
    }

    [Fact]
    public void One_that_waits_survives_a_restart_and_ends_when_the_schedule_is_disabled()
    {
        First(OverlapRule.Queue);
        _bench.TickAt("2026-01-01T02:00:00Z");
        _bench.RestartAt("2026-01-01T02:10:00Z");
        _bench.Open("0 * * * *").ShouldBeEmpty();
        _bench.Do(new LedgerInput.Close(IsRemoved: true)).ShouldBe(["skipped 01T02:00 disabled > 01T03:00", "removed 01T02:10"]);
    }

    [Fact]
    public void Replace_names_the_runs_that_are_cancelled_until_it_is_dispatched()
    {
        First(OverlapRule.Replace);
        _bench.TickAt("2026-01-01T02:00:00Z").ShouldBe(["fired 01T02:00 replaces 1 > 01T03:00"]);
        _bench.RestartAt("2026-01-01T02:00:10Z");
        LedgerEffects.From(_bench.State).OfType<LedgerEffect.Submit>().ShouldHaveSingleItem().Run.Replaces.ShouldBe([RunOf("2026-01-01T01:00:00Z")]);
    }

    [Theory]
    [InlineData(OverlapRule.Allow, "caught_up 01T01:00 > 01T02:00|caught_up 01T02:00 > 01T03:00|caught_up 01T03:00 > 01T04:00")]
    [InlineData(OverlapRule.Skip, "caught_up 01T01:00 > 01T02:00|blocked 01T02:00 > 01T03:00|blocked 01T03:00 > 01T04:00")]
    [InlineData(OverlapRule.Queue, "caught_up 01T01:00 > 01T02:00|queued 01T02:00 > 01T03:00|queued 01T03:00 > 01T04:00")]
    [InlineData(OverlapRule.Replace, "skipped 01T01:00 superseded > 01T02:00|skipped 01T02:00 superseded > 01T03:00|caught_up 01T03:00 > 01T04:00")]
    public void Runs_that_are_caught_up_follow_the_same_rule(OverlapRule overlap, string entries)
    {
        _bench.Policy = new() { Overlap = overlap, CatchUp = new(CatchUpPolicy.All) };
        _bench.Open("0 * * * *");
        _bench.RestartAt("2026-01-01T03:30:00Z");
        _bench.Open("0 * * * *").ShouldBe(entries.Split('|'));
    }

    private void First(OverlapRule overlap)
    {
        _bench.Policy = new() { Overlap = overlap };
        _bench.Open("0 * * * *");
        _bench.TickAt("2026-01-01T01:00:00Z").ShouldBe(["fired 01T01:00 > 01T02:00"]);
        _bench.AcceptAll();
        _bench.OpenRuns.Add(RunOf("2026-01-01T01:00:00Z"));
    }
}

using Orchestrator.Core.Schedules.Ledger;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Schedules.Ledger;

public sealed class LedgerMaintenanceTests
{
    private static readonly DateTimeOffset From = Due.At("2026-01-01T00:30:00Z"), To = Due.At("2026-01-01T03:30:00Z");
    private readonly LedgerBench _bench = new();

    [Theory]
    [InlineData(CatchUpPolicy.None, "skipped 01T01:00..01T03:00 x3 maintenance > 01T04:00")]
    [InlineData(CatchUpPolicy.Latest, "skipped 01T01:00..01T02:00 x2 superseded > 01T03:00|caught_up 01T03:00 > 01T04:00")]
    [InlineData(CatchUpPolicy.All, "caught_up 01T01:00 > 01T02:00|caught_up 01T02:00 > 01T03:00|caught_up 01T03:00 > 01T04:00")]
    public void Nothing_starts_in_the_pause_and_its_end_decides_as_the_catch_up_says(CatchUpPolicy policy, string entries)
    {
        _bench.Policy = new() { CatchUp = new(policy) };
        _bench.Open("0 * * * *");
        _bench.Maintenance.Add(new(From, null));
        _bench.TickAt("2026-01-01T03:00:00Z").ShouldBeEmpty();
        _bench.Maintenance[0] = new(From, To);
        _bench.TickAt("2026-01-01T03:30:00Z").ShouldBe(entries.Split('|'));
        _bench.TickAt("2026-01-01T04:00:00Z").ShouldBe(["fired 01T04:00 > 01T05:00"]);
    }

    [Fact]
    public void What_was_due_before_the_pause_and_after_it_is_decided_as_always_however_late()
    {
        _bench.Open("0 * * * *");
        _bench.Maintenance.Add(new(Due.At("2026-01-01T02:30:00Z"), Due.At("2026-01-01T04:00:00Z")));
        _bench.RestartAt("2026-01-01T06:00:30Z");
        _bench.Open("0 * * * *").ShouldBe(
        [
            "skipped 01T01:00..01T02:00 x2 misfire > 01T03:00", "skipped 01T03:00 maintenance > 01T04:00", "skipped 01T04:00..01T05:00 x2 misfire > 01T06:00", "fired 01T06:00 > 01T07:00",
        ]);
    }

    [Fact]
    public void A_schedule_that_ends_or_changes_in_the_pause_accounts_for_what_was_due_in_it()
    {
        _bench.Open("0 * * * *");
        _bench.Maintenance.Add(new(From, null));
        _bench.Now = Due.At("2026-01-01T02:10:00Z");
        _bench.Open("*/30 * * * *").ShouldBe(["skipped 01T01:00..01T02:00 x2 maintenance > 01T03:00", "changed 01T02:10 > 01T02:30"]);
        _bench.Now = Due.At("2026-01-01T02:40:00Z");
        _bench.Do(new LedgerInput.Close(IsRemoved: false)).ShouldBe(["skipped 01T02:30 maintenance > 01T03:00", "disabled 01T02:40"]);
    }

    [Fact]
    public void What_waits_for_an_open_run_waits_for_the_end_of_the_pause_too()
    {
        _bench.Policy = new() { Overlap = OverlapRule.Queue };
        _bench.Open("0 * * * *");
        _bench.TickAt("2026-01-01T01:00:00Z");
        _bench.AcceptAll();
        _bench.OpenRuns.Add(LedgerBench.RunOf("2026-01-01T01:00:00Z"));
        _bench.TickAt("2026-01-01T02:00:00Z").ShouldBe(["queued 01T02:00 > 01T03:00"]);
        _bench.Maintenance.Add(new(_bench.Now.AddMinutes(1), null));
        _bench.OpenRuns.Clear();
        _bench.TickAt("2026-01-01T02:10:00Z").ShouldBeEmpty();
        _bench.Maintenance[0] = new(_bench.Now, Due.At("2026-01-01T02:20:00Z"));
        _bench.TickAt("2026-01-01T02:20:00Z").ShouldBe(["late 01T02:00 > 01T03:00"]);
    }

    [Fact]
    public void The_start_of_the_service_is_not_due_in_the_pause()
    {
        _bench.Maintenance.Add(new(From.AddHours(-1), null));
        _bench.Open("@reboot");
        _bench.Do(new LedgerInput.ServiceStarted()).ShouldBe(["skipped 01T00:00 maintenance"]);
    }

    [Fact]
    public void A_clock_that_is_set_back_before_the_pause_decides_nothing_that_is_not_due()
    {
        _bench.Open("0 * * * *");
        _bench.Maintenance.Add(new(Due.At("2026-01-01T08:30:00Z"), null));
        _bench.TickAt("2026-01-01T02:30:00Z").Length.ShouldBe(2);
        _bench.State.NextDueAt.ShouldBe(Due.At("2026-01-01T03:00:00Z"));
    }

    [Fact]
    public void An_audit_knows_that_what_is_due_in_the_pause_has_no_entry_yet()
    {
        _bench.Open("0 * * * *");
        var audit = new LedgerAudit(LedgerBench.Compile);
        foreach (var e in _bench.Journal) audit.Take(e);
        audit.Finish(Due.At("2026-01-01T03:00:00Z"), From);
        audit.Differences.ShouldBeEmpty();
        audit.Finish(Due.At("2026-01-01T03:00:00Z"));
        audit.Differences.ShouldHaveSingleItem();
    }
}

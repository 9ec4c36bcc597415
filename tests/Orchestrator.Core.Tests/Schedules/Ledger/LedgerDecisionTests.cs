using Orchestrator.Core.Runs;
using Orchestrator.Core.Schedules.Ledger;
using Shouldly;
using Xunit;
using static Orchestrator.Core.Tests.Schedules.Ledger.LedgerBench;

namespace Orchestrator.Core.Tests.Schedules.Ledger;

public sealed class LedgerDecisionTests
{
    private readonly LedgerBench _bench = new();

    [Fact]
    public void A_schedule_comes_into_force_and_fires_at_its_due_times()
    {
        _bench.Open("0 2 * * *").ShouldBe(["enabled 01T00:00 > 01T02:00"]);
        _bench.TickAt("2026-01-01T01:59:59Z").ShouldBeEmpty();
        _bench.TickAt("2026-01-01T02:00:00Z").ShouldBe(["fired 01T02:00 > 02T02:00"]);
        _bench.TickAt("2026-01-01T02:00:30Z").ShouldBeEmpty();
        _bench.Do(new LedgerInput.Accepted(RunOf("2026-01-01T02:00:00Z"))).ShouldBe(["dispatched 01T02:00"]);
        _bench.Do(new LedgerInput.Accepted(RunOf("2026-01-01T02:00:00Z"))).ShouldBeEmpty();
    }

    [Fact]
    public void One_decided_more_than_a_minute_late_by_a_scheduler_that_was_awake_still_starts()
    {
        _bench.Open("0 * * * *");
        _bench.TickAt("2026-01-01T01:01:00Z").ShouldBe(["fired 01T01:00 > 01T02:00"]);
        _bench.TickAt("2026-01-01T04:01:00.001Z").ShouldBe(["late 01T02:00 > 01T03:00", "late 01T03:00 > 01T04:00", "late 01T04:00 > 01T05:00"]);
    }

    [Fact]
    public void Nothing_is_made_up_for_by_itself_and_all_that_was_missed_is_one_entry_with_its_count()
    {
        _bench.Open("* * * * *");
        _bench.RestartAt("2026-01-01T00:10:30Z");
        _bench.Open("* * * * *").ShouldBe(["skipped 01T00:01..01T00:09 x9 misfire > 01T00:10", "fired 01T00:10 > 01T00:11"]);
    }

    [Theory]
    [InlineData("*/5 * * * * ?", "skipped 01T00:00:05..01T00:00:55 x11 misfire > 01T00:01|fired 01T00:01 > 01T00:01:05")]
    [InlineData("0 * * * *", "")]
    [InlineData("*/30 * * * * ?", "skipped 01T00:00:30 misfire > 01T00:01|fired 01T00:01 > 01T00:01:30")]
    public void Fast_and_slow_schedules_are_alike_after_a_downtime(string cron, string entries)
    {
        _bench.Open(cron);
        _bench.RestartAt("2026-01-01T00:01:04Z");
        _bench.Open(cron).ShouldBe(entries.Split('|', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public void A_due_time_a_moment_old_is_not_skipped_with_those_before_it()
    {
        _bench.Open("0 * * * *");
        _bench.AwakeSince = Due.At("2026-01-01T04:00:00.004Z");
        _bench.TickAt("2026-01-01T04:00:00.004Z").ShouldBe(["skipped 01T01:00..01T03:00 x3 misfire > 01T04:00", "fired 01T04:00 > 01T05:00"]);
    }

    [Theory]
    [InlineData(CatchUpPolicy.Latest, null, 100, "skipped 01T01:00..01T03:00 x3 superseded > 01T04:00|caught_up 01T04:00 > 01T05:00")]
    [InlineData(CatchUpPolicy.Latest, 20, 100, "skipped 01T01:00..01T04:00 x4 window > 01T05:00")]
    [InlineData(CatchUpPolicy.All, null, 100, "caught_up 01T01:00 > 01T02:00|caught_up 01T02:00 > 01T03:00|caught_up 01T03:00 > 01T04:00|caught_up 01T04:00 > 01T05:00")]
    [InlineData(CatchUpPolicy.All, 160, 100, "skipped 01T01:00 window > 01T02:00|caught_up 01T02:00 > 01T03:00|caught_up 01T03:00 > 01T04:00|caught_up 01T04:00 > 01T05:00")]
    [InlineData(CatchUpPolicy.All, 160, 2, "skipped 01T01:00 window > 01T02:00|skipped 01T02:00 max > 01T03:00|caught_up 01T03:00 > 01T04:00|caught_up 01T04:00 > 01T05:00")]
    public void Catching_up_has_a_window_and_a_number(CatchUpPolicy policy, int? minutes, int max, string entries)
    {
        _bench.Policy = new() { CatchUp = new(policy) { Window = minutes is { } m ? TimeSpan.FromMinutes(m) : null, Max = max } };
        _bench.Open("0 * * * *");
        _bench.RestartAt("2026-01-01T04:30:00Z");
        _bench.Open("0 * * * *").ShouldBe(entries.Split('|'));
    }

    [Theory]
    [InlineData(CatchUpPolicy.None, "resumed|skipped 01T01:00..01T04:00 x4 paused > 01T05:00")]
    [InlineData(CatchUpPolicy.Latest, "resumed|skipped 01T01:00..01T03:00 x3 superseded > 01T04:00|caught_up 01T04:00 > 01T05:00")]
    public void A_pause_ends_as_the_catch_up_says(CatchUpPolicy policy, string entries)
    {
        _bench.Policy = new() { CatchUp = new(policy) };
        _bench.Open("0 * * * *");
        _bench.Do(new LedgerInput.Pause("ann", "maintenance")).ShouldBe(["paused"]);
        _bench.TickAt("2026-01-01T04:30:00Z").ShouldBeEmpty();
        LedgerEffects.From(_bench.State).ShouldBe([new LedgerEffect.Arm(null)]);
        _bench.Do(new LedgerInput.Resume("ann", null)).ShouldBe(entries.Split('|'));
        _bench.Do(new LedgerInput.Resume("ann", null)).ShouldBeEmpty();
    }

    [Fact]
    public void A_schedule_does_not_fire_for_times_at_which_it_was_not_in_force()
    {
        _bench.Policy = new() { CatchUp = new(CatchUpPolicy.All) };
        _bench.Open("0 * * * *");
        _bench.Now = Due.At("2026-01-01T01:30:00Z");
        _bench.Do(new LedgerInput.Close(IsRemoved: false)).ShouldBe(["late 01T01:00 > 01T02:00", "disabled 01T01:30"]);
        _bench.TickAt("2026-01-01T08:30:00Z").ShouldBeEmpty();
        _bench.Open("0 * * * *").ShouldBe(["enabled 01T08:30 > 01T09:00"]);
    }

    [Fact]
    public void A_changed_rule_is_in_force_from_the_change_on()
    {
        _bench.Policy = new() { CatchUp = new(CatchUpPolicy.All) };
        _bench.Open("0 2 * * *");
        _bench.Now = Due.At("2026-01-01T05:30:00Z");
        _bench.AwakeSince = _bench.Now;
        // What was due by the old rule is told, and not made up for.
        _bench.Open("0 * * * *").ShouldBe(["skipped 01T02:00 misfire > 02T02:00", "changed 01T05:30 > 01T06:00"]);
        _bench.TickAt("2026-01-01T06:00:00Z").ShouldBe(["fired 01T06:00 > 01T07:00"]);
    }

    [Fact]
    public void A_rule_that_changes_while_paused_leaves_the_pause()
    {
        _bench.Open("0 * * * *");
        _bench.Do(new LedgerInput.Pause("ann", null));
        _bench.Now = Due.At("2026-01-01T02:30:00Z");
        _bench.Open("30 * * * *").ShouldBe(["skipped 01T01:00..01T02:00 x2 paused > 01T03:00", "changed 01T02:30 > 01T03:30"]);
        _bench.TickAt("2026-01-01T03:30:00Z").ShouldBeEmpty();
    }

    [Fact]
    public void A_clock_that_was_ahead_silences_nothing_and_repeats_nothing()
    {
        _bench.Open("0 * * * *");
        _bench.TickAt("2026-01-01T01:00:00Z");
        _bench.AwakeSince = Due.At("2029-01-01T00:30:00Z");
        _bench.TickAt("2029-01-01T00:30:00Z").Length.ShouldBe(1);
        _bench.TickAt("2029-01-01T01:00:00Z").ShouldBe(["fired 01T01:00 > 01T02:00"]);
        // The clock is right again.
        _bench.AwakeSince = Due.At("2026-01-01T01:30:00Z");
        _bench.TickAt("2026-01-01T01:30:00Z").ShouldBe(["rearmed 01T01:30 > 01T02:00"]);
        _bench.Journal[^1].Event.ShouldBeOfType<ScheduleUpdated>().Ahead.ShouldBe(Due.At("2029-01-01T01:00:00Z"));
        _bench.TickAt("2026-01-01T02:00:00Z").ShouldBe(["fired 01T02:00 > 01T03:00"]);
        _bench.RestartAt("2029-01-01T00:59:00Z");
        _bench.Open("0 * * * *");
        _bench.TickAt("2029-01-01T01:00:00Z").ShouldBeEmpty();
        _bench.TickAt("2029-01-01T02:00:00Z").ShouldBe(["fired 01T02:00 > 01T03:00"]);
    }

    [Fact]
    public void A_clock_that_is_set_back_repeats_nothing()
    {
        _bench.Open("*/10 * * * *");
        foreach (var minute in (string[])["10", "20", "30"]) _bench.TickAt($"2026-01-01T00:{minute}:00Z").Length.ShouldBe(1);
        _bench.AwakeSince = Due.At("2026-01-01T00:05:00Z");
        _bench.TickAt("2026-01-01T00:05:00Z").ShouldBe(["rearmed 01T00:05 > 01T00:40"]);
        _bench.TickAt("2026-01-01T00:30:00Z").ShouldBeEmpty();
        _bench.TickAt("2026-01-01T00:40:00Z").ShouldBe(["fired 01T00:40 > 01T00:50"]);
    }

    [Fact]
    public void Every_run_that_was_not_accepted_is_submitted_again_however_old_it_is()
    {
        _bench.Open("0 * * * *");
        _bench.TickAt("2026-01-01T01:00:00Z");
        _bench.TickAt("2026-01-01T02:00:00Z");
        _bench.Do(new LedgerInput.Accepted(RunOf("2026-01-01T02:00:00Z")));
        _bench.RestartAt("2026-02-01T00:00:00Z");
        LedgerEffects.From(_bench.State).OfType<LedgerEffect.Submit>().Select(s => s.Run.RunId).ShouldBe([RunOf("2026-01-01T01:00:00Z")]);
        _bench.Do(new LedgerInput.Refused(RunOf("2026-01-01T01:00:00Z"), "no such parameter")).ShouldBe(["failed 01T01:00"]);
        LedgerEffects.From(_bench.State).OfType<LedgerEffect.Submit>().ShouldBeEmpty();
    }

    [Fact]
    public void Due_times_are_not_started_without_end_while_no_run_is_accepted()
    {
        _bench.Open("* * * * * ?");
        _bench.TickAt("2026-01-01T00:30:00Z").Count(e => e.Contains("backlog", StringComparison.Ordinal)).ShouldBe(800);
        _bench.State.Pending.Count.ShouldBe(1000);
    }

    [Fact]
    public void A_rule_for_the_start_is_due_once_for_each_start()
    {
        _bench.Open("@reboot");
        _bench.Do(new LedgerInput.ServiceStarted()).ShouldBe(["fired 01T00:00"]);
        _bench.RestartAt("2026-01-02T00:00:00Z");
        _bench.Open("@reboot").ShouldBeEmpty();
        _bench.Do(new LedgerInput.ServiceStarted()).ShouldBe(["fired 02T00:00"]);
    }

    [Fact]
    public void A_ledger_of_an_earlier_version_is_read_and_only_its_last_run_may_be_missing()
    {
        _bench.Put(
            new ScheduleFired("two", "nightly", Due.At("2025-12-30T02:00:00Z"), RunOf("2025-12-30T02:00:00Z"), Due.At("2025-12-31T02:00:00Z")),
            new ScheduleSkipped("two", "nightly", Due.At("2025-12-31T02:00:00Z"), "misfire"),
            new ScheduleFired("two", "nightly", Due.At("2025-12-31T23:00:00Z"), RunOf("2025-12-31T23:00:00Z"), null));
        LedgerEffects.From(_bench.State).OfType<LedgerEffect.Submit>().Select(s => s.Run.RunId).ShouldBe([RunOf("2025-12-31T23:00:00Z")]);
        _bench.Open("0 2 * * *").ShouldBe(["enabled 01T00:00 > 01T02:00"]);
    }

    [Fact]
    public void Terms_are_written_down_again_so_that_old_entries_may_go()
    {
        _bench.Open("* * * * *");
        for (var i = 1; i <= 1100; i++)
        {
            _bench.Now = _bench.Now.AddMinutes(1);
            _bench.Do(new LedgerInput.Tick());
            if (i != 3) _bench.AcceptAll(i == 1 ? null : "2026-01-01T00:03:00Z");
        }
        var last = _bench.Journal.FindLastIndex(e => e.Event is ScheduleUpdated { Change: ScheduleChange.Restated });
        last.ShouldBeGreaterThan(0);
        // Retention has removed everything before; what is open is still known.
        var state = _bench.Journal[last..].Aggregate(LedgerState.Empty, (s, e) => s.Apply(e));
        (state.Terms, state.NextDueAt, state.Through).ShouldBe((_bench.State.Terms, _bench.State.NextDueAt, _bench.State.Through));
        state.Pending.Keys.ShouldBe([Due.At("2026-01-01T00:03:00Z")]);
    }

    [Fact]
    public void An_audit_finds_an_entry_that_is_missing_and_one_too_many_but_not_those_that_are_known_to_be_lost()
    {
        _bench.Open("0 * * * *");
        for (var hour = 1; hour <= 4; hour++) _bench.TickAt($"2026-01-01T0{hour}:00:00Z");
        Audit(_bench.Journal).ShouldBe(["2026-01-01 01:00:00Z", "2026-01-01 02:00:00Z", "2026-01-01 03:00:00Z", "2026-01-01 04:00:00Z"]);
        _bench.AcceptAll();
        Audit(_bench.Journal).ShouldBeEmpty();
        Audit(_bench.Journal.Where(e => e.Seq != 3)).ShouldHaveSingleItem().ShouldBe("schedule.fired for 2026-01-01 03:00:00Z, when 2026-01-01 02:00:00Z was due next");
        Audit(_bench.Journal.Select(e => e.Seq == 3 ? e with { Event = new JournalEventsLost("schedule:nightly/two", 3, 3) } : e)).ShouldBeEmpty();
        _bench.Put(new ScheduleFired("two", "nightly", Due.At("2026-01-01T04:30:00Z"), RunOf("2026-01-01T04:30:00Z"), null));
        Audit(_bench.Journal)[0].ShouldBe("schedule.fired for 2026-01-01 04:30:00Z, when 2026-01-01 05:00:00Z was due next");

        static string[] Audit(IEnumerable<RecordedEvent> entries)
        {
            var audit = new LedgerAudit(Compile);
            foreach (var entry in entries) audit.Take(entry);
            audit.Finish(Due.At("2026-01-01T04:00:00Z"));
            return [.. audit.Differences.Select(d => d.Contains("was not dispatched", StringComparison.Ordinal) ? d[..20] : d)];
        }
    }

    [Fact]
    public void An_overdue_due_time_is_told_once()
    {
        _bench.Open("0 2 * * *");
        _bench.Do(new LedgerInput.Overdue(Due.At("2026-01-01T02:00:00Z"))).ShouldBe(["overdue"]);
        _bench.Do(new LedgerInput.Overdue(Due.At("2026-01-01T02:00:00Z"))).ShouldBeEmpty();
    }
}

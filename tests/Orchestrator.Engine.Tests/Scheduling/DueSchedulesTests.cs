using Orchestrator.Core.Runs;
using Orchestrator.Engine.Scheduling;
using Shouldly;
using Xunit;
using static Orchestrator.Engine.Tests.Scheduling.SchedulingBench;

namespace Orchestrator.Engine.Tests.Scheduling;

public sealed class DueSchedulesTests
{
    private const string Stream = "schedule:nightly/two";
    private readonly SchedulingBench _bench = new();

    [Fact]
    public async Task A_schedule_fires_once_for_each_due_time_and_at_it()
    {
        await _bench.Apply(Workflow("nightly", Schedule("two", "0 2 * * *")));
        await _bench.PassTo("2026-01-01T01:59:59Z");
        _bench.Fired.ShouldBeEmpty();
        await _bench.PassTo("2026-01-03T12:00:00Z");
        _bench.Fired.ShouldBe(["two 2026-01-01T02:00:00Z", "two 2026-01-02T02:00:00Z", "two 2026-01-03T02:00:00Z"]);
        _bench.Runs[0].RunId.ShouldBe(RunId.ForSchedule("here", "nightly/two", At("2026-01-01T02:00:00Z")));
        _bench.Lags.ShouldAllBe(l => l.Missed == 0 && l.Lag == TimeSpan.Zero);
    }

    [Fact]
    public async Task A_due_time_whose_entry_was_written_though_the_append_failed_is_looked_up_and_decided_once()
    {
        await _bench.Apply(Workflow("nightly", Schedule("two", "0 2 * * *")));
        _bench.Journal.LostAnswers = 1;
        await _bench.PassTo("2026-01-02T12:00:00Z");
        _bench.Journal.Of(Stream).OfType<ScheduleFired>().Select(f => f.DueAt).ShouldBe([At("2026-01-01T02:00:00Z"), At("2026-01-02T02:00:00Z")]);
        _bench.Fired.ShouldBe(["two 2026-01-01T02:00:00Z", "two 2026-01-02T02:00:00Z"]);
    }

    [Fact]
    public async Task Two_installations_never_give_the_same_due_time_the_same_run()
    {
        var other = new SchedulingBench { Installation = "there" };
        foreach (var bench in (SchedulingBench[])[_bench, other])
        {
            await bench.Apply(Workflow("nightly", Schedule("two", "0 2 * * *")));
            await bench.PassTo("2026-01-03T12:00:00Z");
        }
        _bench.Runs.Concat(other.Runs).Select(r => r.RunId).ShouldBeUnique();
        _bench.Runs.Select(r => r.DueAt).ShouldBe(other.Runs.Select(r => r.DueAt));
    }

    [Fact]
    public async Task A_due_time_that_was_decided_before_the_directory_had_an_id_keeps_its_run()
    {
        _bench.DispatchFailures = 1;
        await _bench.Apply(Workflow("nightly", Schedule("two", "0 2 * * *")));
        await _bench.PassTo("2026-01-01T02:00:00Z");
        _bench.Runs.ShouldBeEmpty();
        _bench.Installation = "there";
        await _bench.PassTo("2026-01-01T02:10:00Z");
        _bench.Runs.ShouldHaveSingleItem().RunId.ShouldBe(RunId.ForSchedule("here", "nightly/two", At("2026-01-01T02:00:00Z")));
        _bench.Journal.Of(Stream).OfType<ScheduleFired>().ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_due_time_waits_while_the_installation_has_no_id()
    {
        _bench.InstallationFaults = 1;
        await _bench.Apply(Workflow("nightly", Schedule("two", "0 2 * * *")));
        await _bench.PassTo("2026-01-01T02:00:00Z");
        _bench.Ledger().ShouldBe(["Enabled 01T00:00"]);
        await _bench.PassTo("2026-01-01T02:10:00Z");
        _bench.Fired.ShouldBe(["two 2026-01-01T02:00:00Z"]);
    }

    [Fact]
    public async Task The_ledger_has_each_due_time_with_its_run_and_the_next_one()
    {
        await _bench.Apply(Workflow("nightly", Schedule("two", "0 2 * * *")));
        await _bench.PassTo("2026-01-02T12:00:00Z");
        _bench.Ledger().ShouldBe(["Enabled 01T00:00", "fired 01T02:00", "dispatched 01T02:00", "fired 02T02:00", "dispatched 02T02:00"]);
        _bench.Journal.Of(Stream).OfType<ScheduleFired>().First().ShouldBe(
            new ScheduleFired("two", "nightly", At("2026-01-01T02:00:00Z"), _bench.Runs[0].RunId, At("2026-01-02T02:00:00Z")));
    }

    [Fact]
    public async Task Schedules_of_the_same_second_all_fire()
    {
        await _bench.Apply(Workflow("a", Schedule("x", "0 2 * * *"), Schedule("y", "0 2 * * *")), Workflow("b", Schedule("x", "0 4 * * *", "Europe/Helsinki")));
        await _bench.PassTo("2026-01-01T02:00:00Z");
        _bench.Runs.Select(r => $"{r.Definition.Name}/{r.Schedule.Id}").Order().ShouldBe(["a/x", "a/y", "b/x"]);
        _bench.Runs.Select(r => r.RunId).Distinct().Count().ShouldBe(3);
    }

    [Fact]
    public async Task A_disabled_schedule_does_not_fire()
    {
        await _bench.Apply(Workflow("nightly", Schedule("two", "0 2 * * *", enabled: false)));
        _bench.Alarms.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_early_ring_waits_for_the_clock()
    {
        await _bench.Apply(Workflow("nightly", Schedule("two", "0 2 * * *")));
        await _bench.Ring(_bench.Alarms.Single());
        _bench.Fired.ShouldBeEmpty();
        await _bench.PassTo("2026-01-01T02:00:00Z");
        _bench.Runs.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_ring_that_comes_twice_fires_once()
    {
        await _bench.Apply(Workflow("nightly", Schedule("two", "0 2 * * *")));
        var alarm = _bench.Alarms.Single();
        await _bench.PassTo("2026-01-01T02:00:00Z");
        await _bench.Ring(alarm);
        _bench.Journal.Of(Stream).OfType<ScheduleFired>().ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_changed_rule_replaces_the_alarm()
    {
        await _bench.Apply(Workflow("nightly", Schedule("two", "0 2 * * *")));
        await _bench.Apply(Workflow("nightly", Schedule("two", "0 3 * * *")));
        await _bench.PassTo("2026-01-01T12:00:00Z");
        _bench.Fired.ShouldBe(["two 2026-01-01T03:00:00Z"]);
    }

    [Fact]
    public async Task A_changed_definition_keeps_the_alarm_and_runs_as_changed()
    {
        await _bench.Apply(Workflow("nightly", Schedule("two", "0 2 * * *")));
        await _bench.Apply(Workflow("nightly", Schedule("two", "0 2 * * *")) with { Owner = "me" });
        await _bench.PassTo("2026-01-01T12:00:00Z");
        _bench.Runs.ShouldHaveSingleItem().Definition.Owner.ShouldBe("me");
    }

    [Fact]
    public async Task A_removed_schedule_is_silent_even_when_its_alarm_still_rings()
    {
        await _bench.Apply(Workflow("nightly", Schedule("two", "0 2 * * *")));
        var alarm = _bench.Alarms.Single();
        await _bench.Apply();
        _bench.Alarms.ShouldBeEmpty();
        await _bench.PassTo("2026-01-01T02:00:00Z");
        await _bench.Ring(alarm);
        _bench.Fired.ShouldBeEmpty();
        _bench.Alarms.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_unknown_zone_leaves_the_other_schedules_alone()
    {
        await _bench.Apply(Workflow("nightly", Schedule("bad", "0 2 * * *", "Middle/Earth"), Schedule("two", "0 2 * * *")));
        await _bench.PassTo("2026-01-01T02:00:00Z");
        _bench.Fired.ShouldBe(["two 2026-01-01T02:00:00Z"]);
    }

    [Fact]
    public async Task A_restart_in_the_minute_of_a_firing_starts_no_second_run()
    {
        await _bench.Apply(Workflow("nightly", Schedule("two", "0 2 * * *")));
        await _bench.PassTo("2026-01-01T02:00:10Z");
        _bench.Restart();
        await _bench.Apply(Workflow("nightly", Schedule("two", "0 2 * * *")));
        await _bench.PassTo("2026-01-02T02:00:00Z");
        _bench.Fired.ShouldBe(["two 2026-01-01T02:00:00Z", "two 2026-01-02T02:00:00Z"]);
        _bench.Journal.Of(Stream).OfType<ScheduleFired>().Count().ShouldBe(2);
    }

    [Fact]
    public async Task A_crash_between_ledger_and_dispatch_loses_no_run()
    {
        _bench.DispatchFailures = 1;
        await _bench.Apply(Workflow("nightly", Schedule("two", "0 2 * * *")));
        await _bench.PassTo("2026-01-01T02:00:01Z");
        _bench.Fired.ShouldBeEmpty();
        _bench.Restart();
        await _bench.Apply(Workflow("nightly", Schedule("two", "0 2 * * *")));
        await _bench.PassTo("2026-01-01T02:00:02Z");
        _bench.Fired.ShouldBe(["two 2026-01-01T02:00:00Z"]);
        _bench.Ledger().ShouldBe(["Enabled 01T00:00", "fired 01T02:00", "dispatched 01T02:00"]);
    }

    [Fact]
    public async Task What_was_missed_while_it_was_down_is_told_and_what_is_due_now_fires()
    {
        await _bench.Apply(Workflow("nightly", Schedule("two", "0 2 * * *")));
        await _bench.PassTo("2026-01-01T03:00:00Z");
        _bench.Restart();
        _bench.Clock.AdvanceTo(At("2026-01-05T02:00:30Z"));
        await _bench.Apply(Workflow("nightly", Schedule("two", "0 2 * * *")));
        await _bench.PassTo("2026-01-06T03:00:00Z");
        _bench.Fired.ShouldBe(["two 2026-01-01T02:00:00Z", "two 2026-01-05T02:00:00Z", "two 2026-01-06T02:00:00Z"]);
        _bench.Ledger().ShouldContain("skipped 02T02:00 x3 misfire");
    }

    [Fact]
    public async Task A_machine_that_slept_skips_what_it_missed_and_goes_on_from_now()
    {
        await _bench.Apply(Workflow("nightly", Schedule("two", "0 * * * *")));
        await _bench.SleepTo("2026-01-01T04:30:00Z");
        _bench.Fired.ShouldBeEmpty();
        _bench.Ledger().ShouldBe(["Enabled 01T00:00", "skipped 01T01:00 x4 misfire"]);
        _bench.Lags.ShouldHaveSingleItem().ShouldBe(new ScheduleLag("nightly", "two", TimeSpan.FromHours(3.5), 4));
        await _bench.PassTo("2026-01-01T05:00:00Z");
        _bench.Fired.ShouldBe(["two 2026-01-01T05:00:00Z"]);
    }

    [Fact]
    public async Task Within_the_grace_every_due_time_gets_its_run()
    {
        await _bench.Apply(Workflow("nightly", Schedule("two", "*/10 * * * * ?")));
        await _bench.SleepTo("2026-01-01T00:00:35Z");
        _bench.Fired.ShouldBe(["two 2026-01-01T00:00:10Z", "two 2026-01-01T00:00:20Z", "two 2026-01-01T00:00:30Z"]);
        _bench.Lags.Select(l => l.Lag.TotalSeconds).ShouldBe([25, 15, 5]);
    }

    [Fact]
    public async Task A_full_disk_is_tried_again_within_the_grace()
    {
        await _bench.Apply(Workflow("nightly", Schedule("two", "0 2 * * *")));
        _bench.Journal.Refusals = 2;
        await _bench.PassTo("2026-01-01T02:00:30Z");
        _bench.Fired.ShouldBe(["two 2026-01-01T02:00:00Z"]);
    }

    [Fact]
    public async Task A_disk_that_stays_full_for_minutes_costs_no_due_time()
    {
        await _bench.Apply(Workflow("nightly", Schedule("two", "* * * * *")));
        _bench.Journal.Refusals = 40;
        await _bench.PassTo("2026-01-01T00:05:00Z");
        _bench.Ledger().Where(e => !e.StartsWith("dispatched", StringComparison.Ordinal))
            .ShouldBe(["Enabled 01T00:00", "late 01T00:01", "late 01T00:02", "late 01T00:03", "fired 01T00:04", "fired 01T00:05"]);
        _bench.Runs.Count.ShouldBe(5);
    }

    [Fact]
    public async Task A_clock_that_is_set_back_repeats_nothing()
    {
        await _bench.Apply(Workflow("nightly", Schedule("two", "0 2 * * *")));
        await _bench.PassTo("2026-01-01T02:30:00Z");
        _bench.Clock.SetWallClock(At("2026-01-01T01:30:00Z"));
        _bench.Restart();
        await _bench.Apply(Workflow("nightly", Schedule("two", "0 2 * * *")));
        await _bench.PassTo("2026-01-01T12:00:00Z");
        _bench.Runs.ShouldHaveSingleItem();
    }
}

using Orchestrator.Core.Schedules.Ledger;
using Orchestrator.Core.Schedules.Maintenance;
using Shouldly;
using Xunit;
using static Orchestrator.Engine.Tests.Scheduling.SchedulingBench;

namespace Orchestrator.Engine.Tests.Scheduling;

public sealed class MaintenanceTests
{
    private readonly SchedulingBench _bench = new();

    [Fact]
    public async Task All_schedules_pause_at_once_and_go_on_by_themselves()
    {
        await _bench.Apply(Workflow("nightly", Schedule("two", "0 * * * *"), Schedule("late", "30 * * * *") with { Catchup = new(CatchUpPolicy.Latest) }));
        await _bench.All(new MaintenanceInput.Pause("ann", "upgrade", At("2026-01-01T03:15:00Z")));
        await _bench.PassTo("2026-01-01T03:14:00Z");
        _bench.Fired.ShouldBeEmpty();
        (await _bench.Watch()).ShouldBeEmpty();
        await _bench.PassTo("2026-01-01T04:00:00Z");
        _bench.Fired.ShouldBe(["late 2026-01-01T02:30:00Z", "late 2026-01-01T03:30:00Z", "two 2026-01-01T04:00:00Z"], ignoreOrder: true);
        _bench.Ledger().ShouldBe(["Enabled 01T00:00", "skipped 01T01:00 x3 maintenance", "fired 01T04:00", "dispatched 01T04:00"]);
    }

    [Fact]
    public async Task A_restart_in_the_pause_changes_nothing_and_one_after_it_neither()
    {
        await _bench.Apply(Workflow("nightly", Schedule("two", "0 * * * *")));
        await _bench.All(new MaintenanceInput.Pause("ann", null, At("2026-01-01T04:30:00Z")));
        await _bench.PassTo("2026-01-01T02:10:00Z");
        _bench.Restart();
        await _bench.Apply(Workflow("nightly", Schedule("two", "0 * * * *")));
        await _bench.PassTo("2026-01-01T03:10:00Z");
        _bench.Fired.ShouldBeEmpty();
        _bench.Restart();
        _bench.Clock.AdvanceTo(At("2026-01-01T06:10:00Z"));
        await _bench.Apply(Workflow("nightly", Schedule("two", "0 * * * *")));
        await _bench.PassTo("2026-01-01T07:00:00Z");
        _bench.Ledger().ShouldBe(["Enabled 01T00:00", "skipped 01T01:00 x4 maintenance", "skipped 01T05:00 x2 misfire", "fired 01T07:00", "dispatched 01T07:00"]);
    }

    [Fact]
    public async Task A_person_ends_it_and_a_schedule_that_is_paused_itself_stays_so()
    {
        await _bench.Apply(Workflow("nightly", Schedule("two", "0 * * * *"), Schedule("other", "0 * * * *")));
        await _bench.Do(new LedgerInput.Pause("ann", null));
        await _bench.All(new MaintenanceInput.Pause("ann", null, null));
        await _bench.PassTo("2026-01-01T01:10:00Z");
        await _bench.All(new MaintenanceInput.Resume("ann", null));
        await _bench.PassTo("2026-01-01T02:00:00Z");
        _bench.Fired.ShouldBe(["other 2026-01-01T02:00:00Z"]);
        await _bench.PassTo("2026-01-01T02:10:00Z");
        await _bench.Do(new LedgerInput.Resume("ann", null));
        await _bench.PassTo("2026-01-01T03:00:00Z");
        _bench.Fired.Count().ShouldBe(3);
    }

    [Fact]
    public async Task An_end_whose_alarm_was_lost_is_noticed_by_the_watch()
    {
        await _bench.Apply(Workflow("nightly", Schedule("two", "0 * * * *")));
        await _bench.All(new MaintenanceInput.Pause("ann", null, At("2026-01-01T00:30:00Z")));
        _bench.LoseAlarms();
        _bench.Clock.AdvanceTo(At("2026-01-01T00:40:00Z"));
        (await _bench.Watch()).ShouldBeEmpty();
        await _bench.PassTo("2026-01-01T01:00:00Z");
        _bench.Fired.ShouldBe(["two 2026-01-01T01:00:00Z"]);
    }

    [Fact]
    public async Task A_journal_that_cannot_be_written_pauses_nothing()
    {
        await _bench.Apply(Workflow("nightly", Schedule("two", "0 * * * *")));
        _bench.Journal.Refusals = 1;
        await Should.ThrowAsync<Engine.Journal.JournalUnavailableException>(() => _bench.All(new MaintenanceInput.Pause("ann", null, null)));
        await _bench.PassTo("2026-01-01T01:00:00Z");
        _bench.Fired.ShouldHaveSingleItem();
    }
}

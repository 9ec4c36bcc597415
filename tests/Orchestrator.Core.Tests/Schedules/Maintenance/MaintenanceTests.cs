using Orchestrator.Core.Runs;
using Orchestrator.Core.Schedules.Maintenance;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Schedules.Maintenance;

public sealed class MaintenanceTests
{
    private static readonly DateTimeOffset Noon = Due.At("2026-01-01T12:00:00Z");
    private MaintenanceState _state = MaintenanceState.Empty;

    [Fact]
    public void A_pause_of_all_can_be_given_another_end_and_is_over_by_itself()
    {
        Do(new MaintenanceInput.Pause("ann", "upgrade", null), Noon).ShouldBe([new SchedulesPaused("ann") { Reason = "upgrade" }]);
        Do(new MaintenanceInput.Pause("ben", "upgrade", null), Noon.AddMinutes(1)).ShouldBeEmpty();
        Do(new MaintenanceInput.Pause("ben", "upgrade", Noon.AddHours(1)), Noon.AddMinutes(2)).ShouldBe([new SchedulesPaused("ben") { Reason = "upgrade", Until = Noon.AddHours(1) }]);
        _state.Pause.ShouldBe(new(Noon, "ben", "upgrade", Noon.AddHours(1)));
        Do(new MaintenanceInput.Tick(), Noon.AddMinutes(59)).ShouldBeEmpty();
        Do(new MaintenanceInput.Tick(), Noon.AddHours(3)).ShouldBe([new SchedulesResumed("orchestrator", Noon.AddHours(1)) { Reason = "the pause is over" }]);
        _state.Windows.ShouldBe([new(Noon, Noon.AddHours(1))]);
        Do(new MaintenanceInput.Resume("ann", null), Noon.AddHours(4)).ShouldBeEmpty();
    }

    [Fact]
    public void A_pause_of_all_that_somebody_ends_is_over_then()
    {
        Do(new MaintenanceInput.Pause("ann", null, null), Noon);
        Do(new MaintenanceInput.Resume("ben", "done"), Noon.AddMinutes(5)).ShouldBe([new SchedulesResumed("ben", Noon.AddMinutes(5)) { Reason = "done" }]);
        Do(new MaintenanceInput.Pause("ann", null, null), Noon.AddMinutes(6));
        _state.Windows.ShouldBe([new(Noon, Noon.AddMinutes(5)), new(Noon.AddMinutes(6), null)]);
    }

    [Fact]
    public void Only_the_latest_pauses_are_remembered()
    {
        for (var i = 0; i < 150; i++)
        {
            Do(new MaintenanceInput.Pause("ann", null, null), Noon.AddMinutes(2 * i));
            Do(new MaintenanceInput.Resume("ann", null), Noon.AddMinutes(2 * i + 1));
        }
        _state.Windows.Length.ShouldBe(100);
        _state.Windows[^1].ShouldBe(new(Noon.AddMinutes(298), Noon.AddMinutes(299)));
    }

    private IReadOnlyList<JournalEvent> Do(MaintenanceInput input, DateTimeOffset now)
    {
        var events = MaintenanceDecisions.Decide(_state, input, now);
        _state = events.Aggregate(_state, (s, e) => s.Apply(e));
        return [.. events.Select(e => e.Event)];
    }
}

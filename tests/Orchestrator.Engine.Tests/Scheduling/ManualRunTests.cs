using Orchestrator.Core.Schedules.Ledger;
using Orchestrator.Core.Schedules.Manual;
using Shouldly;
using Xunit;
using static Orchestrator.Engine.Tests.Scheduling.SchedulingBench;

namespace Orchestrator.Engine.Tests.Scheduling;

public sealed class ManualRunTests
{
    private readonly SchedulingBench _bench = new() { IsFollowed = true };

    [Fact]
    public async Task A_run_that_was_asked_for_is_written_down_submitted_and_dispatched_once()
    {
        await _bench.Apply(Workflow("nightly", Schedule("two", "0 2 * * *")));
        var run = await _bench.Ask("a");
        run!.Fate.ShouldBe(ManualFate.Dispatched);
        (await _bench.Ask("a"))!.RunId.ShouldBe(run.RunId);
        _bench.Runs.ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            r => r.RunId.ShouldBe(run.RunId), r => r.Actor.ShouldBe("ann"), r => r.CausationId.ShouldNotBeNull());
        _bench.Journal.Of("manual:nightly/two").Select(e => e.Type).ShouldBe(["schedule.run_requested", "schedule.run_started", "schedule.dispatched"]);
        _bench.Ledger().ShouldBe(["Enabled 01T00:00"]);
    }

    [Fact]
    public async Task A_request_says_whether_it_was_made_before_also_right_after_a_restart()
    {
        await _bench.Apply(Workflow("nightly", Schedule("two", "0 2 * * *")));
        var first = (await _bench.Request("nightly/two", "a"))!;
        first.Existed.ShouldBeFalse();
        _bench.Restart();
        await _bench.Apply(Workflow("nightly", Schedule("two", "0 2 * * *")));
        var again = await Task.WhenAll(_bench.Request("nightly/two", "a"), _bench.Request("nightly/two", "b"), _bench.Request("nightly/two", "b"));
        again[0]!.ShouldSatisfyAllConditions(r => r.Existed.ShouldBeTrue(), r => r.Run.RunId.ShouldBe(first.Run.RunId));
        again.Skip(1).Count(r => r!.Existed).ShouldBe(1);   // of two at once one is the first
    }

    [Fact]
    public async Task Nothing_is_asked_of_a_schedule_that_is_not_in_force()
    {
        await _bench.Apply(Workflow("nightly", Schedule("two", "0 2 * * *", enabled: false)));
        (await _bench.Ask("a")).ShouldBeNull();
        _bench.Journal.Of("manual:nightly/two").ShouldBeEmpty();
    }

    [Fact]
    public async Task A_run_that_was_asked_for_survives_a_crash_before_it_was_accepted()
    {
        await _bench.Apply(Workflow("nightly", Schedule("two", "0 2 * * *")));
        _bench.DispatchFailures = 1;
        var run = await _bench.Ask("a");
        run!.Fate.ShouldBe(ManualFate.Started);
        _bench.Restart();
        await _bench.Apply(Workflow("nightly", Schedule("two", "0 2 * * *")));
        _bench.Runs.ShouldHaveSingleItem().RunId.ShouldBe(run.RunId);
        (await _bench.Ask("a"))!.ShouldBe(run with { Fate = ManualFate.Dispatched });
    }

    [Fact]
    public async Task What_was_written_though_the_append_failed_is_carried_out_once()
    {
        await _bench.Apply(Workflow("nightly", Schedule("two", "0 2 * * *")));
        _bench.Journal.LostAnswers = 1;
        await Should.ThrowAsync<Engine.Journal.JournalUnavailableException>(() => _bench.Ask("a"));
        (await _bench.Ask("a"))!.Fate.ShouldBe(ManualFate.Dispatched);
        _bench.Runs.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Due_times_and_requests_wait_for_each_other()
    {
        await _bench.Apply(Workflow("nightly", Schedule("two", "0 2 * * *") with { Overlap = OverlapRule.Queue }));
        await _bench.PassTo("2026-01-01T02:00:00Z");
        (await _bench.Ask("a"))!.Fate.ShouldBe(ManualFate.Queued);
        await _bench.PassTo("2026-01-02T03:00:00Z");
        _bench.Runs.Count.ShouldBe(1);
        _bench.End(_bench.Runs[0]);
        await _bench.RunsAsync(2);
        _bench.Runs[1].DueAt.ShouldBe(At("2026-01-02T02:00:00Z"));
        _bench.End(_bench.Runs[1]);
        await _bench.RunsAsync(3);
        _bench.Runs[2].Actor.ShouldBe("ann");
        await _bench.PassTo("2026-01-03T03:00:00Z");
        _bench.Ledger()[^1].ShouldBe("queued 03T02:00");
    }

    [Fact]
    public async Task A_due_time_finds_a_run_that_was_asked_for_open()
    {
        await _bench.Apply(Workflow("nightly", Schedule("two", "0 2 * * *") with { Overlap = OverlapRule.Skip }));
        await _bench.Ask("a");
        await _bench.PassTo("2026-01-01T02:00:00Z");
        _bench.Ledger()[^1].ShouldBe("blocked 01T02:00");
        _bench.End(_bench.Runs[0]);
        await _bench.PassTo("2026-01-02T02:00:00Z");
        (await _bench.Ask("b"))!.Fate.ShouldBe(ManualFate.Blocked);
    }

    [Fact]
    public async Task A_pause_with_an_end_is_over_by_itself_though_the_process_is_another()
    {
        await _bench.Apply(Workflow("nightly", Schedule("two", "0 * * * *")));
        await _bench.Do(new LedgerInput.Pause("ann", "disk", At("2026-01-01T03:30:00Z")));
        await _bench.PassTo("2026-01-01T01:30:00Z");
        (await _bench.Ask("a"))!.Fate.ShouldBe(ManualFate.Dispatched);   // by hand it may run
        _bench.Restart();
        await _bench.Apply(Workflow("nightly", Schedule("two", "0 * * * *")));
        await _bench.PassTo("2026-01-01T04:30:00Z");
        _bench.Ledger().ShouldBe(["Enabled 01T00:00", "paused", "resumed", "skipped 01T01:00 x3 paused", "fired 01T04:00", "dispatched 01T04:00"]);
        (await _bench.Watch()).ShouldBeEmpty();
    }
}

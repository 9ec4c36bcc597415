using Orchestrator.Core.Runs;
using Orchestrator.Core.Schedules.Backfills;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Schedules.Backfills;

public sealed class BackfillDecisionTests
{
    private readonly BackfillBench _bench = new();

    [Fact]
    public void It_is_written_down_with_its_items_and_the_first_starts_at_once() =>
        _bench.Create(3).ShouldBe(["created 3", "planned 2026-01-01 x3", "started 1 2026-01-01"]);

    [Fact]
    public void The_newest_come_first_when_asked_for() =>
        _bench.Create(3, 2, BackfillOrder.Newest).ShouldBe(["created 3", "planned 2026-01-03 x3", "started 1 2026-01-03", "started 2 2026-01-02"]);

    [Fact]
    public void Many_items_are_planned_in_parts_of_one_batch() =>
        _bench.Create(1_200).ShouldBe(["created 1200", "planned 2026-01-01 x500", "planned 2027-05-16 x500", "planned 2028-09-27 x200", "started 1 2026-01-01"]);

    [Fact]
    public void The_same_backfill_asked_for_twice_is_made_once()
    {
        _bench.Create(3);
        _bench.Create(5).ShouldBeEmpty();
    }

    [Fact]
    public void The_next_item_starts_when_one_has_ended_and_never_more_than_said()
    {
        _bench.Create(4, parallelism: 2);
        _bench.Accept(1).ShouldBe(["dispatched 1"]);
        _bench.Accept(2).ShouldBe(["dispatched 2"]);
        _bench.End(2).ShouldBe(["ended 2 completed", "started 3 2026-01-03"]);
        _bench.End(1).ShouldBe(["ended 1 completed", "started 4 2026-01-04"]);
        _bench.State.Open.Count.ShouldBe(2);
    }

    [Fact]
    public void It_completes_when_every_run_has()
    {
        _bench.Create(2);
        _bench.Accept(1);
        _bench.End(1);
        _bench.Accept(2);
        _bench.End(2).ShouldBe(["ended 2 completed", "finished completed 2/0/0/0"]);
        _bench.State.Status.ShouldBe(BackfillStatus.Completed);
    }

    [Theory]
    [InlineData(BackfillOutcome.Failed, "finished failed 1/1/0/0")]
    [InlineData(BackfillOutcome.Cancelled, "finished failed 1/0/1/0")]
    [InlineData(BackfillOutcome.Unknown, "finished failed 1/0/0/0")]
    public void One_that_did_not_complete_stops_no_other_and_shows_in_the_end(BackfillOutcome outcome, string end)
    {
        _bench.Create(2);
        _bench.Accept(1);
        _bench.End(1, outcome).ShouldBe([$"ended 1 {Words.Of(outcome)}", "started 2 2026-01-02"]);
        _bench.Accept(2);
        _bench.End(2).Last().ShouldBe(end);
    }

    [Fact]
    public void A_run_that_is_refused_ends_its_item_and_the_next_goes_on()
    {
        _bench.Create(2);
        _bench.Do(new BackfillInput.Refused(_bench.Run(1), "no such pool")).ShouldBe(["ended 1 refused", "started 2 2026-01-02"]);
        _bench.State.Ended[1].Error.ShouldBe("no such pool");
    }

    [Fact]
    public void An_end_that_is_heard_of_before_the_acceptance_counts_as_both()
    {
        _bench.Create(1);
        _bench.End(1).ShouldBe(["dispatched 1", "ended 1 completed", "finished completed 1/0/0/0"]);
        _bench.Accept(1).ShouldBeEmpty();
    }

    [Fact]
    public void A_cancel_starts_nothing_more_and_waits_for_what_is_open()
    {
        _bench.Create(5, parallelism: 2);
        _bench.Accept(1);
        _bench.Do(new BackfillInput.Cancel("ann", "wrong day")).ShouldBe(["cancel_requested"]);
        _bench.State.Status.ShouldBe(BackfillStatus.Cancelling);
        _bench.Do(new BackfillInput.Withdrawn(_bench.Run(2))).ShouldBe(["ended 2 cancelled"]);
        _bench.End(1, BackfillOutcome.Cancelled).ShouldBe(["ended 1 cancelled", "finished cancelled 0/0/2/3"]);
        _bench.Do(new BackfillInput.Cancel("bob", null)).ShouldBeEmpty();
    }

    [Fact]
    public void A_cancel_that_comes_when_all_has_completed_changes_nothing()
    {
        _bench.Create(2);
        _bench.Accept(1);
        _bench.End(1);
        _bench.Accept(2);
        _bench.Do(new BackfillInput.Cancel("ann", null));
        _bench.End(2).ShouldBe(["ended 2 completed", "finished completed 2/0/0/0"]);
    }

    [Fact]
    public void What_is_open_is_submitted_or_watched_and_asked_to_stop_when_it_is_cancelled()
    {
        _bench.Create(5, parallelism: 2);
        _bench.Accept(1);
        Effects().ShouldBe(["Watch 1", "Submit 2"]);
        var events = _bench.Take(new BackfillInput.Cancel("ann", null));
        BackfillEffects.After(_bench.State, events).ShouldBe(BackfillEffects.From(_bench.State));
        Effects().ShouldBe(["Watch 1", "Stop 1", "Withdraw 2"]);
    }

    [Fact]
    public void Two_backfills_and_two_installations_never_share_a_run()
    {
        var ids = from installation in (string[])["here", "there"] from backfill in (string[])["a", "b"] from item in (string[])["2026-01-01", "2026-01-02"]
                  select RunId.ForBackfill(installation, backfill, item, _bench.Now);
        ids.ShouldBeUnique();
    }

    [Theory]
    [InlineData("created")]
    [InlineData("tick")]
    [InlineData("accepted")]
    [InlineData("ended")]
    [InlineData("cancel")]
    public void Nothing_happens_to_a_backfill_that_is_unknown_or_has_ended(string input)
    {
        var run = RunId.ForBackfill("here", "b", "x", _bench.Now);
        BackfillInput what = input switch
        {
            "tick" => new BackfillInput.Tick(),
            "accepted" => new BackfillInput.Accepted(run),
            "ended" => new BackfillInput.Ended(run, BackfillOutcome.Completed),
            "cancel" => new BackfillInput.Cancel("ann", null),
            _ => new BackfillInput.Create(BackfillBench.Plan(1)),
        };
        if (input != "created") _bench.Do(what).ShouldBeEmpty();
        _bench.Create(1);
        _bench.End(1);
        _bench.Do(what).ShouldBeEmpty();
    }

    private string[] Effects() => [.. BackfillEffects.From(_bench.State).Select(e => $"{e.GetType().Name} {e.Item.Number}")];
}

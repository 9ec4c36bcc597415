using Orchestrator.Core.Runs;
using Orchestrator.Core.Triggers;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Triggers;

public sealed class TriggerDecisionTests
{
    private readonly TriggerBench _bench = new();

    [Fact]
    public void A_delivery_starts_its_run_and_the_run_is_dispatched()
    {
        _bench.Deliver("d1").ShouldBe(["received d1", "fired d1"]);
        var run = _bench.State.Pending.Keys.ShouldHaveSingleItem();
        TriggerEffects.From(_bench.State).OfType<TriggerEffect.Submit>().ShouldHaveSingleItem().Run.RunId.ShouldBe(run);
        _bench.Do(new TriggerInput.Accepted(run)).ShouldBe(["dispatched"]);
        _bench.State.Pending.ShouldBeEmpty();
        _bench.Do(new TriggerInput.Accepted(run)).ShouldBeEmpty();
    }

    [Fact]
    public void A_delivery_that_comes_again_starts_nothing_and_names_the_first_run()
    {
        _bench.Deliver("d1");
        var run = _bench.State.Pending.Keys.Single();
        _bench.Deliver("d1").ShouldBe(["duplicate d1"]);
        _bench.AcceptAll();
        _bench.Restart();
        _bench.Deliver("d1").ShouldBe(["duplicate d1"]);
        _bench.Journal[^1].Event.ShouldBeOfType<TriggerDuplicate>().RunId.ShouldBe(run);
    }

    [Fact]
    public void A_run_that_is_refused_for_ever_is_told_and_waits_no_more()
    {
        _bench.Deliver("d1");
        _bench.Do(new TriggerInput.Refused(_bench.State.Pending.Keys.Single(), "no pool")).ShouldBe(["failed no pool"]);
        _bench.State.Pending.ShouldBeEmpty();
        _bench.Deliver("d1").ShouldBe(["duplicate d1"]);
    }

    [Fact]
    public void Parameters_that_do_not_fit_are_refused_and_the_delivery_may_come_again()
    {
        _bench.Deliver("d1", """{"bad":"day must be a date"}""").ShouldBe(["rejected params d1: day must be a date"]);
        _bench.Deliver("d1").ShouldBe(["received d1", "fired d1"]);
    }

    [Fact]
    public void Too_many_runs_that_are_not_accepted_are_a_backlog()
    {
        for (var i = 0; i < TriggerDecisions.MaxPending; i++) _bench.Deliver($"d{i}");
        _bench.Deliver("more").ShouldBe(["rejected backlog more"]);
        _bench.AcceptAll();
        _bench.Deliver("more").ShouldBe(["received more", "fired more"]);
    }

    [Fact]
    public void Refusals_of_one_kind_are_one_entry_with_their_number()
    {
        _bench.Do(new TriggerInput.Reject(RejectReasons.Signature) { Error = "The signature does not match." }).ShouldBe(["rejected signature: The signature does not match."]);
        _bench.Do(new TriggerInput.Reject(RejectReasons.Flood) { Count = 40, Since = TriggerBench.Start }).ShouldBe(["rejected flood x40"]);
        _bench.Audit().Rejected.ShouldBe(41);
    }

    [Fact]
    public void Debounce_starts_a_run_for_the_last_delivery_once_it_is_quiet()
    {
        _bench.Policy = new TriggerPolicy.Debounce(TimeSpan.FromSeconds(5), null);
        _bench.Deliver("d1", """{"n":1}""").ShouldBe(["received d1"]);
        _bench.After(4).ShouldBeEmpty();
        _bench.Deliver("d2", """{"n":2}""").ShouldBe(["received d2", "debounced d1 by d2"]);
        _bench.Deliver("d1").ShouldBe(["duplicate d1 of none"]);
        _bench.After(4).ShouldBeEmpty();
        _bench.Restart();
        _bench.After(1).ShouldBe(["fired d2"]);
        _bench.Journal[^1].Event.ShouldBeOfType<TriggerFired>().Params["facts"].GetProperty("n").GetInt32().ShouldBe(2);
        _bench.Deliver("d3").ShouldBe(["received d3"]);
        _bench.State.HeldSince.ShouldBe(_bench.Now);
    }

    [Fact]
    public void A_burst_without_end_starts_a_run_at_the_latest_after_the_longest_time()
    {
        _bench.Policy = new TriggerPolicy.Debounce(TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(12));
        _bench.Deliver("d0");
        var fired = new List<double>();
        for (var second = 3; second <= 30; second += 3)
        {
            if (_bench.After(3).Any(l => l.StartsWith("fired", StringComparison.Ordinal))) fired.Add(second);
            _bench.Deliver($"d{second}");
        }
        fired.ShouldBe([12, 24]);
    }

    [Fact]
    public void A_batch_starts_one_run_when_it_is_full_or_its_first_delivery_has_waited_long_enough()
    {
        _bench.Policy = new TriggerPolicy.Batch(3, TimeSpan.FromSeconds(10));
        _bench.Deliver("d1", """{"n":1}""").ShouldBe(["received d1"]);
        _bench.Deliver("d2", """{"n":2}""").ShouldBe(["received d2"]);
        _bench.Deliver("d3", """{"n":3}""").ShouldBe(["received d3", "fired d1+d2+d3"]);
        var facts = _bench.Journal[^1].Event.ShouldBeOfType<TriggerFired>().Params["facts"];
        facts.GetProperty("n").GetInt32().ShouldBe(3);
        facts.GetProperty("count").GetInt32().ShouldBe(3);
        facts.GetProperty("batch").EnumerateArray().Select(f => f.GetProperty("n").GetInt32()).ShouldBe([1, 2, 3]);
        _bench.Deliver("d4");
        _bench.After(9).ShouldBeEmpty();
        _bench.Deliver("d5");
        _bench.Restart();
        _bench.After(1).ShouldBe(["fired d4+d5"]);
    }

    [Fact]
    public void A_batch_of_large_deliveries_starts_before_it_takes_too_much_room()
    {
        _bench.Policy = new TriggerPolicy.Batch(1000, TimeSpan.FromHours(1));
        var large = $$"""{"text":"{{new string('x', 400 << 10)}}"}""";
        _bench.Deliver("d0", large).ShouldBe(["received d0"]);
        _bench.Deliver("d1", large).ShouldBe(["received d1"]);
        _bench.Deliver("d2", large).ShouldBe(["fired d0+d1", "received d2"]);
        _bench.State.HeldBytes.ShouldBeInRange(400 << 10, 401 << 10);
    }

    [Fact]
    public void A_run_for_several_deliveries_is_linked_to_their_callers_and_below_none()
    {
        _bench.Policy = new TriggerPolicy.Batch(2, TimeSpan.FromSeconds(10));
        TraceStamp Trace(int n) => new($"00-0af7651916cd43dd8448eb211c80319{n}-b7ad6b7169203331-01");
        _bench.Do(new TriggerInput.Deliver(TriggerBench.Delivery("d1") with { Trace = Trace(1), CorrelationId = "order-7" }));
        _bench.Do(new TriggerInput.Deliver(TriggerBench.Delivery("d2") with { Trace = Trace(2), CorrelationId = "order-7" }));
        var fired = _bench.Journal[^1].Event.ShouldBeOfType<TriggerFired>();
        fired.Trace.ShouldBeNull();
        fired.Links.ShouldBe([new("trigger", Trace(1).TraceParent), new("trigger", Trace(2).TraceParent)]);
        fired.CorrelationId.ShouldBe("order-7");
    }

    [Fact]
    public void The_callers_trace_correlation_id_and_cause_are_the_runs()
    {
        var trace = new TraceStamp("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "v=1");
        _bench.Do(new TriggerInput.Deliver(TriggerBench.Delivery("d1") with { Trace = trace, CorrelationId = "order-7", CausationId = "cause", Depth = 3 }));
        _bench.Restart();
        var pending = _bench.State.Pending.Values.ShouldHaveSingleItem();
        pending.Trace.ShouldBe(trace);
        pending.CorrelationId.ShouldBe("order-7");
        pending.Depth.ShouldBe(3);
        _bench.Journal[^1].Event.ShouldBeOfType<TriggerFired>().CausationId.ShouldBe("cause");
    }

    [Fact]
    public void What_waits_is_refused_when_the_trigger_is_switched_off_and_starts_at_once_when_it_need_not_wait()
    {
        _bench.Policy = new TriggerPolicy.Batch(3, TimeSpan.FromSeconds(10));
        _bench.Deliver("d1");
        _bench.Do(new TriggerInput.Close()).ShouldBe(["rejected disabled d1"]);
        _bench.Deliver("d2");
        _bench.Policy = TriggerPolicy.Each;
        _bench.Do(new TriggerInput.Tick()).ShouldBe(["fired d2"]);
    }

    [Fact]
    public void The_ids_of_runs_differ_by_installation_trigger_and_delivery_alone()
    {
        RunId Id(string installation = "here", string key = "nightly/pushed", string delivery = "d1") => RunId.ForTrigger(installation, key, delivery, TriggerBench.Start);
        Id().ShouldBe(Id());
        new[] { Id(), Id(installation: "there"), Id(key: "nightly/other"), Id(delivery: "d2"), RunId.ForSchedule("here", "nightly/pushed", TriggerBench.Start) }.Distinct().Count().ShouldBe(5);
        Id().Time.ShouldBe(TriggerBench.Start);
    }

    [Fact]
    public void What_is_open_is_written_down_again_so_that_old_entries_can_go()
    {
        _bench.Deliver("open");
        var run = _bench.State.Pending.Keys.Single();
        for (var i = 0; i < TriggerDecisions.RestateAfter + 10 && !_bench.Journal.Any(e => e.Event is TriggerRestated); i++) _bench.Do(new TriggerInput.Reject(RejectReasons.Flood));
        var restated = _bench.Journal.FindIndex(e => e.Event is TriggerRestated);
        restated.ShouldBeGreaterThan(900);
        _bench.Restart(from: restated);
        _bench.State.Pending.Keys.ShouldBe([run]);
        _bench.Do(new TriggerInput.Accepted(run)).ShouldBe(["dispatched"]);
    }

    [Fact]
    public void The_latest_deliveries_are_remembered_and_no_more_than_there_is_room_for()
    {
        for (var i = 0; i <= TriggerState.MaxSeen; i++)
        {
            _bench.Deliver($"d{i}");
            if (i % 500 == 0) _bench.AcceptAll();
        }
        _bench.State.Seen.Count.ShouldBe(TriggerState.MaxSeen);
        _bench.Deliver($"d{TriggerState.MaxSeen}").ShouldBe([$"duplicate d{TriggerState.MaxSeen}"]);
    }
}

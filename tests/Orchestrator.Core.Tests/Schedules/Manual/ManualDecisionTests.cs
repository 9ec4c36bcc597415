using Orchestrator.Core.Runs;
using Orchestrator.Core.Schedules.Ledger;
using Orchestrator.Core.Schedules.Manual;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Schedules.Manual;

public sealed class ManualDecisionTests
{
    private static readonly RunId Other = RunId.ForSchedule("here", "nightly/two", Due.At("2026-01-01T02:00:00Z"));
    private readonly ManualBench _bench = new();

    [Fact]
    public void A_request_starts_a_run_of_its_own_once()
    {
        _bench.Ask("a", reason: "why not").ShouldBe(["requested a", "started a"]);
        _bench.Journal[0].Event.ShouldBe(new ScheduleRunRequested("two", "nightly", "a", _bench.Now, RunId.ForManual("here", "nightly/two", "a", _bench.Now), "ann") { Reason = "why not" });
        _bench.Ask("a", "ben").ShouldBeEmpty();
        _bench.Ask("b").ShouldBe(["requested b", "started b"]);   // at the same instant
        _bench.RunOf("a").ShouldNotBe(_bench.RunOf("b"));
        _bench.State.Known["a"].At.ShouldNotBe(_bench.State.Known["b"].At);
        _bench.Do(new ManualInput.Accepted(_bench.RunOf("a"))).ShouldBe(["dispatched a"]);
        _bench.Do(new ManualInput.Accepted(_bench.RunOf("a"))).ShouldBeEmpty();
        _bench.Do(new ManualInput.Refused(_bench.RunOf("b"), "no")).ShouldBe(["failed b"]);
        _bench.State.Known.Values.OrderBy(r => r.At).Select(r => r.Fate).ShouldBe([ManualFate.Dispatched, ManualFate.Failed]);
        _bench.State.Pending.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(OverlapRule.Allow, "requested a|started a")]
    [InlineData(OverlapRule.Skip, "requested a|blocked a")]
    [InlineData(OverlapRule.Queue, "requested a|queued a")]
    [InlineData(OverlapRule.Replace, "requested a|started a replaces 1")]
    public void A_request_that_finds_an_open_run_does_as_a_due_time(OverlapRule overlap, string events)
    {
        _bench.Overlap = overlap;
        _bench.OpenRuns.Add(Other);
        _bench.Ask("a").ShouldBe(events.Split('|'));
        _bench.Ask("a").ShouldBeEmpty();
    }

    [Fact]
    public void Requests_that_wait_start_in_order_one_after_another()
    {
        _bench.Overlap = OverlapRule.Queue;
        _bench.OpenRuns.Add(Other);
        _bench.Ask("a");
        _bench.Ask("b");
        _bench.Do(new ManualInput.Tick()).ShouldBeEmpty();
        _bench.OpenRuns.Clear();
        _bench.Do(new ManualInput.Tick()).ShouldBe(["started a"]);
        _bench.Do(new ManualInput.Tick()).ShouldBeEmpty();
        _bench.Accept("a");
        _bench.Do(new ManualInput.Tick()).ShouldBeEmpty();
        _bench.OpenRuns.Clear();
        _bench.Ask("c").ShouldBe(["started b", "requested c", "queued c"]);
        _bench.State.Known["c"].By.ShouldBe(_bench.RunOf("b"));
    }

    [Fact]
    public void There_is_a_bound_to_what_waits()
    {
        for (var i = 0; i < 1000; i++) _bench.Ask($"r{i}");
        _bench.Ask("more").ShouldBe(["requested more", "failed more"]);
    }

    [Fact]
    public void What_follows_live_is_what_follows_after_a_restart()
    {
        for (var seed = 0; seed < 100; seed++)
        {
            var random = new Random(seed);
            var bench = new ManualBench { Overlap = (OverlapRule)random.Next(4) };
            var (submitted, audit) = (new HashSet<RunId>(), new ManualAudit());
            for (var step = 0; step < 60; step++)
            {
                var before = bench.Journal.Count;
                var pending = bench.State.Pending.Values.Select(p => p.RunId).ToList();
                switch (random.Next(6))
                {
                    case 0: bench.OpenRuns.Clear(); break;
                    case 1: bench.Now += TimeSpan.FromSeconds(random.Next(-5, 10)); break;
                    case 2 when pending.Count > 0:
                        bench.OpenRuns.Add(pending[0]);
                        bench.Do(new ManualInput.Accepted(pending[0]));
                        break;
                    case 3 when pending.Count > 0: bench.Do(new ManualInput.Refused(pending[0], "no")); break;
                    case 4: bench.Do(new ManualInput.Tick()); break;
                    default: bench.Ask($"r{random.Next(40)}"); break;
                }
                var events = bench.Journal[before..];
                foreach (var e in events) audit.Take(e);
                audit.Differences.ShouldBeEmpty($"seed {seed}, step {step}");
                submitted.UnionWith(ManualDecisions.After(bench.State, events).OfType<LedgerEffect.Submit>().Select(s => s.Run.RunId));
                foreach (var done in events.Select(e => e.Event))
                    if (done is ScheduleDispatched d) submitted.Remove(d.RunId);
                    else if (done is ScheduleFailed f) submitted.Remove(f.RunId);
                ManualDecisions.From(bench.State).OfType<LedgerEffect.Submit>().Select(s => s.Run.RunId).Order().ShouldBe(submitted.Order(), $"seed {seed}, step {step}");
            }
            var again = bench.Journal.Aggregate(ManualState.Empty, (s, e) => s.Apply(e));
            again.Pending.ShouldBe(bench.State.Pending);
            again.Queued.ShouldBe(bench.State.Queued);
            again.Known.Values.OrderBy(r => r.At).ShouldBe(bench.State.Known.Values.OrderBy(r => r.At));
        }
    }

    [Fact]
    public void An_audit_finds_a_request_twice_and_a_start_that_was_not_dispatched()
    {
        _bench.Ask("a");
        var audit = new ManualAudit();
        foreach (var e in _bench.Journal) audit.Take(e);
        audit.Finish(_bench.Now.AddMinutes(-1));
        audit.Differences.ShouldBeEmpty();
        audit.Finish(_bench.Now);
        audit.Differences.ShouldHaveSingleItem().ShouldContain("was not dispatched");
        audit.Take(_bench.Journal[0]);
        audit.Differences.ShouldContain(d => d.Contains("taken down twice", StringComparison.Ordinal));
    }
}

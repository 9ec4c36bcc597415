using Orchestrator.Core.Runs;
using Orchestrator.Core.Schedules.Ledger;
using Shouldly;
using Xunit;
using static Orchestrator.Core.Tests.Schedules.Ledger.LedgerBench;

namespace Orchestrator.Core.Tests.Schedules.Ledger;

/// <summary>Due times that stop the runs of their workflow, and those that start one after them.</summary>
public sealed class LedgerActionTests
{
    private static readonly RunId One = RunOf("2025-12-31T01:00:00Z"), Two = RunOf("2025-12-31T02:00:00Z");
    private readonly LedgerBench _bench = new();

    [Fact]
    public void Stop_names_the_runs_that_are_open_and_is_done_with_when_they_have_ended()
    {
        First(ScheduleAction.Stop, One, Two);
        _bench.TickAt("2026-01-01T01:00:00Z").ShouldBe(["stopping 01T01:00 x2 > 01T02:00"]);
        LedgerEffects.From(_bench.State).OfType<LedgerEffect.Stop>().Single().Runs.ShouldBe([One, Two]);
        _bench.OpenRuns.Remove(One);
        _bench.TickAt("2026-01-01T01:00:01Z").ShouldBeEmpty();
        _bench.OpenRuns.Remove(Two);
        _bench.TickAt("2026-01-01T01:00:02Z").ShouldBe(["stopped 01T01:00"]);
        LedgerEffects.From(_bench.State).OfType<LedgerEffect.Stop>().ShouldBeEmpty();
    }

    [Fact]
    public void Stop_without_an_open_run_is_one_entry_and_nothing_follows()
    {
        First(ScheduleAction.Stop);
        _bench.TickAt("2026-01-01T01:00:00Z").ShouldBe(["stopping 01T01:00 x0 > 01T02:00"]);
        _bench.State.Stopping.ShouldBeEmpty();
        _bench.TickAt("2026-01-01T01:00:02Z").ShouldBeEmpty();
    }

    [Fact]
    public void A_kill_between_the_entry_and_the_end_of_the_runs_leaves_them_to_be_stopped()
    {
        First(ScheduleAction.Stop, One);
        _bench.TickAt("2026-01-01T01:00:00Z");
        _bench.RestartAt("2026-01-01T01:00:30Z");
        LedgerEffects.From(_bench.State).OfType<LedgerEffect.Stop>().Single().Runs.ShouldBe([One]);
        _bench.Open("0 * * * *").ShouldBeEmpty();
        _bench.OpenRuns.Clear();
        _bench.TickAt("2026-01-01T01:00:40Z").ShouldBe(["stopped 01T01:00"]);
    }

    [Fact]
    public void Restart_starts_its_run_when_those_that_it_stops_have_ended_whatever_else_is_open()
    {
        First(ScheduleAction.Restart, One);
        _bench.TickAt("2026-01-01T01:00:00Z").ShouldBe(["queued 01T01:00 > 01T02:00"]);
        LedgerEffects.From(_bench.State).OfType<LedgerEffect.Stop>().Single().Runs.ShouldBe([One]);
        (_bench.OpenRuns[0], _) = (Two, 0);   // somebody has started another one meanwhile
        _bench.TickAt("2026-01-01T01:00:05Z").ShouldBe(["fired 01T01:00 > 01T02:00"]);
        _bench.State.Stopping.ShouldBeEmpty();
    }

    [Fact]
    public void Restart_without_an_open_run_starts_at_once()
    {
        First(ScheduleAction.Restart);
        _bench.TickAt("2026-01-01T01:00:00Z").ShouldBe(["fired 01T01:00 > 01T02:00"]);
    }

    [Fact]
    public void A_restart_that_still_waits_passes_when_the_next_one_is_due()
    {
        First(ScheduleAction.Restart, One);
        _bench.TickAt("2026-01-01T01:00:00Z");
        _bench.TickAt("2026-01-01T02:00:00Z").ShouldBe(["skipped 01T01:00 superseded > 01T02:00", "queued 01T02:00 > 01T03:00"]);
        _bench.OpenRuns.Clear();
        _bench.TickAt("2026-01-01T02:00:05Z").ShouldBe(["fired 01T02:00 > 01T03:00"]);
    }

    [Theory]
    [InlineData(ScheduleAction.Stop)]
    [InlineData(ScheduleAction.Restart)]
    public void Of_several_at_once_only_the_last_does_it(ScheduleAction action)
    {
        First(action, One);
        _bench.Policy = _bench.Policy with { CatchUp = new(CatchUpPolicy.All) };
        _bench.RestartAt("2026-01-01T03:00:10Z");
        var entries = _bench.Open("0 * * * *");
        entries[..2].ShouldBe(["skipped 01T01:00 superseded > 01T02:00", "skipped 01T02:00 superseded > 01T03:00"]);
        entries[2].ShouldStartWith(action == ScheduleAction.Stop ? "stopping 01T03:00 x1" : "queued 01T03:00");
    }

    [Fact]
    public void What_is_stopped_outlives_the_entries_that_retention_removes()
    {
        First(ScheduleAction.Stop, One);
        _bench.TickAt("2026-01-01T01:00:00Z");
        for (var minute = 0; minute <= LedgerDecisions.RestateAfter; minute++) _bench.Put(new ScheduleOverdue("two", "nightly", Due.At("2026-01-01T00:00:00Z").AddMinutes(minute)));
        _bench.TickAt("2026-01-01T02:00:00Z");
        var kept = _bench.Journal.SkipWhile(e => e.Event is not ScheduleUpdated { Change: ScheduleChange.Restated }).ToList();
        var state = kept.Aggregate(LedgerState.Empty, (s, e) => s.Apply(e));
        state.Stopping.ShouldBe(_bench.State.Stopping);
        state.Queued.ShouldBe(_bench.State.Queued);
        state.Stopping.Keys.ShouldContain(Due.At("2026-01-01T01:00:00Z"));
    }

    [Fact]
    public void Whatever_happens_each_due_time_has_one_outcome_and_what_is_owed_is_the_same_live_and_after_a_kill()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var (random, bench, audit) = (new Random(seed), new LedgerBench(), new LedgerAudit(Compile));
            bench.Policy = new() { Action = (ScheduleAction)random.Next(1, 3), CatchUp = new((CatchUpPolicy)random.Next(3)) };
            bench.Open("*/5 * * * *");
            for (var step = 0; step < 40; step++)
            {
                var before = bench.Journal.Count;
                bench.Now += TimeSpan.FromSeconds(random.Next(1, 400));
                switch (random.Next(6))
                {
                    case 0:
                        bench.RestartAt(bench.Now.ToString("O"));
                        bench.Open("*/5 * * * *");
                        break;
                    case 1: bench.OpenRuns.Add(RunOf($"2025-12-0{random.Next(1, 9)}T00:00:00Z")); break;
                    case 2: bench.OpenRuns.Clear(); break;
                    case 3: bench.AcceptAll(); break;
                    case 4:
                        bench.Do(new LedgerInput.Close(false));
                        bench.Open("*/5 * * * *");
                        break;
                }
                bench.Do(new LedgerInput.Tick());
                foreach (var entry in bench.Journal[before..]) audit.Take(entry);
                audit.Differences.ShouldBeEmpty($"seed {seed}, step {step}");
                bench.State.Stopping.Values.ShouldAllBe(runs => runs.Any(bench.OpenRuns.Contains) || runs.Any(r => bench.State.Pending.Values.Any(p => p.RunId == r)), $"seed {seed}, step {step}");
                var folded = bench.Journal.Aggregate(LedgerState.Empty, (s, e) => s.Apply(e));
                Owed(folded).ShouldBe(Owed(bench.State), $"seed {seed}, step {step}");
            }
        }
    }

    private static string Owed(LedgerState state) =>
        string.Join("; ", LedgerEffects.From(state).Select(e => e is LedgerEffect.Stop stop ? $"stop {stop.DueAt:O} {string.Join(' ', stop.Runs)}" : e.ToString()));

    private void First(ScheduleAction action, params RunId[] open)
    {
        _bench.Policy = new() { Action = action };
        _bench.Open("0 * * * *");
        _bench.OpenRuns.AddRange(open);
    }
}

using Orchestrator.Core.Schedules.Ledger;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Schedules.Ledger;

/// <summary>A ledger that is looked at when somebody says so: what comes due after the last look waits for the next.</summary>
public sealed class LedgerLookTests
{
    private readonly LedgerBench _bench = new();

    [Fact]
    public void What_comes_due_after_a_look_waits_for_the_next_look_and_is_then_as_late_as_it_is()
    {
        _bench.Open("* * * * *");
        _bench.Until = Due.At("2026-01-01T00:01:10Z");
        _bench.TickAt("2026-01-01T00:03:20Z").ShouldBe(["late 01T00:01 > 01T00:02"]);
        _bench.TickAt("2026-01-01T00:03:30Z").ShouldBeEmpty();
        _bench.Until = _bench.Now;
        _bench.TickAt("2026-01-01T00:03:40Z").ShouldBe(["late 01T00:02 > 01T00:03", "fired 01T00:03 > 01T00:04"]);
    }

    [Fact]
    public void One_that_waits_for_a_run_starts_without_another_look()
    {
        _bench.Policy = new() { Overlap = OverlapRule.Queue };
        _bench.Open("* * * * *");
        _bench.OpenRuns.Add(LedgerBench.RunOf("2025-12-31T23:59:00Z"));
        _bench.Until = Due.At("2026-01-01T00:01:00Z");
        _bench.TickAt("2026-01-01T00:01:00Z").ShouldBe(["queued 01T00:01 > 01T00:02"]);
        _bench.OpenRuns.Clear();
        _bench.TickAt("2026-01-01T00:02:30Z").ShouldBe(["late 01T00:01 > 01T00:02"]);
    }

    [Fact]
    public void Looks_at_any_times_leave_the_entries_that_one_look_at_the_end_leaves_no_due_time_out_of()
    {
        for (var seed = 0; seed < 50; seed++)
        {
            var (random, audit, bench) = (new Random(seed), new LedgerAudit(LedgerBench.Compile), new LedgerBench());
            bench.Open("*/7 * * * * ?");
            for (var look = 0; look < 30; look++)
            {
                bench.Now += TimeSpan.FromSeconds(random.Next(0, 200));
                if (random.Next(2) == 0) bench.Until = bench.Now;
                bench.Until ??= bench.Now;
                bench.Do(new LedgerInput.Tick());
                bench.State.Through.ShouldNotBeNull().ShouldBeLessThanOrEqualTo(bench.Until.Value);
            }
            foreach (var entry in bench.Journal) audit.Take(entry);
            audit.Finish(bench.Until!.Value);
            foreach (var pending in audit.Differences.Where(d => !d.Contains("not dispatched", StringComparison.Ordinal))) Assert.Fail($"seed {seed}: {pending}");
        }
    }
}

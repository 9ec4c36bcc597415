using Orchestrator.Core.Runs;
using Orchestrator.Core.Schedules.Ledger;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Schedules.Ledger;

/// <summary>Random histories: downtime, pauses, edits, clocks that are set, runs that are accepted late or never.</summary>
public sealed class LedgerHistoryTests
{
    private static readonly string[] Rules = ["*/5 * * * *", "0 * * * *", "*/10 * * * * ?", "30 2 * * *"];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void No_due_time_is_lost_doubled_made_up_or_unexplained(int part)
    {
        for (var seed = 0; seed < 60; seed++) Run(new Random(part * 1000 + seed), $"seed {part * 1000 + seed}");
    }

    private static void Run(Random random, string seed)
    {
        var bench = new LedgerBench { Policy = Policy(random) };
        var audit = new LedgerAudit(LedgerBench.Compile);
        var (rule, isOpen, alarm, watched) = (Rules[random.Next(Rules.Length)], false, (DateTimeOffset?)null, false);
        var runs = new HashSet<RunId>();
        var submitted = new Dictionary<RunId, PendingRun>();
        for (var step = 0; step < 60; step++)
        {
            var before = bench.Journal.Count;
            switch (random.Next(16))
            {
                case 0:
                    rule = Rules[random.Next(Rules.Length)];
                    (isOpen, _) = (true, bench.Open(rule));
                    break;
                case 1:
                    (isOpen, _) = (false, bench.Do(new LedgerInput.Close(random.Next(2) == 0)));
                    break;
                case 2: bench.Do(new LedgerInput.Pause("ann", null, random.Next(2) == 0 ? null : bench.Now.AddSeconds(random.Next(1, 10_000)))); break;
                case 3: bench.Do(new LedgerInput.Resume("ann", null)); break;
                case 4:   // down for a while
                    bench.RestartAt((bench.Now + TimeSpan.FromSeconds(random.Next(1, 20_000))).ToString("O"));
                    if (isOpen) bench.Open(rule);
                    break;
                case 5:   // the clock is set
                    bench.Now = bench.AwakeSince = bench.Now + TimeSpan.FromSeconds(random.Next(-30_000, 30_000));
                    bench.Do(new LedgerInput.Tick());
                    break;
                case 6 when bench.State.Pending.Count > 0:
                    bench.Do(new LedgerInput.Refused(bench.State.Pending.Values.First().RunId, "no"));
                    break;
                case 7:
                    bench.OpenRuns.Clear();
                    bench.Do(new LedgerInput.Tick());
                    break;
                case 14:   // all schedules are paused, and are not any more
                    if (bench.Maintenance is [.., { To: null } open]) bench.Maintenance[^1] = open with { To = bench.Now };
                    else if (bench.Maintenance is [] or [.., { To: not null }] && bench.Maintenance.All(w => w.To <= bench.Now)) bench.Maintenance.Add(new(bench.Now, null));
                    bench.Do(new LedgerInput.Tick());
                    break;
                case 8 or 9:
                    foreach (var run in bench.State.Pending.Values.Take(3)) (_, _) = (bench.Do(new LedgerInput.Accepted(run.RunId)), Add(bench.OpenRuns, run.RunId));
                    break;
                default:   // time passes, awake
                    bench.Now += TimeSpan.FromSeconds(random.Next(1, 400));
                    if (random.Next(3) > 0 && alarm is { } at && at > bench.Now && at < bench.Now.AddHours(5)) bench.Now = at.AddSeconds(random.Next(3));
                    bench.Do(new LedgerInput.Tick());
                    break;
            }
            var entries = bench.Journal[before..];
            foreach (var entry in entries) audit.Take(entry);
            audit.Differences.ShouldBeEmpty($"{seed}, step {step}");
            foreach (var effect in LedgerEffects.After(bench.State, entries))
            {
                if (effect is LedgerEffect.Arm arm) alarm = arm.DueAt;
                else if (effect is LedgerEffect.Watch) watched = true;
                else if (effect is LedgerEffect.Submit submit) submitted[submit.Run.RunId] = submit.Run;
            }
            foreach (var done in entries.Select(e => e.Event))
                if (done is ScheduleDispatched d) submitted.Remove(d.RunId);
                else if (done is ScheduleFailed f) submitted.Remove(f.RunId);
            foreach (var entry in entries.Select(e => e.Event))
            {
                if (entry is ScheduleUpdated { Change: not (ScheduleChange.Rearmed or ScheduleChange.Restated) }) runs.Clear();
                if (entry is ScheduleStarts start) runs.Add(start.RunId).ShouldBeTrue($"{seed}, step {step}: run of {start.DueAt:O} was started twice");
            }
            Agree(bench.State, alarm, watched && !bench.State.Queued.IsEmpty, submitted.Values, $"{seed}, step {step}");
            InTime(entries, bench.AwakeSince, $"{seed}, step {step}");
        }

        bench.Journal.Aggregate(LedgerState.Empty, (s, e) => s.Apply(e)).ShouldBe(bench.State, new SameLedger(), seed);
        bench.OpenRuns.Clear();
        bench.Maintenance.Clear();
        bench.AcceptAll();
        bench.Do(new LedgerInput.Tick());
        bench.AcceptAll();
        bench.Do(new LedgerInput.Tick()).ShouldAllBe(e => bench.Policy.Overlap == OverlapRule.Queue, seed);
    }

    // What is done live is what would be done after a restart.
    private static void Agree(LedgerState state, DateTimeOffset? alarm, bool watched, IEnumerable<PendingRun> submitted, string at)
    {
        var from = LedgerEffects.From(state);
        from.OfType<LedgerEffect.Arm>().Single().DueAt.ShouldBe(alarm, at);
        from.OfType<LedgerEffect.Submit>().Select(s => s.Run.RunId).Order().ShouldBe(submitted.Select(r => r.RunId).Order(), at);
        from.OfType<LedgerEffect.Watch>().Any().ShouldBe(watched, at);
    }

    private static void InTime(IEnumerable<RecordedEvent> entries, DateTimeOffset awakeSince, string at)
    {
        foreach (var entry in entries)
        {
            if (entry.Event is ScheduleFired fired) (entry.Time - fired.DueAt).ShouldBeInRange(TimeSpan.Zero, TimeSpan.FromSeconds(60), at);
            if (entry.Event is ScheduleLate late) (entry.Time - late.DueAt).ShouldBeGreaterThan(TimeSpan.FromSeconds(60), at);
            if (entry.Event is ScheduleStarts { DueAt: var due }) due.ShouldBeLessThanOrEqualTo(entry.Time, at);
            if (entry.Event is ScheduleSkipped { Reason: SkipReasons.Misfire } missed) missed.DueAt.ShouldBeLessThan(awakeSince, at);
        }
    }

    private static SchedulePolicy Policy(Random random) => new()
    {
        Overlap = (OverlapRule)random.Next(4),
        CatchUp = new((CatchUpPolicy)random.Next(3)) { Max = random.Next(1, 5), Window = random.Next(2) == 0 ? null : TimeSpan.FromMinutes(random.Next(1, 300)) },
    };

    private static bool Add(List<RunId> runs, RunId run)
    {
        if (!runs.Contains(run)) runs.Add(run);
        return true;
    }

    private sealed class SameLedger : IEqualityComparer<LedgerState>
    {
        public bool Equals(LedgerState? a, LedgerState? b) => Text(a!) == Text(b!);

        public int GetHashCode(LedgerState state) => 0;

        private static string Text(LedgerState s) =>
            $"{s.Version} {s.Terms} {s.InForceFrom:O} {s.Through:O} {s.NextDueAt:O} {s.PausedAt:O} {string.Join(",", s.Pending.Values.Select(p => $"{p.RunId}{p.Seq}"))} {string.Join(",", s.Queued)} {string.Join(",", s.Ahead)}";
    }
}

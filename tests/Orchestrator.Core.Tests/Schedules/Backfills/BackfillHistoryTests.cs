using Orchestrator.Core.Runs;
using Orchestrator.Core.Schedules.Backfills;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Schedules.Backfills;

/// <summary>Random histories: runs that are accepted late, refused or never heard of, kills, cancels.</summary>
public sealed class BackfillHistoryTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void No_item_is_lost_doubled_or_open_for_ever(int part)
    {
        for (var seed = 0; seed < 100; seed++) Run(new Random(part * 1000 + seed), $"seed {part * 1000 + seed}");
    }

    private static void Run(Random random, string seed)
    {
        var bench = new BackfillBench();
        var (days, parallelism) = (random.Next(1, 30), random.Next(1, 6));
        var engine = new Dictionary<RunId, bool>();   // runs that were accepted, and whether they have ended
        var owed = new List<BackfillEffect>();
        Do(new BackfillInput.Create(BackfillBench.Plan(days, parallelism, random.Next(2) == 0 ? BackfillOrder.Oldest : BackfillOrder.Newest)));
        for (var step = 0; step < 2_000 && bench.State.Finished is null; step++)
        {
            bench.Now += TimeSpan.FromSeconds(random.Next(100));
            switch (random.Next(8))
            {
                case 0 when random.Next(40) == 0: Do(new BackfillInput.Cancel("ann", null)); break;
                case 1:   // killed: what was owed is forgotten and follows from the state
                    owed = BackfillEffects.From(bench.Journal.Aggregate(BackfillState.Empty, (state, e) => state.Apply(e)));
                    Do(new BackfillInput.Tick());
                    break;
                case 2 when engine.Any(r => !r.Value):
                    engine[engine.First(r => !r.Value).Key] = true;
                    break;
                default:
                    if (owed.Count > 0) CarryOut(owed[random.Next(owed.Count)]);
                    break;
            }
            bench.State.Open.Count.ShouldBeLessThanOrEqualTo(parallelism, seed);
        }

        bench.State.Finished.ShouldNotBeNull(seed);
        bench.State.Open.ShouldBeEmpty(seed);
        bench.Journal[^1].Event.ShouldBeOfType<BackfillFinished>(seed);
        var started = bench.Journal.Select(e => e.Event).OfType<BackfillItemStarted>().ToList();
        started.Select(e => e.Item).ShouldBe(Enumerable.Range(1, started.Count), seed);
        started.Select(e => e.RunId).ShouldBeUnique();
        started.Select(e => e.Key).ShouldBe(bench.State.Items.Take(started.Count), seed);
        bench.Journal.Select(e => e.Event).OfType<BackfillItemEnded>().Select(e => e.Item).Order().ShouldBe(started.Select(e => e.Item), seed);
        // What the engine has is what the backfill says it has.
        engine.Keys.Order().ShouldBe(bench.State.Ended.Values.Where(i => i.WasAccepted).Select(i => i.RunId).Order(), seed);
        var end = bench.State.Finished!;
        (end.Completed + end.Failed + end.Cancelled + end.Unknown + end.NotStarted).ShouldBe(days, seed);
        if (bench.State.Cancel is null) end.NotStarted.ShouldBe(0, seed);

        void CarryOut(BackfillEffect effect)
        {
            var run = effect.Item.RunId;
            switch (effect)
            {
                case BackfillEffect.Submit when random.Next(10) == 0 && !engine.ContainsKey(run): Do(new BackfillInput.Refused(run, "no")); break;
                case BackfillEffect.Submit:
                    engine.TryAdd(run, false);
                    if (random.Next(3) == 0) break;   // the answer is lost
                    Do(new BackfillInput.Accepted(run));
                    break;
                case BackfillEffect.Withdraw: Do(engine.ContainsKey(run) ? new BackfillInput.Accepted(run) : new BackfillInput.Withdrawn(run)); break;
                case BackfillEffect.Stop: engine[run] = true; break;
                case BackfillEffect.Watch when engine[run]: Do(new BackfillInput.Ended(run, random.Next(4) == 0 ? BackfillOutcome.Failed : BackfillOutcome.Completed)); break;
            }
        }

        // Live, what is owed is what was owed before, less what has been settled, and what follows from the new events: the same as from state alone.
        void Do(BackfillInput input)
        {
            var events = bench.Take(input);
            var settled = events.Select(e => e.Event).OfType<BackfillItemEvent>().Select(e => e.Item).ToHashSet();
            if (events.Any(e => e.Event is BackfillCancelRequested)) owed.Clear();
            owed.RemoveAll(e => settled.Contains(e.Item.Number));
            owed.AddRange(BackfillEffects.After(bench.State, events));
            owed.Select(Text).Order().ShouldBe(BackfillEffects.From(bench.State).Select(Text).Order(), seed);
        }

        static string Text(BackfillEffect e) => $"{e.GetType().Name} {e.Item}";
    }
}

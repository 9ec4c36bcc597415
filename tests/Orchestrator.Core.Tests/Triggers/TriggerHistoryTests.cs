using System.Globalization;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Triggers;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Triggers;

/// <summary>Random histories of a trigger: deliveries, duplicates, refusals, time, kills, changes of policy. Nothing is lost, doubled or unexplained.</summary>
public sealed class TriggerHistoryTests
{
    [Fact]
    public void Every_delivery_ends_once_and_every_run_is_settled()
    {
        for (var seed = 0; seed < 300; seed++) Play(seed);
    }

    private static void Play(int seed)
    {
        var (random, bench) = (new Random(seed), new TriggerBench());
        var (next, taken) = (0, new HashSet<string>());
        for (var step = 0; step < 120; step++)
        {
            bench.Now += TimeSpan.FromSeconds(random.Next(4));
            switch (random.Next(12))
            {
                case < 5: Deliver($"d{next++}"); break;
                case 5 when next > 0: Deliver($"d{random.Next(next)}"); break;
                case 6: bench.Do(new TriggerInput.Reject(RejectReasons.Signature)); break;
                case 7: bench.Restart(); break;
                case 8: bench.Policy = Policies[random.Next(Policies.Length)]; break;
                case 9: bench.AcceptAll(); break;
                case 10 when !bench.State.Pending.IsEmpty: bench.Do(new TriggerInput.Refused(bench.State.Pending.Keys.First(), "no")); break;
                default: bench.After(random.Next(20)); break;
            }
            var live = bench.State;
            bench.Restart();
            TriggerEffects.From(bench.State).Count.ShouldBe(TriggerEffects.From(live).Count, Seed());
            bench.State.Held.Select(h => h.DeliveryId).ShouldBe(live.Held.Select(h => h.DeliveryId), Seed());
        }
        bench.Policy = TriggerPolicy.Each;
        bench.After(1);
        bench.AcceptAll();

        var audit = bench.Audit();
        audit.Finish(bench.Now, _ => bench.Now);
        audit.Differences.ShouldBeEmpty(Seed());
        bench.Journal.Select(e => e.Seq).ShouldBe(Enumerable.Range(1, bench.Journal.Count).Select(n => (long)n), Seed());
        var fired = bench.Journal.Select(e => e.Event).OfType<TriggerFired>().ToList();
        fired.Select(f => f.RunId).ShouldBeUnique(Seed());
        fired.SelectMany(f => f.Deliveries).Concat(bench.Journal.Select(e => e.Event).OfType<TriggerDebounced>().Select(d => d.DeliveryId))
            .Order(StringComparer.Ordinal).ShouldBe(taken.Order(StringComparer.Ordinal), Seed());

        string Seed() => string.Create(CultureInfo.InvariantCulture, $"seed {seed}");

        void Deliver(string id)
        {
            bench.Deliver(id);
            taken.Add(id);
        }
    }

    private static readonly TriggerPolicy[] Policies =
    [
        TriggerPolicy.Each, new TriggerPolicy.Debounce(TimeSpan.FromSeconds(5), null), new TriggerPolicy.Debounce(TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(15)),
        new TriggerPolicy.Batch(3, TimeSpan.FromSeconds(10)),
    ];
}

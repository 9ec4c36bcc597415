using System.Diagnostics;
using System.Globalization;

namespace Orchestrator.Benchmarks;

/// <summary>What a tenant with thousands of open runs costs another one that wants a single run: its latency, against that on an idle engine.</summary>
internal static class Fairness
{
    private const int Steps = 10;
    private const int Slots = 8;
    private const int Probes = 40;

    public static async Task RunAsync(string folder, int flood)
    {
        foreach (var work in (string[])["brief", "nothing"])
        {
            await using var engine = await EmbeddedEngine.OpenAsync(folder, Slots);
            var (quiet, busy) = (EmbeddedEngine.Chain(Steps, work, "quiet"), EmbeddedEngine.Chain(Steps, work, "busy"));
            await ProbeAsync(engine, quiet, 5, () => true);   // compiled and begun
            var solo = await ProbeAsync(engine, quiet, Probes, () => true);
            await Task.WhenAll(Enumerable.Range(0, flood).Select(_ => engine.SubmitAsync(busy)));
            var least = engine.OpenRuns;
            var loaded = await ProbeAsync(engine, quiet, Probes, () => (least = Math.Min(least, engine.OpenRuns)) > Slots);
            if (loaded.Length < 5) throw new WrongResultException($"only {loaded.Length} runs could be measured before the other tenant's {flood} had ended");
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{work,-8} idle p50 {Middle(solo):0.0} ms; with {flood} runs of another tenant p50 {Middle(loaded):0.0} ms, max {loaded.Max():0.0} ms; ratio of medians {Middle(loaded) / Middle(solo):0.00}; "
                + $"{loaded.Length} runs measured, at least {least} open meanwhile"));
        }
    }

    private static async Task<double[]> ProbeAsync(EmbeddedEngine engine, Core.Definitions.WorkflowDefinition definition, int times, Func<bool> goesOn)
    {
        var took = new List<double>();
        while (took.Count < times && goesOn())
        {
            var began = Stopwatch.GetTimestamp();
            await engine.RunAsync(definition);
            took.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }
        return [.. took.Order()];
    }

    private static double Middle(double[] sorted) => sorted[sorted.Length / 2];
}

using System.Diagnostics;

namespace Orchestrator.Benchmarks;

/// <summary>The engine on flows of steps that do nothing, against the limit program on the same flows.</summary>
internal static class Flows
{
    public static async Task RunAsync(string folder, int pairs, int flows, int[] inFlights)
    {
        await using var report = new Pairs("flows", folder);
        foreach (var inFlight in inFlights)
            await CompareAsync(report, folder, pairs, $"{flows} flows x 10 steps, {inFlight} in flight", EmbeddedEngine.Chain(10), flows, 10, inFlight);
    }

    public static async Task LatencyAsync(string folder, int pairs)
    {
        await using var report = new Pairs("latency", folder);
        await CompareAsync(report, folder, pairs, "empty run, idle engine", EmbeddedEngine.Empty(), 300, 0, 1);
        await CompareAsync(report, folder, pairs, "10 steps, idle engine", EmbeddedEngine.Chain(10), 200, 10, 1);
    }

    private static Task CompareAsync(Pairs report, string folder, int pairs, string shape, Core.Definitions.WorkflowDefinition definition, int flows, int steps, int inFlight) =>
        report.CompareAsync(shape, pairs,
            () => OursAsync(folder, definition, flows, inFlight),
            () => FlowsLimit.MeasureAsync(folder, flows, steps, inFlight));

    private static async Task<Sample> OursAsync(string folder, Core.Definitions.WorkflowDefinition definition, int flows, int inFlight)
    {
        await using var engine = await EmbeddedEngine.OpenAsync(folder);
        await engine.RunAsync(definition);   // the definition is stored and the segment begun once in a process's life
        await engine.SettledAsync();
        var runs = new Core.Runs.RunId[flows];
        var sample = await Meter.MeasureAsync(folder, flows, inFlight, async (_, i) => runs[i] = await engine.RunAsync(definition), () => engine.Counted);
        var done = Stopwatch.GetTimestamp();
        await engine.SettledAsync();
        sample = sample with { AfterSeconds = Stopwatch.GetElapsedTime(done).TotalSeconds };
        await engine.VerifyAsync(runs, definition.Tasks.Length);
        return sample;
    }
}

using System.Diagnostics;
using System.Globalization;
using Orchestrator.Core.Definitions;

namespace Orchestrator.Benchmarks;

/// <summary>Shapes that others have published figures of, with tasks in this process, against the limit program on the same shape.</summary>
internal static class Shapes
{
    public static async Task RunAsync(string folder, int pairs)
    {
        await using var report = new Pairs("shapes", folder);
        await report.CompareAsync("400 x fibo(10), one after another", pairs, () => OneAsync(folder, EmbeddedEngine.Chain(400, "fibo"), 8), () => FlowsLimit.MeasureAsync(folder, 1, 400, 1));
        await report.CompareAsync("400 x fibo(10), 10 at once / one after another", pairs, () => OneAsync(folder, Wide(400, "fibo"), 10), () => OneAsync(folder, EmbeddedEngine.Chain(400, "fibo"), 8));
        await report.CompareAsync("100 flows x 10 steps at once", pairs, () => AllAsync(folder, EmbeddedEngine.Chain(10), 100), () => FlowsLimit.MeasureAsync(folder, 100, 10, 100));
        await report.CompareAsync("fan-out to 1,000 children and back", pairs, () => OneAsync(folder, FanOut(1000), 1000), async () => Whole(await FlowsLimit.MeasureAsync(folder, 1000, 1, 1000)));
    }

    /// <summary>A million tasks through one process: what it holds at the end against what it held after the first tenth.</summary>
    public static async Task MemoryAsync(string folder, int tasks)
    {
        const int Each = 1000;
        var definition = Wide(Each, "nothing");
        await using var engine = await EmbeddedEngine.OpenAsync(folder);
        var began = Stopwatch.GetTimestamp();
        long first = 0;
        for (var run = 1; run <= tasks / Each; run++)
        {
            await engine.RunAsync(definition);
            if (run * 10 != tasks / Each && run != tasks / Each) continue;
            await engine.SettledAsync();
            GC.Collect();
            var resident = Resident();
            if (first == 0) first = resident;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{run * Each,9:N0} tasks: {resident >> 20} MiB resident, {GC.GetTotalMemory(false) >> 20} MiB heap, {(double)resident / first:N2} of the first, {run * Each / Stopwatch.GetElapsedTime(began).TotalSeconds:N0} tasks/s"));
        }
    }

    /// <summary>All of it as one piece of work, as the one run it is compared with.</summary>
    private static Sample Whole(Sample all) => all with { LatenciesMs = [all.Seconds * 1000] };

    private static WorkflowDefinition Wide(int tasks, string work) =>
        Workflow.Parallel("wide", [.. Enumerable.Range(0, tasks).Select<int, Action<TaskBuilder>>(_ => t => t.Delegate(work))]);

    private static WorkflowDefinition FanOut(int children) => Workflow.Named("fan-out")
        .Task("split", t => t.Noop())
        .Task("each", t => t.Delegate("nothing").ForEach(Enumerable.Range(0, children).ToArray()).DependsOn("split"))
        .Task("join", t => t.Noop().DependsOn("each"))
        .Build();

    private static Task<Sample> OneAsync(string folder, WorkflowDefinition definition, int slots) => AllAsync(folder, definition, 1, slots);

    private static async Task<Sample> AllAsync(string folder, WorkflowDefinition definition, int runs, int slots = 1000)
    {
        await using var engine = await EmbeddedEngine.OpenAsync(folder, slots);
        await engine.RunAsync(definition);   // stores the definition, begins the segment
        await engine.SettledAsync();
        return await Meter.MeasureAsync(folder, runs, runs, (_, _) => engine.RunAsync(definition), () => engine.Counted);
    }

    private static long Resident() =>
        1024 * long.Parse(File.ReadLines("/proc/self/status").First(l => l.StartsWith("VmRSS:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
}

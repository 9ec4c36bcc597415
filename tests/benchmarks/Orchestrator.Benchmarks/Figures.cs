using System.Text.Json;

namespace Orchestrator.Benchmarks;

internal static class Figures
{
    /// <summary>One JSON line per measurement.</summary>
    public static void Print(string benchmark, string shape, int repetition, string unit, Sample sample) => Console.WriteLine(JsonSerializer.Serialize(new
    {
        benchmark, shape, repetition, rate = Math.Round(sample.Rate), unit,
        p50_ms = Math.Round(sample.P50, 3), p99_ms = Math.Round(sample.P99, 3), max_ms = Math.Round(sample.Max, 3), commits = sample.Commits,
        load1 = File.ReadAllText("/proc/loadavg").Split(' ')[0], processors = Environment.ProcessorCount,
        runtime = System.Runtime.InteropServices.RuntimeInformation.FrameworkDescription,
    }));
}

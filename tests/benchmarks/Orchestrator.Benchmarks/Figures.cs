using System.Text.Json;

namespace Orchestrator.Benchmarks;

internal static class Figures
{
    /// <summary>One JSON line; percentiles are nearest-rank on the raw samples.</summary>
    public static void Print(string benchmark, string shape, int repetition, double rate, string unit, double[] latenciesMs, long commits)
    {
        Array.Sort(latenciesMs);
        Console.WriteLine(JsonSerializer.Serialize(new
        {
            benchmark, shape, repetition, rate = Math.Round(rate), unit,
            p50_ms = Rank(latenciesMs, 0.50), p99_ms = Rank(latenciesMs, 0.99), max_ms = Math.Round(latenciesMs[^1], 3), commits,
            load1 = File.ReadAllText("/proc/loadavg").Split(' ')[0], processors = Environment.ProcessorCount,
            runtime = System.Runtime.InteropServices.RuntimeInformation.FrameworkDescription,
        }));
    }

    private static double Rank(double[] sorted, double q) => Math.Round(sorted[Math.Max(0, (int)Math.Ceiling(q * sorted.Length) - 1)], 3);
}

using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Orchestrator.Benchmarks;

/// <summary>
/// Flows of steps that do nothing, each step's end durable before the next begins: what the engine's rows 8, 9 and 12 are
/// compared with. A flow is its acceptance, its steps (a start without a commit, an end with one) and its end.
/// </summary>
internal static class FlowsLimit
{
    public static async Task RunAsync(string folder)
    {
        for (var repetition = 1; repetition <= 3; repetition++)
        {
            await MeasureAsync(folder, repetition, flows: 500, steps: 0, inFlight: 1);
            await MeasureAsync(folder, repetition, flows: 300, steps: 10, inFlight: 1);
            await MeasureAsync(folder, repetition, flows: 1000, steps: 10, inFlight: 16);
            await MeasureAsync(folder, repetition, flows: 1000, steps: 10, inFlight: 64);
        }
    }

    private static async Task MeasureAsync(string folder, int repetition, int flows, int steps, int inFlight)
    {
        var path = Path.Combine(folder, $"limit-{Environment.ProcessId}.log");
        var latencies = new double[flows];
        long commits;
        var began = Stopwatch.GetTimestamp();
        await using (var log = new GroupCommitLog(path))
        {
            var next = -1;
            await Task.WhenAll(Enumerable.Range(0, inFlight).Select(_ => Task.Run(async () =>
            {
                for (int i; (i = Interlocked.Increment(ref next)) < flows;)
                {
                    var start = Stopwatch.GetTimestamp();
                    await FlowAsync(log, i, steps);
                    latencies[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
                }
            })));
            commits = log.Commits;
        }
        var took = Stopwatch.GetElapsedTime(began).TotalSeconds;
        File.Delete(path);
        Figures.Print("limit-flows", $"{flows} flows x {steps} steps, {inFlight} in flight", repetition, flows / took, "flows/s", latencies, commits);
    }

    private static async Task FlowAsync(GroupCommitLog log, int flow, int steps)
    {
        await log.CommitAsync(Line(flow, "workflow.created"));
        for (var step = 0; step < steps; step++)
        {
            log.Append(Line(flow, "task.started"));
            await log.CommitAsync(Line(flow, "task.completed"));
        }
        await log.CommitAsync(Line(flow, "workflow.completed"));
    }

    /// <summary>About as long as the journal's line.</summary>
    private static byte[] Line(int flow, string type) =>
        Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{{\"seq\":1,\"type\":\"{type}\",\"run\":{flow},\"pad\":\"{Padding}\"}}\n"));

    private static readonly string Padding = new('x', 220);
}

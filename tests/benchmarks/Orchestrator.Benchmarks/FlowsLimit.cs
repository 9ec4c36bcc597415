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
            foreach (var (flows, steps, inFlight) in new[] { (500, 0, 1), (300, 10, 1), (1000, 10, 16), (1000, 10, 64) })
                Figures.Print("limit-flows", $"{flows} flows x {steps} steps, {inFlight} in flight", repetition, "flows/s", await MeasureAsync(folder, flows, steps, inFlight));
    }

    public static async Task<Sample> MeasureAsync(string folder, int flows, int steps, int inFlight)
    {
        var path = Path.Combine(folder, $"limit-{Environment.ProcessId}.log");
        await using var log = new GroupCommitLog(path);
        try { return await Meter.MeasureAsync(folder, flows, inFlight, (_, i) => FlowAsync(log, i, steps), () => (log.Commits, log.Lines)); }
        finally { File.Delete(path); }
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

using Orchestrator.Conformance.Harness;
using Orchestrator.TestKit.Telemetry;
using Shouldly;
using Xunit;

namespace Orchestrator.Conformance.Cases;

/// <summary>A collector that is away, seen from outside the program.</summary>
public sealed class DegradationCases
{
    [Theory(DisplayName = "X09 a collector that goes and comes back is one degradation, said once, journaled, shown and counted")]
    [InlineData(ReceiverMode.Failing)]
    [InlineData(ReceiverMode.Slow)]
    public async Task OneDegradation(ReceiverMode mode)
    {
        await using var box = new Sandbox();
        await using var receiver = await OtlpReceiver.StartAsync(mode);
        foreach (var (name, value) in receiver.Variables) box.Environment[name] = value;
        box.Environment["OTEL_EXPORTER_OTLP_TIMEOUT"] = "500";
        box.Write("workflows/x.yaml", "name: x\ntasks: [{id: a, noop: true}, {id: b, depends_on: [a], run: 'true'}]\n");
        await using (var server = await Server.StartAsync(box))
        {
            (await server.EndOfAsync(await server.SubmitAsync("x"))).ShouldBe("completed");
            await Poll.UntilAsync(async () => (await HealthAsync(server)).Status == "degraded", "the degradation");
            using (var ready = await server.Http.GetAsync("/readyz")) ready.IsSuccessStatusCode.ShouldBeTrue("work is taken all the same");
            (await server.EndOfAsync(await server.SubmitAsync("x"))).ShouldBe("completed");
            await Poll.UntilAsync(async () => (await HealthAsync(server)).Dropped > 0, "losses");

            receiver.Release();
            // What was lost before is not sent again: only something new shows that spans and log records are taken.
            (await server.EndOfAsync(await server.SubmitAsync("x"))).ShouldBe("completed");
            await Poll.UntilAsync(async () => (await HealthAsync(server)).Status == "ok", "the recovery");
            await receiver.WaitForAsync(r => r.Logs.Any(l => l.EventName == "orchestrator.telemetry.recovered"), Running.Patience);
            server.Process.Signal(15);
            var said = (await server.Process.EndAsync()).Exits(0).Errors.Split('\n');
            said.Count(l => l.Contains("telemetry.degraded", StringComparison.Ordinal)).ShouldBe(1);
            said.Count(l => l.Contains("Telemetry ", StringComparison.Ordinal)).ShouldBe(0, "no second line about the same");
            said.Count(l => l.Contains("telemetry.recovered", StringComparison.Ordinal)).ShouldBe(1);
        }
        var journal = Directory.EnumerateFiles(Path.Combine(box.Data, "journal"), "*.jsonl", SearchOption.AllDirectories).SelectMany(File.ReadLines).ToList();
        journal.Count(l => l.Contains("\"telemetry.degraded\"", StringComparison.Ordinal)).ShouldBe(1);
        journal.Count(l => l.Contains("\"telemetry.recovered\"", StringComparison.Ordinal)).ShouldBe(1);
        receiver.Spans.Count(s => s.Name == "RUN x").ShouldBeInRange(1, 3);
        // The counters came through with the recovery: what was lost and what was taken, as the program counted it.
        receiver.Points.Where(p => p.Metric == "orchestrator.telemetry.dropped").Sum(p => p.Value).ShouldBeGreaterThan(0);
        receiver.Points.Where(p => p.Metric == "cicd.pipeline.run.duration" && p.Attributes.Text("cicd.pipeline.result") == "success").Sum(p => p.Count).ShouldBe(3, "metrics lose nothing");
    }

    private static async Task<(string Status, long Dropped)> HealthAsync(Server server)
    {
        var telemetry = (await server.GetAsync("/healthz")).GetProperty("telemetry");
        return (telemetry.Status(), telemetry.GetProperty("dropped").GetInt64());
    }
}

using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Orchestrator.Engine.Telemetry.Otlp;
using Orchestrator.TestKit;

namespace Orchestrator.Benchmarks;

/// <summary>Flows of steps that do nothing with everything exported by OTLP, against the same without: what telemetry costs when nothing else costs anything.</summary>
internal static class TelemetryFlows
{
    public static async Task RunAsync(string folder, int pairs, int flows)
    {
        var port = LoopbackPort.Free();
        using var sink = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, ["otlp-sink", "-", "--port", port.ToString(CultureInfo.InvariantCulture)]))!;
        try
        {
            await using var report = new Pairs("flows-telemetry", folder);
            long dropped = 0, published = 0;
            foreach (var inFlight in new[] { 16, 64 })
                await report.CompareAsync($"{flows} flows x 10 steps, {inFlight} in flight: OTLP on / off", pairs,
                    async () =>
                    {
                        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
                        {
                            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}"), ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
                        }).AddEnvironmentVariables().Build();   // OTEL_LOGS_EXPORTER=none shows what spans and metrics cost alone
                        await using var pipeline = TelemetryPipeline.Create(new(), OtlpSignals.From(configuration), configuration, TimeProvider.System)!;
                        using var logs = LoggerFactory.Create(b => b.AddProvider(pipeline.LoggerProvider!).SetMinimumLevel(LogLevel.Information));
                        var sample = await MeasureAsync(folder, flows, inFlight, logs);
                        await pipeline.FlushAsync();
                        dropped += pipeline.Health.View.Dropped;
                        published += pipeline.Health.View.Published;
                        return sample with { Dropped = pipeline.Health.View.Dropped };
                    },
                    () => MeasureAsync(folder, flows, inFlight, null));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {published} spans and log records taken, {dropped} dropped"));
        }
        finally
        {
            sink.Kill();
        }
    }

    private static async Task<Sample> MeasureAsync(string folder, int flows, int inFlight, ILoggerFactory? logs)
    {
        await using var engine = await EmbeddedEngine.OpenAsync(folder, logs: logs);
        var chain = EmbeddedEngine.Chain(10);
        await engine.RunAsync(chain);
        await engine.SettledAsync();
        var (began, used) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
        var sample = await Meter.MeasureAsync(folder, flows, inFlight, async (_, _) => await engine.RunAsync(chain), () => engine.Counted);
        await engine.SettledAsync();
        // Archives are written in lulls, and telemetry makes lulls: only with all of them written have both sides done the same work.
        return sample with { Seconds = Stopwatch.GetElapsedTime(began).TotalSeconds, CpuSeconds = (Environment.CpuUsage.TotalTime - used).TotalSeconds };
    }
}

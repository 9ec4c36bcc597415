using Orchestrator.Engine.Telemetry;
using Orchestrator.TestKit.Telemetry;
using Shouldly;
using Xunit;
using static Orchestrator.Engine.Tests.Telemetry.RunScript;

namespace Orchestrator.Engine.Tests.Telemetry;

[Collection(TelemetryCollection.Name)]
public sealed class ExportWatchTests
{
    [Theory]
    [InlineData(ReceiverMode.Failing)]
    [InlineData(ReceiverMode.Dead)]
    public async Task What_was_not_taken_is_counted_until_the_backend_is_back(ReceiverMode mode)
    {
        await using var bench = await TelemetryBench.StartAsync(mode: mode);
        var run = new RunScript("refused", null, RunScript.Task("a"));
        bench.Publisher.Publish(run.Begin());
        for (var i = 0; i < 50; i++) bench.Publisher.Publish(run.Batch(Started("a", i + 1), Retry("a", i + 1)));
        await bench.FlushAsync();
        bench.Health.View.Signals.ShouldBe(["traces", "metrics", "logs"]);
        bench.Health.View.DegradedSince.ShouldNotBeNull();
        bench.Receiver.Mode = ReceiverMode.Ok;
        bench.Publisher.Publish(run.Batch(Started("a", 60), Done("a", 60)));
        bench.Publisher.Publish(run.Completed(1));
        await bench.FlushAsync();
        await bench.FlushAsync();   // the metrics that tell of the first

        bench.Health.View.DegradedSince.ShouldBeNull();
        // 106 spans (enqueue, queue, run, task, 51 attempts and their processes) and 107 events. Every span and log record was either taken or counted; the receiver's own server spans go the same way, as its requests are answered.
        var emitted = bench.Health.View.Published + bench.Health.View.Dropped;
        var received = bench.Receiver.Spans.Count + bench.Receiver.Logs.Count;
        bench.Health.View.Published.ShouldBe(received);
        emitted.ShouldBeInRange(106 + 107, 106 + 107 + 2 * bench.Receiver.Requests);
        Sum(bench, TelemetryNames.Dropped).ShouldBe(bench.Health.View.Dropped);
        bench.Records.All.Count(l => l.Id.Id == 4051).ShouldBe(1);
        bench.Records.All.Count(l => l.Id.Id == 4052).ShouldBe(1);
    }

    [Fact]
    public async Task A_backend_that_never_answers_is_noticed()
    {
        await using var bench = await TelemetryBench.StartAsync(mode: ReceiverMode.Slow, settings: new() { ["OTEL_EXPORTER_OTLP_TIMEOUT"] = "300" });
        var run = new RunScript("hung", null, RunScript.Task("a"));
        bench.Publisher.Publish(run.Begin());
        await bench.FlushAsync();
        bench.Health.View.Reason.ShouldBe("the backend did not answer in time");
        bench.Receiver.Release();
    }

    private static double Sum(TelemetryBench bench, string metric) => bench.Receiver.Points.Where(p => p.Metric == metric).Sum(p => p.Value);
}

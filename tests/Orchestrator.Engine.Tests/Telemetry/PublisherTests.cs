using System.Diagnostics;
using Orchestrator.Engine.Telemetry;
using Orchestrator.TestKit.Telemetry;
using Shouldly;
using Xunit;
using static Orchestrator.Engine.Tests.Telemetry.RunScript;

namespace Orchestrator.Engine.Tests.Telemetry;

[Collection(TelemetryCollection.Name)]
public sealed class PublisherTests
{
    [Theory]
    [InlineData(ReceiverMode.Dead)]
    [InlineData(ReceiverMode.Failing)]
    [InlineData(ReceiverMode.Slow)]
    public async Task A_backend_that_does_not_answer_holds_up_neither_runs_nor_the_exit(ReceiverMode mode)
    {
        var watch = Stopwatch.StartNew();
        await using (var bench = await TelemetryBench.StartAsync(mode: mode))
        {
            var run = new RunScript("unheard", null, RunScript.Task("a"));
            bench.Publisher.Publish(run.Begin());
            for (var i = 0; i < 2000; i++) bench.Publisher.Publish(run.Batch(Started("a", i + 1), Retry("a", i + 1)));
            watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(5));
            await bench.Publisher.FlushAsync(CancellationToken.None);
            watch.Restart();
        }
        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(15));
    }

    [Fact]
    public async Task What_does_not_fit_is_dropped_counted_and_said_once()
    {
        await using var bench = await TelemetryBench.StartAsync(new() { QueueCapacity = 4 });
        var gate = new ManualResetEventSlim();
        bench.Records.OnWrite = category =>
        {
            if (category == TelemetryNames.LogCategory) gate.Wait(TelemetryBench.Soon);
        };
        var run = new RunScript("flooded", null, RunScript.Task("a"));
        bench.Publisher.Publish(run.Begin());                                 // 3 wait, the reader hangs on the first
        bench.Publisher.Publish(run.Batch(Started("a")));                     // the 4th
        bench.Publisher.Publish(run.Batch(Retry("a", 1)));                    // no room
        bench.Publisher.Publish(run.Batch(Started("a", 2), Done("a", 2)));    // no room
        gate.Set();
        await bench.Publisher.FlushAsync(CancellationToken.None);
        bench.Publisher.Publish(run.Completed(1));
        await bench.FlushAsync();

        bench.Receiver.Points.Single(p => p.Metric == "orchestrator.telemetry.dropped" && p.Attributes.Text("orchestrator.reason") == "queue_full").Value.ShouldBe(3);
        bench.Records.All.Count(l => l.Id.Id == 4051).ShouldBe(1);
        bench.Records.All.Single(l => l.Id.Id == 4052).Message.ShouldContain("Spans, log records and events lost: 3");
        // The run itself is still told rightly: one trace, its first start, its end; metrics lost nothing.
        var spans = bench.SpansOf(run.Id.Hex);
        spans.Named("RUN flooded").Start.ShouldBe(At(1));
        bench.Receiver.Points.Single(p => p.Metric == "orchestrator.task.retries" && p.Attributes.Text("cicd.pipeline.name") == "flooded").Value.ShouldBe(1);
    }

    [Fact]
    public async Task What_the_exporter_drops_is_counted_too()
    {
        await using var bench = await TelemetryBench.StartAsync(mode: ReceiverMode.Slow, settings: new()
        {
            ["OTEL_BSP_MAX_QUEUE_SIZE"] = "64", ["OTEL_BSP_MAX_EXPORT_BATCH_SIZE"] = "64", ["OTEL_TRACES_EXPORTER"] = "otlp", ["OTEL_LOGS_EXPORTER"] = "none",
        });
        var run = new RunScript("overrun", null, RunScript.Task("a"));
        bench.Publisher.Publish(run.Begin());
        for (var i = 0; i < 500; i++) bench.Publisher.Publish(run.Batch(Started("a", i + 1), Retry("a", i + 1)));
        await bench.Publisher.FlushAsync(CancellationToken.None);
        bench.Receiver.Release();
        await bench.FlushPipelineAsync();
        await bench.FlushPipelineAsync();
        var dropped = (long)bench.Receiver.Points.Single(p => p.Metric == "orchestrator.telemetry.dropped" && p.Attributes.Text("orchestrator.reason") == "export_queue_full").Value;
        // Enqueue, queue, and for each attempt its span and its process's, are received or counted; the receiver's own server spans are dropped as well.
        (bench.SpansOf(run.Id.Hex).Length + dropped).ShouldBeInRange(1002, 1002 + bench.Receiver.Requests);
    }

    [Fact]
    public async Task The_export_queues_are_large_enough_for_a_burst_of_short_tasks()
    {
        await using var bench = await TelemetryBench.StartAsync();
        var run = new RunScript("burst", null, RunScript.Task("a"));
        bench.Publisher.Publish(run.Begin());
        for (var i = 0; i < 10_000; i++) bench.Publisher.Publish(run.Batch(Started("a", i + 1), Retry("a", i + 1)));
        await bench.Publisher.FlushAsync(CancellationToken.None);
        await bench.Receiver.WaitForAsync(r => r.Spans.Count(s => s.TraceId == run.Id.Hex) == 20_002, TelemetryBench.Soon);
        await bench.Receiver.WaitForAsync(r => r.Logs.Count == 20_003, TelemetryBench.Soon);
    }

    [Fact]
    public async Task A_throwing_observer_hurts_nobody_and_is_counted()
    {
        await using var bench = await TelemetryBench.StartAsync();
        var seen = new List<AppendedBatch>();
        using var bad = bench.Publisher.Subscribe(_ => throw new InvalidOperationException("no"));
        var good = bench.Publisher.Subscribe(seen.Add);
        var run = new RunScript("observed", null, RunScript.Task("a"));
        var batch = run.Begin();
        bench.Publisher.Publish(batch);
        good.Dispose();
        bench.Publisher.Publish(run.Batch(Started("a")));
        seen.ShouldBe([batch]);
        await bench.FlushAsync();
        bench.Receiver.Points.Single(p => p.Metric == "orchestrator.telemetry.dropped" && p.Attributes.Text("orchestrator.reason") == "observer_failed").Value.ShouldBe(4);
    }

    [Fact]
    public async Task A_history_longer_than_the_queue_is_still_followed()
    {
        await using var bench = await TelemetryBench.StartAsync(new() { QueueCapacity = 2 });
        var run = new RunScript("long", null, RunScript.Task("a"));
        var history = run.Begin();
        bench.Publisher.Publish(history with { IsHistory = true });
        await bench.Publisher.FlushAsync(CancellationToken.None);
        var spans = await bench.SpansAsync(run, run.Batch(Started("a")), run.Batch(Done("a")));
        spans.Named("task a").Start.ShouldBe(At(4));
    }

    [Fact]
    public async Task Without_listeners_publishing_leaves_nothing_behind()
    {
        await using var publisher = new LifecyclePublisher(
            new LifecycleOptions(), new("orchestrator", null, null, null), TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance);
        var run = new RunScript("silent", null, RunScript.Task("a"));
        var batch = run.Batch(Started("a"));
        publisher.Publish(batch);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++) publisher.Publish(batch);
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
    }
}

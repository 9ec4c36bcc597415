using Microsoft.Extensions.Logging;
using Orchestrator.Core;
using Orchestrator.Core.Lifecycle;
using Orchestrator.Core.Runs;
using Shouldly;
using Xunit;
using static Orchestrator.Engine.Tests.Telemetry.RunScript;

namespace Orchestrator.Engine.Tests.Telemetry;

[Collection(TelemetryCollection.Name)]
public sealed class LogRecordTests
{
    [Fact]
    public async Task Every_event_is_one_OTLP_event_that_belongs_to_its_span()
    {
        await using var bench = await TelemetryBench.StartAsync();
        var run = new RunScript("logged", null, RunScript.Task("a"));
        var spans = await bench.SpansAsync(run, run.Begin(), run.Batch(Started("a"), Fail("a")), run.Failed("a: it broke", FailureKind.ExitCode));
        var logs = bench.Receiver.Logs.Where(l => l.Scope == "Orchestrator.Lifecycle").ToArray();
        logs.Select(l => l.EventName).ShouldBe(
        [
            "orchestrator.workflow.created", "orchestrator.workflow.queued", "orchestrator.workflow.started", "orchestrator.task.started",
            "orchestrator.task.failed", "orchestrator.workflow.finalizing", "orchestrator.workflow.failed",
        ]);
        logs.ShouldAllBe(l => l.TraceId == run.Id.Hex);
        logs.Select(l => l.SeverityNumber).ShouldBe([9, 9, 9, 9, 17, 9, 17]);
        var failed = logs[4];
        failed.SpanId.ShouldBe(spans.Named("task a").SpanId);
        failed.Body.ShouldBe($"task.failed logged {run.Id} a attempt 1: it broke");
        failed.Attributes["orchestrator.event.seq"].ShouldBe(5L);
        failed.Attributes["orchestrator.event.category"].ShouldBe("lifecycle");
        failed.Attributes["orchestrator.event.id"].ShouldBe(EventIds.Of(StreamId.Run(run.Id), 5).ToString());
        failed.Attributes["cicd.pipeline.name"].ShouldBe("logged");
        failed.Attributes["cicd.pipeline.run.id"].ShouldBe(run.Id.ToString());
        failed.Attributes["error.type"].ShouldBe("exit_code");
        failed.Attributes.Keys.ShouldNotContain(k => k.Contains("SpanId", StringComparison.OrdinalIgnoreCase) || k.Contains("OriginalFormat"));
    }

    [Fact]
    public async Task Other_log_providers_see_the_same_records_in_the_same_context()
    {
        await using var bench = await TelemetryBench.StartAsync();
        var run = new RunScript("logged-here", null, RunScript.Task("a"));
        await bench.SpansAsync(run, run.Begin(), run.Batch(Started("a")));
        var logs = bench.Records.All.Where(l => l.Category == "Orchestrator.Lifecycle").ToArray();
        logs.Length.ShouldBe(4);
        logs[3].Id.Name.ShouldBe("orchestrator.task.started");
        logs[3].Id.Id.ShouldBe(4021);
        logs[3].Level.ShouldBe(LogLevel.Information);
        logs[3].SpanId.ShouldBe(TraceIds.SpanId(run.Id, TraceIds.Attempt, "a", 1));
        System.Diagnostics.Activity.Current.ShouldBeNull();
    }

    [Fact]
    public async Task History_is_not_logged_again_but_later_events_know_their_causes()
    {
        await using var bench = await TelemetryBench.StartAsync();
        var run = new RunScript("told", null, RunScript.Task("a"));
        bench.Publisher.Publish(run.Begin() with { IsHistory = true });
        bench.Publisher.Publish(run.Batch(Started("a")) with { IsHistory = true });
        bench.Publisher.Publish(run.Batch(Done("a")));
        await bench.FlushAsync();
        var log = bench.Receiver.Logs.ShouldHaveSingleItem();
        log.EventName.ShouldBe("orchestrator.task.completed");
        log.Attributes["orchestrator.causation.id"].ShouldBe(EventIds.Of(StreamId.Run(run.Id), 4).ToString());
    }
}

using Orchestrator.Core;
using Orchestrator.Core.Lifecycle;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Telemetry;
using Orchestrator.TestKit.Telemetry;
using Shouldly;
using Xunit;
using static Orchestrator.Engine.Tests.Telemetry.RunScript;

namespace Orchestrator.Engine.Tests.Telemetry;

[Collection(TelemetryCollection.Name)]
public sealed class MetricsTests
{
    [Fact]
    public async Task Counters_and_histograms_say_what_the_events_said()
    {
        await using var bench = await TelemetryBench.StartAsync();
        var run = new RunScript("counted", null, RunScript.Task("a"), RunScript.Task("b"));
        bench.Publisher.Publish(run.Begin());
        bench.Publisher.Publish(run.Batch(Started("a", 1, 2), Retry("a", 1), Started("a", 2, 2), Done("a", 2), Started("b"), Fail("b", 1, FailureKind.Timeout, null)));
        bench.Publisher.Publish(run.Failed("b: too long", FailureKind.Timeout));
        await bench.FlushAsync();

        var points = Points(bench, "counted");
        var duration = points.Where(p => p.Metric == "cicd.pipeline.run.duration").ToArray();
        duration.Length.ShouldBe(2);
        var pending = duration.Single(p => p.Attributes.Text("cicd.pipeline.run.state") == "pending");
        (pending.Count, pending.Sum, pending.Unit).ShouldBe((1, 2.0, "s"));
        var executing = duration.Single(p => p.Attributes.Text("cicd.pipeline.run.state") == "executing");
        (executing.Count, executing.Sum).ShouldBe((1, 7.0));
        executing.Attributes.Text("cicd.pipeline.result").ShouldBe("timeout");
        executing.Attributes.Text("error.type").ShouldBe("timeout");
        executing.Bounds.ShouldBe([.1, .5, 1, 5, 10, 30, 60, 300, 600, 1800, 3600, 7200, 14400, 43200, 86400]);

        points.Single(p => p.Metric == "cicd.pipeline.run.errors").Value.ShouldBe(1);
        var retries = points.Single(p => p.Metric == "orchestrator.task.retries");
        (retries.Value, retries.Attributes.Text("error.type"), retries.Attributes.Text("cicd.pipeline.task.name")).ShouldBe((1, "exit_code", "a"));
        points.Where(p => p.Metric == "orchestrator.task.attempt.duration").Sum(p => p.Count).ShouldBe(3);
        var tasks = points.Where(p => p.Metric == "orchestrator.task.duration").ToArray();
        tasks.Length.ShouldBe(2);
        var failed = tasks.Single(p => p.Attributes.Text("cicd.pipeline.task.name") == "b");
        (failed.Count, failed.Sum).ShouldBe((1, 1.0));
        failed.Attributes.Text("cicd.pipeline.task.run.result").ShouldBe("timeout");
        failed.Attributes.Text("orchestrator.task.type").ShouldBe("run");
        failed.Exemplars.ShouldHaveSingleItem().TraceId.ShouldBe(run.Id.Hex);
        failed.Exemplars[0].SpanId.ShouldBe(TraceIds.SpanId(run.Id, TraceIds.Task, "b"));
        bench.Receiver.Points.Where(p => p.Scope == "Orchestrator").SelectMany(p => p.Attributes.Values)
            .ShouldNotContain(run.Id.ToString(), "a run's id is never a label");
    }

    [Fact]
    public async Task Gauges_follow_the_run_and_fall_back_to_zero()
    {
        await using var bench = await TelemetryBench.StartAsync();
        bench.Publisher.Snapshot = () => new EngineSnapshot(8, 3);
        var run = new RunScript("gauged", null, RunScript.Task("a"), RunScript.Task("b"));
        bench.Publisher.Publish(run.Begin());
        bench.Publisher.Publish(run.Batch(Started("a"), new TaskQueued(new("b"), "slot")));
        await bench.FlushAsync();
        Value(bench, "cicd.pipeline.run.active", "cicd.pipeline.run.state", "executing").ShouldBe(1);
        Value(bench, "cicd.pipeline.run.active", "cicd.pipeline.run.state", "pending").ShouldBe(0);
        Value(bench, "orchestrator.task.active").ShouldBe(1);
        Value(bench, "orchestrator.task.queued").ShouldBe(1);
        var slots = bench.Receiver.Points.Where(p => p.Metric == "orchestrator.worker.slots").ToDictionary(p => p.Attributes.Text("orchestrator.worker.slot.state")!, p => p.Value);
        (slots["available"], slots["busy"]).ShouldBe((5, 3));
        bench.Receiver.Points.Single(p => p.Metric == "cicd.worker.count" && p.Attributes.Text("cicd.worker.state") == "available").Value.ShouldBe(1);

        bench.Publisher.Publish(run.Batch(Done("a"), Started("b"), Done("b")));
        bench.Publisher.Publish(run.Completed(2));
        await bench.FlushAsync();
        Value(bench, "cicd.pipeline.run.active", "cicd.pipeline.run.state", "executing").ShouldBe(0);
        Value(bench, "orchestrator.task.active").ShouldBe(0);
        Value(bench, "orchestrator.task.queued").ShouldBe(0);
        Value(bench, "orchestrator.run.last_success.time").ShouldBe(At(10).ToUnixTimeSeconds());

        double Value(TelemetryBench b, string metric, string? label = null, string? value = null) =>
            Points(b, "gauged").Single(p => p.Metric == metric && (label is null || p.Attributes.Text(label) == value)).Value;
    }

    [Fact]
    public async Task History_is_not_counted_twice_but_fills_the_gauges()
    {
        await using var bench = await TelemetryBench.StartAsync();
        var run = new RunScript("resumed", null, RunScript.Task("a"));
        bench.Publisher.Publish(run.Begin() with { IsHistory = true });
        bench.Publisher.Publish(run.Batch(Started("a")) with { IsHistory = true });
        bench.Publisher.Publish(run.Batch(new WorkflowRecovered("worker lost", 2, "node-2"), Retry("a", 1, FailureKind.WorkerLost, null)));
        await bench.FlushAsync();
        var points = Points(bench, "resumed");
        points.ShouldNotContain(p => p.Metric == "cicd.pipeline.run.duration");
        points.Single(p => p.Metric == "orchestrator.run.resumed").ShouldSatisfyAllConditions(p => p.Value.ShouldBe(1), p => p.Attributes.Text("orchestrator.reason").ShouldBe("worker_lost"));
        points.Single(p => p.Metric == "cicd.pipeline.run.active" && p.Attributes.Text("cicd.pipeline.run.state") == "executing").Value.ShouldBe(1);
        points.Single(p => p.Metric == "orchestrator.task.active").Value.ShouldBe(0);

        bench.Publisher.Forget(run.Id);
        await bench.FlushAsync();
        Points(bench, "resumed").Where(p => p.Metric == "cicd.pipeline.run.active").ShouldAllBe(p => p.Value == 0);
    }

    [Theory]
    [InlineData(LossCause.WorkerStopped, "interrupted")]
    [InlineData(LossCause.WorkerGone, "idle")]
    public async Task Why_a_run_was_taken_over_follows_from_facts_however_messages_are_worded(LossCause cause, string reason)
    {
        await using var bench = await TelemetryBench.StartAsync();
        var run = new RunScript("reworded", null, RunScript.Task("a"));
        bench.Publisher.Publish(run.Begin());
        bench.Publisher.Publish(run.Batch(Started("a"), Retry("a", 1, FailureKind.WorkerLost, null) with { Loss = cause, Error = "A message of a later version." }));
        bench.Publisher.Publish(run.Batch(new WorkflowRecovered("reworded", 2, "node-2")));
        await bench.FlushAsync();
        Points(bench, "reworded").Single(p => p.Metric == "orchestrator.run.resumed").Attributes.Text("orchestrator.reason").ShouldBe(reason);
    }

    [Fact]
    public async Task A_cancel_between_two_attempts_counts_no_attempt_and_ends_the_task()
    {
        await using var bench = await TelemetryBench.StartAsync();
        var run = new RunScript("between", null, RunScript.Task("a"));
        bench.Publisher.Publish(run.Begin());
        bench.Publisher.Publish(run.Batch(Started("a", 1, 3), Retry("a", 1), new TaskCancelled(new("a"), 1, CancelReason.RunCancelled) { Attempts = 1, ClosesAttempt = false }));
        await bench.FlushAsync();
        var points = Points(bench, "between");
        points.Single(p => p.Metric == "orchestrator.task.attempt.duration").Attributes.Text("cicd.pipeline.task.run.result").ShouldBe("failure");
        points.Single(p => p.Metric == "orchestrator.task.duration").Attributes.Text("cicd.pipeline.task.run.result").ShouldBe("cancellation");
        points.Single(p => p.Metric == "orchestrator.task.active").Value.ShouldBe(0);
    }

    [Fact]
    public async Task Schedules_tell_their_lag_and_misfires()
    {
        await using var bench = await TelemetryBench.StartAsync();
        var stream = StreamId.Schedule("lagging", "nightly");
        bench.Publisher.Publish(new RecordedEvent(stream, 1, At(2), new ScheduleFired("nightly", "lagging", At(0), default, null)));
        bench.Publisher.Publish(new RecordedEvent(stream, 2, At(9), new ScheduleSkipped("nightly", "lagging", At(3), "misfire")));
        bench.Publisher.Publish(new RecordedEvent(stream, 3, At(9), new ScheduleSkipped("nightly", "lagging", At(4), "misfire") { Until = At(8), Count = 5 }));
        bench.Publisher.Publish(new RecordedEvent(stream, 4, At(200), new ScheduleOverdue("nightly", "lagging", At(10))));
        await bench.FlushAsync();
        var points = Points(bench, "lagging");
        points.Single(p => p.Metric == "orchestrator.schedule.lag").Sum.ShouldBe(2);
        points.Single(p => p.Metric == "orchestrator.schedule.misfires").Value.ShouldBe(6);
        points.Single(p => p.Metric == "orchestrator.schedule.overdue").Value.ShouldBe(1);
    }

    [Fact]
    public async Task Schedules_that_are_wrong_are_counted_until_they_are_mended()
    {
        await using var bench = await TelemetryBench.StartAsync();
        string[] wrong = ["wrong", "other", "wrong"];
        bench.Publisher.RefusedSchedules = () => wrong;
        await bench.FlushAsync();
        Points(bench, "wrong").Single(p => p.Metric == "orchestrator.schedule.refused").Value.ShouldBe(2);
        wrong = [];
        await bench.FlushAsync();
        Points(bench, "wrong").Last(p => p.Metric == "orchestrator.schedule.refused").Value.ShouldBe(0);
    }

    private static ReceivedPoint[] Points(TelemetryBench bench, string workflow) =>
        [.. bench.Receiver.Points.Where(p => p.Attributes.Text("cicd.pipeline.name") == workflow)];
}

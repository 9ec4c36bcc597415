using Orchestrator.Core;
using Orchestrator.Core.Lifecycle;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Telemetry;
using Orchestrator.Engine.Telemetry.Tracing;
using Orchestrator.TestKit.Telemetry;
using Shouldly;
using Xunit;
using static Orchestrator.Engine.Tests.Telemetry.RunScript;

namespace Orchestrator.Engine.Tests.Telemetry;

[Collection(TelemetryCollection.Name)]
public sealed class TracingTests
{
    [Fact]
    public async Task A_run_is_the_root_of_acceptance_waits_stages_tasks_attempts_and_processes()
    {
        await using var bench = await TelemetryBench.StartAsync(new() { PublicUrl = new("https://runs.example/ui/") });
        var run = new RunScript("tree", ["extract"], RunScript.Task("fetch", "extract"), RunScript.Task("load", null, "fetch"), RunScript.Task("tell", null, "load"));
        bench.Publisher.Publish(run.Begin());
        bench.Publisher.Publish(run.Batch(new StageStarted("extract", 1), Started("fetch")));
        var spans = await bench.SpansAsync(run,
            run.Batch(Done("fetch"), new StageCompleted("extract", 2000, 1, 0, 0, 0), new StageStarted("default", 2), new TaskQueued(new("load"), "slot")),
            run.Batch(Started("load")),
            run.Batch(Done("load"), new TaskSkipped(new("tell"), SkipReason.Condition), new StageCompleted("default", 1, 1, 0, 1, 0)),
            run.Completed(3));

        spans.Orphans().ShouldBeEmpty();
        var (enqueue, root, stage, fetch) = (spans.Named("enqueue tree"), spans.Named("RUN tree"), spans.Named("stage extract"), spans.Named("task fetch"));
        root.ParentId.ShouldBeEmpty("the run is the root, so a trace is titled by what ran");
        enqueue.Kind.ShouldBe(SpanKind.Producer);
        enqueue.ParentId.ShouldBe(root.SpanId);
        root.Kind.ShouldBe(SpanKind.Server);
        (root.Start, root.End).ShouldBe((At(1), At(15)));
        stage.ParentId.ShouldBe(root.SpanId);
        fetch.ParentId.ShouldBe(stage.SpanId);
        (fetch.Start, fetch.End).ShouldBe((At(5), At(6)));
        spans.Named("attempt fetch").ParentId.ShouldBe(fetch.SpanId);
        spans.Named("attempt fetch").SpanId.ShouldBe(TraceIds.SpanId(run.Id, TraceIds.Attempt, "fetch", 1));
        var process = spans.Single(s => s.Name == "sh" && s.ParentId == spans.Named("attempt fetch").SpanId);
        process.Kind.ShouldBe(SpanKind.Client);
        process.Attributes["process.pid"].ShouldBe(4242L);
        process.Attributes["process.exit.code"].ShouldBe(0L);
        process.TraceId.ShouldBe(TraceContexts.ForProcess(run.Id, null, "tree", new("fetch"), 1).TraceParent.Substring(3, 32));
        process.SpanId.ShouldBe(TraceContexts.ForProcess(run.Id, null, "tree", new("fetch"), 1).TraceParent.Substring(36, 16));

        var load = spans.Named("task load");
        load.ParentId.ShouldBe(root.SpanId, "the implicit stage has no span");
        load.Links.ShouldHaveSingleItem().SpanId.ShouldBe(fetch.SpanId);
        load.Links[0].Attributes["orchestrator.link.type"].ShouldBe("depends_on");
        spans.Named("queue tree").ParentId.ShouldBe(root.SpanId);
        spans.Named("queue load").ParentId.ShouldBe(root.SpanId);
        spans.Count(s => s.Name.StartsWith("queue", StringComparison.Ordinal)).ShouldBe(2, "the run's wait and that of load, the one task that waited");

        var tell = spans.Named("task tell");
        tell.Start.ShouldBe(tell.End, TimeSpan.FromMilliseconds(1));
        tell.Attributes["orchestrator.task.skip.reason"].ShouldBe("condition");
        spans.ShouldAllBe(s => s.Status == SpanStatus.Unset && s.Scope == "Orchestrator");
        foreach (var (task, result) in new[] { (fetch, "success"), (load, "success"), (tell, "skip") })
        {
            task.Attributes.Text("cicd.pipeline.task.name").ShouldBe(task.Name[5..]);
            task.Attributes.Text("cicd.pipeline.task.run.id").ShouldBe($"{run.Id}/{task.Name[5..]}");
            task.Attributes.Text("cicd.pipeline.task.run.result").ShouldBe(result);
            task.Attributes.Text("cicd.pipeline.task.run.url.full").ShouldBe($"https://runs.example/ui/runs/{run.Id}/tasks/{task.Name[5..]}");
        }
        root.Attributes.Text("cicd.pipeline.result").ShouldBe("success");
        root.Attributes.Text("cicd.pipeline.name").ShouldBe("tree");
        root.Attributes.Text("cicd.pipeline.run.id").ShouldBe(run.Id.ToString());
        root.Resource.Text("service.name").ShouldBe("orchestrator");
        root.Resource.Text("service.instance.id").ShouldBe("node-1");
    }

    [Fact]
    public async Task A_callers_trace_is_continued()
    {
        await using var bench = await TelemetryBench.StartAsync();
        var run = new RunScript("called", null, RunScript.Task("a"));
        await bench.SpansAsync(run, run.Begin(new("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "vendor=1")), run.Batch(Started("a")),
            run.Batch(new TaskCancelled(new("a"), 1, CancelReason.RunCancelled) { DurationMs = 1000 }), run.Completed(1));
        var spans = bench.SpansOf("4bf92f3577b34da6a3ce929d0e0e4736");
        spans.Named("RUN called").ParentId.ShouldBe("00f067aa0ba902b7");
        spans.Named("enqueue called").ParentId.ShouldBe(spans.Named("RUN called").SpanId);
        spans.Named("enqueue called").TraceState.ShouldBe("vendor=1");
        spans.Orphans("00f067aa0ba902b7").ShouldBeEmpty();
        spans.Named("task a").Status.ShouldBe(SpanStatus.Unset, "an operator's wish is no error");
        spans.Named("task a").Attributes.Text("cicd.pipeline.task.run.result").ShouldBe("cancellation");
    }

    [Theory, InlineData(null), InlineData("00-6bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")]
    public async Task A_run_that_repeats_another_is_linked_to_it(string? caller)
    {
        await using var bench = await TelemetryBench.StartAsync();
        var trace = caller is null ? null : new TraceStamp(caller);
        var earlier = RunId.New(Start, new byte[10]);
        var run = new RunScript("again", null, RunScript.Task("a"));
        await bench.SpansAsync(run, run.Begin(trace, earlier), run.Batch(Started("a")), run.Batch(Done("a")), run.Completed(1));
        var link = bench.SpansOf(TraceIds.TraceId(run.Id, trace)).Named("RUN again").Links.ShouldHaveSingleItem();
        link.SpanId.ShouldBe(TraceIds.SpanId(earlier, TraceIds.Run));
        link.TraceId.ShouldBe(TraceIds.TraceId(earlier, trace));
        link.Attributes["orchestrator.link.type"].ShouldBe("retry_of");
    }

    [Fact]
    public async Task A_caller_that_is_not_sampled_gets_no_spans()
    {
        await using var bench = await TelemetryBench.StartAsync();
        var run = new RunScript("unsampled", null, RunScript.Task("a"));
        var trace = new TraceStamp("00-5bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00");
        var live = AttemptActivity.Start(run.Id, new() { Workflow = "unsampled", DefinitionVersion = "", Trace = trace }, new("a"), 1);
        System.Diagnostics.Activity.Current!.Id.ShouldBe($"00-5bf92f3577b34da6a3ce929d0e0e4736-{TraceIds.SpanId(run.Id, TraceIds.Attempt, "a", 1)}-00");
        AttemptActivity.Complete(live);
        System.Diagnostics.Activity.Current.ShouldBeNull();
        await bench.SpansAsync(run, run.Begin(trace), run.Batch(Started("a"), Done("a")), run.Completed(1));
        bench.SpansOf("5bf92f3577b34da6a3ce929d0e0e4736").ShouldBeEmpty();
    }

    [Fact]
    public async Task A_task_that_ends_well_is_no_error_although_its_first_attempt_was()
    {
        await using var bench = await TelemetryBench.StartAsync();
        var run = new RunScript("retried", null, RunScript.Task("a"));
        bench.Publisher.Publish(run.Begin());
        bench.Publisher.Publish(run.Batch(Started("a", 1, 2)));
        bench.Publisher.Publish(run.Batch(Retry("a", 1), Started("a", 2, 2)));
        var spans = await bench.SpansAsync(run, run.Batch(Done("a", 2)), run.Completed(1));

        spans.Orphans().ShouldBeEmpty();
        var attempts = spans.Where(s => s.Name == "attempt a").OrderBy(s => (long)s.Attributes["orchestrator.task.attempt.number"]!).ToArray();
        attempts.Select(s => s.Status).ShouldBe([SpanStatus.Error, SpanStatus.Unset]);
        attempts[0].Attributes.Text("error.type").ShouldBe("exit_code");
        attempts[0].StatusMessage.ShouldBe("attempt 1 failed");
        attempts[1].Attributes["orchestrator.task.attempt.delay"].ShouldBe(1.0);
        spans.Where(s => s.Name == "sh").OrderBy(s => s.Start).Select(s => s.Status).ShouldBe([SpanStatus.Error, SpanStatus.Unset]);
        spans.Named("task a").Status.ShouldBe(SpanStatus.Unset);
        spans.Named("task a").Events.ShouldHaveSingleItem().Name.ShouldBe("orchestrator.task.retrying");
        spans.Named("RUN retried").Status.ShouldBe(SpanStatus.Unset);
    }

    [Fact]
    public async Task A_failed_run_is_an_error_trace()
    {
        await using var bench = await TelemetryBench.StartAsync();
        var run = new RunScript("broken", ["s"], RunScript.Task("a", "s"));
        var spans = await bench.SpansAsync(run, run.Begin(), run.Batch(new StageStarted("s", 1), Started("a")),
            run.Batch(Fail("a"), new StageFailed("s", "it broke", FailureKind.ExitCode, 1000)), run.Failed("a: it broke", FailureKind.ExitCode));
        foreach (var name in new[] { "task a", "stage s", "RUN broken", "sh" })
        {
            spans.Named(name).Status.ShouldBe(SpanStatus.Error, name);
            spans.Named(name).Attributes.Text("error.type").ShouldBe("exit_code", name);
        }
        spans.Named("RUN broken").StatusMessage.ShouldBe("a: it broke");
        spans.Named("RUN broken").Attributes.Text("cicd.pipeline.result").ShouldBe("failure");
    }

    [Fact]
    public async Task A_stage_that_was_cut_off_still_gets_its_span()
    {
        await using var bench = await TelemetryBench.StartAsync();
        var run = new RunScript("cut", ["s"], RunScript.Task("a", "s"));
        var spans = await bench.SpansAsync(run, run.Begin(), run.Batch(new StageStarted("s", 1), Started("a")),
            run.Batch(new TaskCancelled(new("a"), 1, CancelReason.RunTimeout)), run.Failed("too long", FailureKind.Timeout, 0));
        spans.Orphans().ShouldBeEmpty();
        spans.Named("RUN cut").Attributes.Text("cicd.pipeline.result").ShouldBe("timeout");
    }

    [Fact]
    public async Task A_run_that_survives_a_kill_is_one_trace_without_orphans()
    {
        await using var bench = await TelemetryBench.StartAsync();
        var run = new RunScript("killed", ["s"], RunScript.Task("a", "s"), RunScript.Task("b", "s"));
        AppendedBatch[] before = [run.Begin(), run.Batch(new StageStarted("s", 2), Started("a"), Started("b"))];
        foreach (var batch in before) bench.Publisher.Publish(batch);
        bench.Publisher.Publish(run.Batch(Done("a")));
        // b's attempt is in flight: its activity never stops. Another process takes over.
        await using var second = await TelemetryBench.StartAsync();
        var history = before.Append(run.Batch()).SelectMany(b => b.Events).ToArray();
        second.Publisher.Publish(new AppendedBatch(run.Id, run.Definition, history, IsHistory: true));
        second.Publisher.Publish(new AppendedBatch(run.Id, run.Definition, [new(StreamId.Run(run.Id), 7, At(7), Done("a"))], IsHistory: true));
        second.Publisher.Publish(run.Batch(new WorkflowRecovered("worker lost", 2, "node-2"), Retry("b", 1, FailureKind.WorkerLost, null)));
        second.Publisher.Publish(run.Batch(Started("b", 2)));
        second.Publisher.Publish(run.Batch(Done("b", 2), new StageCompleted("s", 6000, 2, 0, 0, 0)));
        second.Publisher.Publish(run.Completed(2));
        await second.FlushAsync();
        await bench.FlushAsync();

        // Both processes' exporters listen to this process's one source, so one backend has it all; a span id must occur once in it.
        var all = bench.SpansOf(run.Id.Hex);
        var spans = all.Where(s => !s.Attributes.ContainsKey("orchestrator.span.repeated")).ToArray();
        all.Except(spans).ShouldAllBe(again => spans.Any(s => s.SpanId == again.SpanId && s.Name == again.Name && s.Start == again.Start && s.End == again.End));
        all.Except(spans).Select(s => s.Name).ShouldContain("enqueue killed");
        spans.Select(s => s.SpanId).ShouldBeUnique();
        spans.Orphans().ShouldBeEmpty();
        var root = spans.Named("RUN killed");
        (root.Start, root.End).ShouldBe((At(1), At(14)));
        root.Attributes["orchestrator.run.resumes"].ShouldBe(1L);
        root.Attributes["cicd.worker.id"].ShouldBe("node-2");
        root.Events.ShouldHaveSingleItem().Name.ShouldBe("orchestrator.workflow.recovered");
        var lost = spans.Single(s => s.Name == "attempt b" && s.Status == SpanStatus.Error);
        lost.Attributes.Text("error.type").ShouldBe("worker_lost");
        spans.Where(s => s.Name == "attempt b").Select(s => s.Attributes["orchestrator.task.attempt.max"]).ShouldAllBe(most => (long)most! == 2, "a lost attempt does not use up max_attempts");
        (lost.Start, lost.End).ShouldBe((At(6), At(9)));
        spans.Single(s => s.ParentId == lost.SpanId).Name.ShouldBe("sh");
        spans.Named("task b").Status.ShouldBe(SpanStatus.Unset);
        spans.Named("task b").Start.ShouldBe(At(6));
        spans.Named("enqueue killed").End.ShouldBe(At(1), TimeSpan.FromMilliseconds(1));
    }

    [Fact]
    public async Task An_interrupted_attempt_is_exported_once_by_whoever_journals_its_loss()
    {
        await using var bench = await TelemetryBench.StartAsync();
        var run = new RunScript("interrupted", null, RunScript.Task("a"));
        bench.Publisher.Publish(run.Begin());
        bench.Publisher.Publish(run.Batch(Started("a")));
        var spans = await bench.SpansAsync(run, run.Batch(Fail("a", 1, FailureKind.WorkerLost, null)), run.Failed("lost", FailureKind.WorkerLost));
        spans.Orphans().ShouldBeEmpty();
        spans.Named("attempt a").Attributes.Text("error.type").ShouldBe("worker_lost");
        spans.Named("RUN interrupted").Attributes.Text("cicd.pipeline.result").ShouldBe("error", "our fault, not the user's");
    }

    [Fact]
    public async Task The_live_attempt_is_ambient_for_what_the_executor_does_and_carries_baggage()
    {
        await using var bench = await TelemetryBench.StartAsync();
        var run = new RunScript("ambient", null, RunScript.Task("a"));
        var live = AttemptActivity.Start(run.Id, new() { Workflow = "ambient", DefinitionVersion = "" }, new("a"), 1);
        System.Diagnostics.Activity.Current.ShouldBeSameAs(live);
        live!.Id.ShouldBe($"00-{run.Id.Hex}-{TraceIds.SpanId(run.Id, TraceIds.Attempt, "a", 1)}-01");
        live.GetBaggageItem("orchestrator.run.id").ShouldBe(run.Id.ToString());
        live.SetTag("rows", 3).AddEvent(new("half way"));
        AttemptActivity.Complete(live);
        System.Diagnostics.Activity.Current.ShouldBeNull();
        await bench.FlushAsync();
        bench.SpansOf(run.Id.Hex).ShouldBeEmpty("the attempt is not in the journal yet");
        var spans = await bench.SpansAsync(run, run.Begin(), run.Batch(Started("a")), run.Batch(Fail("a", 1, FailureKind.Panic, null)), run.Failed("boom", FailureKind.Panic));
        var attempt = spans.Named("attempt a");
        attempt.Attributes.Text("cicd.pipeline.task.run.result").ShouldBe("error");
        attempt.Attributes["rows"].ShouldBe(3L);
        attempt.Events.ShouldHaveSingleItem().Name.ShouldBe("half way");
    }
}

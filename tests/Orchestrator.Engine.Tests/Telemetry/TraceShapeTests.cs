using System.Text.Json;
using Orchestrator.Core;
using Orchestrator.Core.Lifecycle;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Telemetry.Tracing.Scripts;
using Orchestrator.TestKit.Telemetry;
using Shouldly;
using Xunit;
using static Orchestrator.Engine.Tests.Telemetry.RunScript;

namespace Orchestrator.Engine.Tests.Telemetry;

/// <summary>Spans of what ends in unusual ways, and of what scripts note.</summary>
[Collection(TelemetryCollection.Name)]
public sealed class TraceShapeTests
{
    [Fact]
    public async Task A_cancel_between_two_attempts_does_not_export_the_first_one_twice()
    {
        await using var bench = await TelemetryBench.StartAsync();
        var run = new RunScript("between", null, RunScript.Task("a"));
        var spans = await bench.SpansAsync(run, run.Begin(), run.Batch(Started("a", 1, 3), Retry("a", 1)),
            run.Batch(new TaskCancelled(new("a"), 1, CancelReason.RunCancelled) { DurationMs = 1000, Attempts = 1 }), run.Completed(1));
        spans.Select(s => s.SpanId).ShouldBeUnique();
        spans.Named("attempt a").Status.ShouldBe(SpanStatus.Error);
        spans.Named("task a").Status.ShouldBe(SpanStatus.Unset);
    }

    [Fact]
    public async Task What_waited_and_never_began_has_its_wait_in_the_trace()
    {
        await using var bench = await TelemetryBench.StartAsync();
        var run = new RunScript("waited", null, RunScript.Task("a"));
        var created = run.Batch(
            new WorkflowCreated { Workflow = "waited", DefinitionVersion = new('a', 64), Links = [new("backfill", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"), new("trigger", "nonsense")] },
            new WorkflowQueued("no slot", "large", 0, 1));
        var spans = await bench.SpansAsync(run, created, run.Batch(new TaskQueued(new("a"), "slots"), new TaskCancelled(new("a"), 0, CancelReason.RunCancelled)), run.Batch(new WorkflowCancelled
        {
            Total = 1, Completed = 0, Failed = 0, FailedAllowed = 0, Skipped = 0, Cancelled = 1, DurationMs = 1, Reason = "no more wanted", CancelReason = CancelReason.RunCancelled,
        }));
        spans.Orphans().ShouldBeEmpty();
        (spans.Named("queue waited").Attributes.Text("orchestrator.queue.name"), spans.Named("queue a").Attributes.Text("orchestrator.queue.name")).ShouldBe(("large", "tasks"));
        var root = spans.Named("RUN waited");
        (root.Status, root.Attributes.Text("cicd.pipeline.result")).ShouldBe((SpanStatus.Unset, "cancellation"));
        root.Links.ShouldHaveSingleItem().Attributes.Text("orchestrator.link.type").ShouldBe("backfill");
    }

    [Fact]
    public async Task A_fan_outs_children_share_their_names_and_differ_by_attributes()
    {
        await using var bench = await TelemetryBench.StartAsync();
        var run = new RunScript("many", null, RunScript.Task("each"));
        var items = JsonElement.Parse($"[{string.Join(',', Enumerable.Range(0, 199).Select(i => $"\"item {i}\""))}, {{\"region\":\"eu\"}}]");
        string[] children = [.. Enumerable.Range(0, 200).Select(i => $"each[{i}]")];
        var spans = await bench.SpansAsync(run, run.Begin(), run.Batch(new TaskStarted(new("each"), 1, 1, "foreach"), new TaskExpanded(new("each"), 1, items)),
            run.Batch([.. children.Select(c => new TaskQueued(new(c), "slots"))]), run.Batch([.. children.Select(c => Started(c))]),
            run.Batch([.. children.Select(c => Done(c))]), run.Batch(Done("each") with { Process = null }), run.Completed(1));
        spans.Orphans().ShouldBeEmpty();
        spans.Select(s => s.Name).Distinct().Order(StringComparer.Ordinal).ShouldBe(["RUN many", "attempt each", "enqueue many", "queue each", "queue many", "sh", "task each"]);
        foreach (var kind in (string[])["queue", "task", "attempt"])
            spans.Where(s => s.Name == kind + " each").Select(s => s.Attributes.GetValueOrDefault("orchestrator.fan_out.index")).OfType<long>().Order()
                .ShouldBe(Enumerable.Range(0, 200).Select(i => (long)i), kind);
        var whole = spans.Single(s => s.Name == "task each" && !s.Attributes.ContainsKey("orchestrator.fan_out.index"));
        var tasks = spans.Where(s => s.Name == "task each" && s != whole).OrderBy(s => (long)s.Attributes["orchestrator.fan_out.index"]!).ToArray();
        tasks.ShouldAllBe(t => t.ParentId == whole.SpanId);
        tasks[7].Attributes.Text("orchestrator.fan_out.item").ShouldBe("item 7");
        tasks[199].Attributes.Text("orchestrator.fan_out.item").ShouldBe("{\"region\":\"eu\"}");
        tasks[7].Attributes.Text("cicd.pipeline.task.run.id").ShouldBe($"{run.Id}/each[7]");
    }

    [Fact]
    public async Task Attempts_lost_with_their_worker_do_not_use_up_the_most_that_a_task_may_make()
    {
        await using var bench = await TelemetryBench.StartAsync();
        var run = new RunScript("lossy", null, RunScript.Task("a"));
        var spans = await bench.SpansAsync(run, run.Begin(), run.Batch(Started("a", 1, 2), Retry("a", 1, FailureKind.WorkerLost, null), Started("a", 2, 2)),
            run.Batch(Retry("a", 2), Started("a", 3, 2)), run.Batch(Retry("a", 3, FailureKind.WorkerLost, null), Started("a", 4, 2)), run.Batch(Fail("a", 4)), run.Failed("a: it broke", FailureKind.ExitCode));
        spans.Where(s => s.Name == "attempt a").OrderBy(s => s.Start).Select(s => (s.Attributes["orchestrator.task.attempt.number"], s.Attributes["orchestrator.task.attempt.max"]))
            .ShouldBe([(1L, 3L), (2L, 3L), (3L, 4L), (4L, 4L)]);
    }

    [Fact]
    public async Task A_poll_has_attempts_a_plain_wait_and_an_approval_have_none()
    {
        await using var bench = await TelemetryBench.StartAsync();
        var run = new RunScript("parked", null, RunScript.Task("poll"), RunScript.Task("nap"), RunScript.Task("ask"));
        static TaskCompleted Ended(string task) => new(new(task), 1) { AttemptDurationMs = 10, DurationMs = 10 };
        var spans = await bench.SpansAsync(run, run.Begin(),
            run.Batch(new TaskStarted(new("poll"), 1, 1, "wait"), new TaskWaiting(new("poll"), 1, WaitKind.Poll)),
            run.Batch(new TaskStarted(new("nap"), 1, 1, "wait"), new TaskWaiting(new("nap"), 1, WaitKind.Time)),
            run.Batch(new TaskStarted(new("ask"), 1, 1, "approval")), run.Batch(Ended("poll"), Ended("nap"), Ended("ask")), run.Completed(3));
        spans.Where(s => s.Name.StartsWith("attempt ", StringComparison.Ordinal)).ShouldHaveSingleItem().Name.ShouldBe("attempt poll");
        spans.Named("task nap").Start.ShouldBe(At(6));
        spans.Named("task nap").End.ShouldBe(At(10));
    }

    [Fact]
    public async Task What_a_script_leaves_in_its_file_becomes_spans_however_odd_it_is()
    {
        var data = Directory.CreateTempSubdirectory("orc-spans-");
        try
        {
            var paths = new RunPaths(data.FullName);
            await using var bench = await TelemetryBench.StartAsync(new() { Files = new RunFiles(paths) });
            var run = new RunScript("noted", null, RunScript.Task("a"));
            var file = ScriptSpanFile.Of(paths.Of(run.Id), new("a"), 1);
            ScriptSpanFile.Append(file, new() { Op = ScriptSpanLine.Start, Id = "00000000000000aa", Name = "one", Time = At(4) });
            ScriptSpanFile.Append(file, new() { Op = ScriptSpanLine.Start, Id = "00000000000000bb", Name = "astray", Parent = "00000000000000ff", Time = At(4) });
            ScriptSpanFile.Append(file, new() { Op = ScriptSpanLine.End, Id = "00000000000000aa", Time = At(5) });
            await File.AppendAllTextAsync(file, "{\"op\":\"start\"}\nnonsense\n{\"op\":\"start\",\"id\":\"XYZ\",\"name\":\"bad\",\"time\":\"2026-01-01T00:00:00Z\"}\n{\"op\":\"end\",\"id\":\"00000000000000bb\"");
            var spans = await bench.SpansAsync(run, run.Begin(), run.Batch(Started("a")), run.Batch(Done("a")), run.Completed(1));
            spans.Orphans().ShouldBeEmpty();
            spans.Named("one").SpanId.ShouldBe("00000000000000aa");
            (spans.Named("one").Start, spans.Named("one").End).ShouldBe((At(4), At(5)));
            spans.Named("astray").ParentId.ShouldBe(TraceIds.SpanId(run.Id, TraceIds.Process, "a", 1));
            spans.Named("astray").Attributes["orchestrator.span.unfinished"].ShouldBe(true);
            spans.Count(s => s.Name is "bad").ShouldBe(0);
        }
        finally
        {
            data.Delete(recursive: true);
        }
    }

    [Fact]
    public void A_scripts_file_has_an_end()
    {
        var file = Path.Combine(Path.GetTempPath(), $"orc-{Guid.NewGuid():N}", "a.1.jsonl");
        var line = new ScriptSpanLine { Op = ScriptSpanLine.Moment, Name = new string('n', 300_000), Time = Start };
        try
        {
            Enumerable.Range(0, 5).Select(_ => ScriptSpanFile.Append(file, line)).ShouldBe([true, true, true, false, false]);
            new FileInfo(file).Length.ShouldBeLessThan(ScriptSpanFile.MaxBytes);
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
        }
    }

    [Fact]
    public async Task What_a_process_used_stands_on_its_span_and_that_of_its_attempt_and_unknown_is_absent()
    {
        await using var bench = await TelemetryBench.StartAsync();
        var run = new RunScript("used", null, RunScript.Task("a"), RunScript.Task("b"));
        var used = Done("a") with { Process = new("sh", 1, 0, Usage: new(1500, 250, null, 0, 4096)) };
        var spans = await bench.SpansAsync(run, run.Begin(), run.Batch(Started("a"), Started("b")), run.Batch(used, Done("b")), run.Completed(2));
        foreach (var span in new[] { spans.Named("attempt a"), spans.Single(s => s.Name == "sh" && s.ParentId == spans.Named("attempt a").SpanId) })
        {
            span.Attributes["process.cpu.time"].ShouldBe(1.75);
            span.Attributes["orchestrator.process.disk.read"].ShouldBe(0L);
            span.Attributes["orchestrator.process.disk.write"].ShouldBe(4096L);
            span.Attributes.ShouldNotContainKey("orchestrator.process.memory.peak");
        }
        spans.Named("attempt b").Attributes.ShouldNotContainKey("process.cpu.time");
        bench.Receiver.Points.Where(p => p.Metric == "orchestrator.task.cpu.time" && p.Attributes.Text("cicd.pipeline.name") == "used").Sum(p => p.Count).ShouldBe(1);
        bench.Receiver.Points.ShouldNotContain(p => p.Metric == "orchestrator.task.memory.peak" && p.Attributes.Text("cicd.pipeline.name") == "used");
    }
}

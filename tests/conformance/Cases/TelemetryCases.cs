using Orchestrator.Conformance.Harness;
using Orchestrator.TestKit.Telemetry;
using Shouldly;
using Xunit;

namespace Orchestrator.Conformance.Cases;

/// <summary>What leaves as OTLP, read from a receiver.</summary>
[Trait("Program", "both")]
public sealed class TelemetryCases
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static async Task<OtlpReceiver> ReceiverFor(Sandbox box, ReceiverMode mode = ReceiverMode.Ok)
    {
        var receiver = await OtlpReceiver.StartAsync(mode);
        foreach (var (name, value) in receiver.Variables) box.Environment[name] = value;
        return receiver;
    }

    [Fact(DisplayName = "T01 a run is one trace: enqueue, run, tasks, attempts, processes, without an orphan")]
    public async Task OneTrace()
    {
        await using var box = new Sandbox();
        await using var receiver = await ReceiverFor(box);
        var flow = box.Workflow("""
            name: traced
            stages: [one]
            tasks:
              - {id: a, stage: one, run: 'test "$ORCHESTRATOR_ATTEMPT" = 2', retry: {max_attempts: 2, initial_delay: 10ms}}
              - {id: b, depends_on: [a], exec: [sh, -c, "true"]}
              - {id: c, depends_on: [b], if: "${{ false }}", noop: true}
            """);
        var (finished, json) = await box.RunJsonAsync(flow);
        finished.Exits(0);
        var trace = json.GetProperty("trace_id").GetString()!;
        await receiver.WaitForAsync(r => r.Spans.Any(s => s.Name == "RUN traced"), Patience);
        var spans = receiver.Spans.Where(s => s.Scope == "Orchestrator").ToList();
        spans.ShouldAllBe(s => s.TraceId == trace);
        spans.Select(s => s.SpanId).ShouldBeUnique();
        receiver.Orphans().ShouldBeEmpty();
        foreach (var name in (string[])["enqueue traced", "RUN traced", "stage one", "task a", "task b", "task c", "attempt a", "attempt b", "sh"])
            spans.ShouldContain(s => s.Name == name, name);
        spans.Count(s => s.Name == "attempt a").ShouldBe(2);
        spans.Single(s => s.Name == "task a").Status.ShouldBe(SpanStatus.Unset);
        spans.Count(s => s.Name == "attempt a" && s.Status == SpanStatus.Error).ShouldBe(1);
        spans.Single(s => s.Name == "task c").Attributes.Text("cicd.pipeline.task.run.result").ShouldBe("skip");
        spans.Single(s => s.Name == "RUN traced").Kind.ShouldBe(SpanKind.Server);
        spans.Single(s => s.Name == "RUN traced").Attributes.Text("cicd.pipeline.result").ShouldBe("success");
    }

    [Fact(DisplayName = "T02 a failed run is an error trace with a closed error.type")]
    public async Task ErrorTrace()
    {
        await using var box = new Sandbox();
        await using var receiver = await ReceiverFor(box);
        var flow = box.Workflow("name: broken\ntasks: [{id: a, run: 'exit 3'}]\n");
        (await box.RunJsonAsync(flow)).Finished.Exits(1);
        await receiver.WaitForAsync(r => r.Spans.Any(s => s.Name == "RUN broken"), Patience);
        var run = receiver.Span("RUN broken");
        run.Status.ShouldBe(SpanStatus.Error);
        run.Attributes.Text("error.type").ShouldBe("exit_code");
        run.Attributes.Text("cicd.pipeline.result").ShouldBe("failure");
        receiver.Span("task a").Status.ShouldBe(SpanStatus.Error);
    }

    [Fact(DisplayName = "T03 events leave as log records with event names and the run's trace")]
    public async Task LogRecords()
    {
        await using var box = new Sandbox();
        await using var receiver = await ReceiverFor(box);
        var (_, json) = await box.RunJsonAsync(box.Workflow("name: logged\ntasks: [{id: a, noop: true}]\n"));
        await receiver.WaitForAsync(r => r.Logs.Any(l => l.EventName == "orchestrator.workflow.completed"), Patience);
        var events = (await box.EventsAsync(json.GetProperty("run_id").GetString()!)).Select(e => "orchestrator." + e.GetProperty("type").GetString());
        receiver.Logs.Where(l => l.EventName.StartsWith("orchestrator.", StringComparison.Ordinal)).Select(l => l.EventName).ShouldBe(events, ignoreOrder: true);
        receiver.Logs.Where(l => l.EventName.StartsWith("orchestrator.", StringComparison.Ordinal)).ShouldAllBe(l => l.TraceId == json.GetProperty("trace_id").GetString());
    }

    [Fact(DisplayName = "T04 metrics count what happened")]
    public async Task Metrics()
    {
        await using var box = new Sandbox();
        await using var receiver = await ReceiverFor(box);
        (await box.RunJsonAsync(box.Workflow("name: counted\ntasks: [{id: a, run: 'test $ORCHESTRATOR_ATTEMPT = 2', retry: {max_attempts: 2, initial_delay: 10ms}}, {id: b, noop: true}]\n"))).Finished.Exits(0);
        await receiver.WaitForAsync(r => r.Points.Any(p => p.Metric == "orchestrator.task.duration"), Patience);
        receiver.Points.Where(p => p.Metric == "cicd.pipeline.run.duration" && p.Attributes.Text("cicd.pipeline.result") == "success").Sum(p => p.Count).ShouldBe(1);
        receiver.Points.Where(p => p.Metric == "orchestrator.task.duration").Sum(p => p.Count).ShouldBe(2);
        receiver.Points.Where(p => p.Metric == "orchestrator.task.retries").Sum(p => p.Value).ShouldBe(1);
        receiver.Points.SelectMany(p => p.Attributes.Keys).ShouldNotContain("cicd.pipeline.run.id");
    }

    [Theory(DisplayName = "T05 a collector that is dead, failing or slow never hurts a run")]
    [InlineData(ReceiverMode.Dead)]
    [InlineData(ReceiverMode.Failing)]
    [InlineData(ReceiverMode.Slow)]
    public async Task Degraded(ReceiverMode mode)
    {
        await using var box = new Sandbox();
        await using var receiver = await ReceiverFor(box, mode);
        var (finished, json) = await box.RunJsonAsync(box.Workflow("name: alone\ntasks: [{id: a, run: 'true'}]\n"));
        finished.Exits(0);
        json.GetProperty("status").GetString().ShouldBe("completed");
        receiver.Release();
    }

    [Fact(DisplayName = "T06 a caller's trace is continued and handed on to children")]
    public async Task Inbound()
    {
        await using var box = new Sandbox();
        await using var receiver = await ReceiverFor(box);
        box.Environment["TRACEPARENT"] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        var (_, json) = await box.RunJsonAsync(box.Workflow("name: child\ntasks: [{id: a, run: 'echo \"tp=$TRACEPARENT\" >> \"$ORCHESTRATOR_OUTPUT\"'}]\n"));
        json.GetProperty("trace_id").GetString().ShouldBe("0af7651916cd43dd8448eb211c80319c");
        await receiver.WaitForAsync(r => r.Spans.Any(s => s.Name == "RUN child"), Patience);
        receiver.Orphans("b7ad6b7169203331").ShouldBeEmpty();
        receiver.Span("RUN child").ParentId.ShouldBe("b7ad6b7169203331");
        var handed = json.GetProperty("tasks").GetProperty("a").GetProperty("outputs").GetProperty("tp").GetString()!;
        var process = receiver.Spans.Single(s => s.Kind == SpanKind.Client && s.Scope == "Orchestrator");
        handed.ShouldBe($"00-{process.TraceId}-{process.SpanId}-01");
    }

    [Fact(DisplayName = "T07 a run killed and resumed is one trace with one run span")]
    public async Task Resumed()
    {
        await using var box = new Sandbox();
        await using var receiver = await ReceiverFor(box);
        box.Write("workflows/x.yaml", $"name: x\ntasks: [{{id: first, noop: true}}, {{id: a, depends_on: [first], run: 'touch {box.Root}/started; until test -e {box.Root}/go; do sleep 0.02; done'}}]\n");
        string run, trace;
        await using (var server = await Server.StartAsync(box))
        {
            run = await server.SubmitAsync("x");
            trace = await server.TraceOfAsync(run);
            await Poll.UntilAsync(() => File.Exists(box.PathOf("started")));
            await receiver.WaitForAsync(r => r.Spans.Any(s => s.Name == "task first"), Patience);
            server.Process.Signal(9);
            await server.Process.EndAsync();
        }
        box.Write("go", "");
        await using (var server = await Server.StartAsync(box))
        {
            (await server.EndOfAsync(run)).ShouldBe("completed");
            await receiver.WaitForAsync(r => r.Spans.Any(s => s.Name == "RUN x"), Patience);
            server.Process.Signal(15);
            await server.Process.EndAsync();
        }
        // What the killed server had just completed is exported again, marked, in case it had not left.
        var spans = receiver.Spans.Where(s => s.TraceId == trace && !s.Attributes.ContainsKey("orchestrator.span.repeated")).ToList();
        spans.Count(s => s.Name == "RUN x").ShouldBe(1);
        spans.Count(s => s.Name == "task first").ShouldBe(1);
        spans.Select(s => s.SpanId).ShouldBeUnique();
        var ids = spans.Select(s => s.SpanId).ToHashSet();
        spans.Where(s => s.ParentId.Length > 0 && !ids.Contains(s.ParentId)).ShouldBeEmpty();
        spans.Single(s => s.Name == "attempt a" && s.Status == SpanStatus.Error).Attributes.Text("error.type").ShouldBe("worker_lost");
        spans.Count(s => s.Name == "attempt a" && s.Status == SpanStatus.Unset).ShouldBe(1);
    }

    [Fact(DisplayName = "T08 a schedule's firing is counted with its lag and told as an event, and the last of it leaves at shutdown")]
    public async Task Schedules()
    {
        await using var box = new Sandbox();
        await using var receiver = await ReceiverFor(box);
        box.Write("workflows/tick.yaml", "name: tick\nschedules: [{id: s, cron: '* * * * * *'}]\ntasks: [{id: a, noop: true}]\n");
        await using (var server = await Server.StartAsync(box))
        {
            await Poll.UntilAsync(async () => (await server.GetAsync("/api/v1/runs")).GetProperty("runs").EnumerateArray().Any(r => r.GetProperty("status").GetString() == "completed"));
            server.Process.Signal(15);
            (await server.Process.EndAsync()).Exits(0);
        }
        var fired = receiver.Points.Where(p => p.Metric == "orchestrator.schedule.lag").Sum(p => p.Count);
        fired.ShouldBeGreaterThan(0);
        receiver.Logs.Count(l => l.EventName == "orchestrator.schedule.fired").ShouldBe((int)fired);
        receiver.Points.Where(p => p.Metric == "orchestrator.task.duration").Sum(p => p.Count).ShouldBeGreaterThan(0);
    }
}

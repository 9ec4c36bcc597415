using System.Globalization;
using System.Text.Json;
using Orchestrator.Conformance.Harness;
using Orchestrator.TestKit.Http;
using Orchestrator.TestKit.Postgres;
using Orchestrator.TestKit.Telemetry;
using Shouldly;
using Xunit;

namespace Orchestrator.Conformance.Cases;

/// <summary>Traces in detail: what is in them, that they are whole, and what of them leaves.</summary>
public sealed class TraceCases(PostgresFixture postgres)
{
    private const string Repeated = "orchestrator.span.repeated";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static async Task<OtlpReceiver> ReceiverFor(Sandbox box)
    {
        var receiver = await OtlpReceiver.StartAsync();
        foreach (var (name, value) in receiver.Variables) box.Environment[name] = value;
        return receiver;
    }

    private static Task RunSpanAsync(OtlpReceiver receiver, string workflow) => receiver.WaitForAsync(r => r.Spans.Any(s => s.Name == "RUN " + workflow), Patience);

    private static List<ReceivedSpan> Ours(OtlpReceiver receiver) => [.. receiver.Spans.Where(s => s.Scope == "Orchestrator")];

    [Fact(DisplayName = "TR01 skips, handlers, fan-out, waits and allowed failures are all in the trace, each under its parent")]
    public async Task Everything()
    {
        await using var box = new Sandbox();
        await using var receiver = await ReceiverFor(box);
        var (finished, _) = await box.RunJsonAsync(box.Workflow("""
            name: whole
            tasks:
              - {id: first, run: 'exit 3', allow_failure: true}
              - {id: never, enabled: false, noop: true}
              - {id: each, depends_on: [first], foreach: [a, b], run: 'true'}
              - {id: nap, depends_on: [each], wait: 300ms}
              - {id: last, depends_on: [each, nap], noop: true}
            handlers:
              finally: [{id: tidy, run: 'true'}]
            """));
        finished.Exits(0);
        await RunSpanAsync(receiver, "whole");
        var spans = Ours(receiver);
        receiver.Orphans().ShouldBeEmpty();
        spans.Select(s => s.SpanId).ShouldBeUnique();
        ReceivedSpan Task(string id) => spans.Single(s => s.Name == "task " + id);
        var run = spans.Single(s => s.Name == "RUN whole");

        Task("never").ShouldSatisfyAllConditions(s => s.Start.ShouldBe(s.End, TimeSpan.FromMicroseconds(1)), s => s.Attributes.Text("orchestrator.task.skip.reason").ShouldBe("disabled"), s => s.Status.ShouldBe(SpanStatus.Unset));
        Task("first").ShouldSatisfyAllConditions(s => s.Status.ShouldBe(SpanStatus.Error), s => s.Attributes["orchestrator.task.failure.allowed"].ShouldBe(true), s => s.Attributes.Text("error.type").ShouldBe("exit_code"));
        var each = spans.Where(s => s.Name == "task each").ToLookup(s => s.Attributes.ContainsKey("orchestrator.fan_out.index"));
        var whole = each[false].ShouldHaveSingleItem();
        each[true].OrderBy(s => s.Start).Select(s => (s.ParentId, s.Attributes["orchestrator.fan_out.index"], s.Attributes.Text("orchestrator.fan_out.item")))
            .ShouldBe([(whole.SpanId, 0L, "a"), (whole.SpanId, 1L, "b")], ignoreOrder: true);
        Task("tidy").ParentId.ShouldBe(run.SpanId);
        Task("tidy").Attributes.Text("orchestrator.task.role").ShouldBe("handler");
        (Task("nap").End - Task("nap").Start).ShouldBeGreaterThanOrEqualTo(TimeSpan.FromMilliseconds(290));
        spans.ShouldNotContain(s => s.Name == "attempt nap", "nobody carries out a wait");
        Task("last").Links.Select(l => l.SpanId).ShouldBe([whole.SpanId, Task("nap").SpanId], ignoreOrder: true);
        Task("last").Links.ShouldAllBe(l => l.Attributes.Text("orchestrator.link.type") == "depends_on");
        foreach (var task in spans.Where(s => s.Name.StartsWith("task ", StringComparison.Ordinal)))
            foreach (var required in (string[])["cicd.pipeline.task.name", "cicd.pipeline.task.run.id", "cicd.pipeline.task.run.result"]) task.Attributes.ShouldContainKey(required);
        spans.Single(s => s.Name == "attempt each" && s.Attributes["orchestrator.fan_out.index"] is 1L).Attributes["orchestrator.task.attempt.number"].ShouldBe(1L);
    }

    [Fact(DisplayName = "TR02 a run killed with -9 in mid-run and resumed by hand is one tree without an orphan, whatever the killed process had not sent")]
    public async Task Killed()
    {
        await using var box = new Sandbox();
        await using var receiver = await ReceiverFor(box);
        box.Environment["OTEL_BSP_SCHEDULE_DELAY"] = "60000";   // nothing leaves before the kill: the worst that can be lost
        var flow = box.Workflow($"name: killed\nstages: [s]\ntasks: [{{id: first, stage: s, run: 'true'}}, {{id: long, stage: s, depends_on: [first], run: 'touch {box.Root}/started; until test -e {box.Root}/go; do sleep 0.02; done'}}]\n");
        var first = box.Start("run", flow, "--json");
        await Poll.UntilAsync(() => File.Exists(box.PathOf("started")));
        first.Signal(9);
        await first.EndAsync();
        var id = (await box.RunAsync("runs", "--json")).JsonLines().Single().GetProperty("run_id").GetString()!;
        receiver.Spans.ShouldBeEmpty();
        box.Environment["OTEL_BSP_SCHEDULE_DELAY"] = "100";
        box.Write("go", "");
        (await box.RunAsync("run", "--resume", id)).Exits(0);
        await RunSpanAsync(receiver, "killed");

        var spans = Ours(receiver);
        var events = await box.EventsAsync(id);
        var trace = id.Replace("-", "", StringComparison.Ordinal);
        spans.ShouldAllBe(s => s.TraceId == trace);
        spans.Select(s => s.SpanId).ShouldBeUnique();
        receiver.Orphans().ShouldBeEmpty();
        spans.Count(s => s.ParentId.Length == 0).ShouldBe(1, "one tree");
        foreach (var name in (string[])["enqueue killed", "RUN killed", "stage s", "task first", "attempt first", "task long"]) spans.Count(s => s.Name == name).ShouldBe(1, name);
        var run = spans.Single(s => s.Name == "RUN killed");
        run.Start.ShouldBe(events[0].GetProperty("time").GetDateTimeOffset(), TimeSpan.FromMicroseconds(1));
        run.Attributes["orchestrator.run.resumes"].ShouldBe(1L);
        run.Attributes["orchestrator.resumed"].ShouldBe(true);
        run.Events.Select(e => e.Name).ShouldContain("orchestrator.workflow.recovered");
        var lost = spans.Single(s => s.Name == "attempt long" && s.Status == SpanStatus.Error);
        lost.Attributes.Text("error.type").ShouldBe("worker_lost");
        lost.Attributes.Text("cicd.pipeline.task.run.result").ShouldBe("error");
        spans.Where(s => s.Name == "attempt long").Select(s => s.Attributes["orchestrator.task.attempt.max"]).ShouldAllBe(most => (long)most! == 2);
        spans.Count(s => s.Name == "attempt long" && s.Status == SpanStatus.Unset).ShouldBe(1);
        spans.Single(s => s.Name == "task long").Status.ShouldBe(SpanStatus.Unset);
        spans.Single(s => s.Name == "task first").Attributes.ShouldContainKey(Repeated);
    }

    [Fact(DisplayName = "TR03 a child run is in its parent's trace; a detached one has its own, linked to the parent's")]
    public async Task Children()
    {
        await using var box = new Sandbox();
        await using var receiver = await ReceiverFor(box);
        box.Workflow("name: small\ntasks: [{id: x, noop: true}]\n", "workflows/small.yaml");
        var flow = box.Workflow("name: large\ntasks: [{id: inner, workflow: small}, {id: apart, depends_on: [inner], workflow: {name: small, wait: false}}]\n", "workflows/large.yaml");
        var (finished, json) = await box.RunJsonAsync(flow);
        finished.Exits(0);
        await receiver.WaitForAsync(r => r.Spans.Count(s => s.Name == "RUN small") == 2 && r.Spans.Any(s => s.Name == "RUN large"), Patience);
        var spans = Ours(receiver);
        receiver.Orphans().ShouldBeEmpty();
        var trace = json.GetProperty("trace_id").GetString();
        var inner = spans.Single(s => s.Name == "RUN small" && s.TraceId == trace);
        spans.Single(s => s.SpanId == inner.ParentId).Name.ShouldBe("attempt inner");
        var apart = spans.Single(s => s.Name == "RUN small" && s.TraceId != trace);
        var link = apart.Links.ShouldHaveSingleItem();
        link.Attributes.Text("orchestrator.link.type").ShouldBe("parent_run");
        (link.TraceId, link.SpanId).ShouldBe((trace, spans.Single(s => s.Name == "attempt apart").SpanId));
        apart.Attributes.Text("orchestrator.parent_run.id").ShouldBe(json.GetProperty("run_id").GetString());
    }

    [Fact(DisplayName = "TR04 an API request's context is continued, the run hangs below the request's own span, and the header X-Orchestrator-Sample decides over sampling")]
    public async Task Api()
    {
        await using var box = new Sandbox();
        await using var receiver = await ReceiverFor(box);
        box.Environment["Orchestrator__Telemetry__Sample"] = "0";
        box.Workflow("name: asked\ntasks: [{id: a, noop: true}]\n", "workflows/asked.yaml");
        await using var server = await Server.StartAsync(box);
        async Task<string> AskAsync(string header, string value)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/workflows/asked/runs");
            request.Headers.Add(header, value);
            using var answer = await server.Http.SendAsync(request);
            if (!answer.IsSuccessStatusCode) return ((int)answer.StatusCode).ToString(CultureInfo.InvariantCulture);
            var run = JsonElement.Parse(await answer.Content.ReadAsStringAsync()).GetProperty("run_id").GetString()!;
            await server.EndOfAsync(run);
            return run;
        }
        var silent = await AskAsync("X-Nothing", "1");
        var forced = await AskAsync("X-Orchestrator-Sample", "1");
        await AskAsync("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
        (await AskAsync("X-Orchestrator-Sample", "maybe")).ShouldBe("400");
        await receiver.WaitForAsync(r => r.Spans.Count(s => s.Name == "RUN asked") == 2, Patience);
        server.Process.Signal(15);
        await server.Process.EndAsync();
        var spans = Ours(receiver);
        spans.ShouldNotContain(s => s.TraceId == silent.Replace("-", "", StringComparison.Ordinal));
        spans.ShouldContain(s => s.Name == "RUN asked" && s.TraceId == forced.Replace("-", "", StringComparison.Ordinal));
        var called = spans.Single(s => s.Name == "RUN asked" && s.TraceId == "0af7651916cd43dd8448eb211c80319c");
        var request = receiver.Spans.Single(s => s.Scope == "Microsoft.AspNetCore" && s.TraceId == called.TraceId);
        (request.ParentId, called.ParentId).ShouldBe(("b7ad6b7169203331", request.SpanId));
    }

    [Fact(DisplayName = "TR05 a sampled-out run that ends well leaves nothing, one that fails leaves whole, and a workflow's own ratio stands above the worker's")]
    public async Task Sampling()
    {
        await using var box = new Sandbox();
        await using var receiver = await ReceiverFor(box);
        box.Environment["Orchestrator__Telemetry__Sample"] = "0";
        (await box.RunJsonAsync(box.Workflow("name: good\ntasks: [{id: a, run: 'test \"${TRACEPARENT: -2}\" = 00'}]\n"))).Finished.Exits(0);
        var (failed, bad) = await box.RunJsonAsync(box.Workflow("name: bad\nstages: [s]\ntasks: [{id: a, stage: s, run: 'true'}, {id: b, depends_on: [a], run: 'exit 1', retry: {max_attempts: 2, initial_delay: 10ms}}]\n"));
        failed.Exits(1);
        (await box.RunJsonAsync(box.Workflow("name: wanted\ntelemetry: {sample: 1}\ntasks: [{id: a, noop: true}]\n"))).Finished.Exits(0);
        await RunSpanAsync(receiver, "wanted");
        await RunSpanAsync(receiver, "bad");
        var spans = Ours(receiver);
        spans.ShouldNotContain(s => s.Name.EndsWith(" good", StringComparison.Ordinal));
        var whole = spans.Where(s => s.TraceId == bad.GetProperty("trace_id").GetString()).ToList();
        receiver.Orphans().ShouldBeEmpty();
        foreach (var (name, count) in (Dictionary<string, int>)new() { ["enqueue bad"] = 1, ["RUN bad"] = 1, ["queue bad"] = 1, ["stage s"] = 1, ["task a"] = 1, ["attempt a"] = 1, ["attempt b"] = 2, ["task b"] = 1 })
            whole.Count(s => s.Name == name).ShouldBe(count, name);
        whole.Single(s => s.Name == "RUN bad").Attributes.Text("orchestrator.sampled.because").ShouldBe("failed");
        receiver.Logs.ShouldContain(l => l.EventName == "orchestrator.workflow.completed", "records of events are not sampled");
    }

    [Fact(DisplayName = "TR06 a script adds spans and events to its own task's trace, and does not fail by it")]
    public async Task Scripts()
    {
        await using var box = new Sandbox();
        await using var receiver = await ReceiverFor(box);
        var flow = box.Workflow($$"""
            name: scripted
            tasks:
              - id: build
                env: {O: "{{Built.Program}}"}
                run: |
                  outer=$("$O" span start compile --attribute target=release --attribute files=12)
                  inner=$("$O" span start link --parent $outer)
                  "$O" span event cache.miss --span $inner -a key=users
                  "$O" span end $inner --status error --message "no symbol"
                  "$O" span event halfway
                  "$O" span end $outer
                  "$O" span start forgotten > /dev/null
                  echo "outer=$outer" >> "$ORCHESTRATOR_OUTPUT"
            """);
        var (finished, json) = await box.RunJsonAsync(flow);
        finished.Exits(0);
        await RunSpanAsync(receiver, "scripted");
        receiver.Orphans().ShouldBeEmpty();
        var process = Ours(receiver).Single(s => s.Kind == SpanKind.Client);
        var outer = receiver.Span("compile");
        outer.SpanId.ShouldBe(json.GetProperty("tasks").GetProperty("build").GetProperty("outputs").GetProperty("outer").GetString());
        outer.ParentId.ShouldBe(process.SpanId);
        outer.TraceId.ShouldBe(json.GetProperty("trace_id").GetString());
        (outer.Attributes["target"], outer.Attributes["files"]).ShouldBe(("release", 12L));
        outer.Status.ShouldBe(SpanStatus.Unset);
        var inner = receiver.Span("link");
        inner.ParentId.ShouldBe(outer.SpanId);
        (inner.Status, inner.StatusMessage, inner.Attributes.Text("error.type")).ShouldBe((SpanStatus.Error, "no symbol", "error"));
        inner.Events.ShouldHaveSingleItem().ShouldSatisfyAllConditions(e => e.Name.ShouldBe("cache.miss"), e => e.Attributes.Text("key").ShouldBe("users"));
        process.Events.ShouldHaveSingleItem().Name.ShouldBe("halfway");
        receiver.Span("forgotten").Attributes["orchestrator.span.unfinished"].ShouldBe(true);

        var alone = await box.StartOther(Built.Program, "span", "start", "x").EndAsync();
        alone.Exits(0);
        alone.Errors.ShouldContain("not a process of a task");
    }

    [Fact(DisplayName = "TR07 a script's spans hold no secret")]
    public async Task ScriptSecrets()
    {
        await using var box = new Sandbox();
        await using var receiver = await ReceiverFor(box);
        box.Environment["HIDDEN"] = "s3cr3t-value";
        (await box.RunJsonAsync(box.Workflow($$$"""
            name: discreet
            secrets: {K: {env: HIDDEN}}
            tasks:
              - id: a
                env: {O: "{{{Built.Program}}}", K: "${{ secrets.K }}"}
                run: '"$O" span event login -a token=$K'
            """))).Finished.Exits(0);
        await RunSpanAsync(receiver, "discreet");
        Ours(receiver).Single(s => s.Kind == SpanKind.Client).Events.Single().Attributes.Text("token").ShouldBe("***");
        foreach (var file in Directory.GetFiles(box.Data, "*", SearchOption.AllDirectories)) (await File.ReadAllTextAsync(file)).ShouldNotContain("s3cr3t-value", Case.Sensitive, file);
    }

    [Fact(DisplayName = "TR08 what a task's processes used is in journal, report, spans and metrics, and unknown is absent")]
    public async Task Usage()
    {
        await using var box = new Sandbox();
        await using var receiver = await ReceiverFor(box);
        var (finished, json) = await box.RunJsonAsync(box.Workflow($$"""
            name: used
            tasks:
              - {id: cpu, run: "sh -c 'i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done'"}
              - {id: memory, run: "head -c 400m /dev/zero | tail > /dev/null || true"}
              - {id: disk, run: "dd if=/dev/zero of={{box.Root}}/big bs=1M count=8"}
              - {id: tiny, exec: ["true"]}
              - {id: none, noop: true}
            """));
        finished.Exits(0);
        await RunSpanAsync(receiver, "used");
        var run = json.GetProperty("run_id").GetString()!;
        var shown = (await box.RunAsync("show", run, "--json")).Json().GetProperty("tasks");
        JsonElement Used(string task) => shown.GetProperty(task).GetProperty("usage");
        Used("cpu").GetProperty("cpu_user_ms").GetDouble().ShouldBeGreaterThan(50);
        Used("memory").GetProperty("peak_memory_bytes").GetInt64().ShouldBeInRange(380L << 20, 900L << 20);
        Used("disk").GetProperty("disk_write_bytes").GetInt64().ShouldBeGreaterThanOrEqualTo(8 << 20);
        Used("tiny").TryGetProperty("peak_memory_bytes", out _).ShouldBeFalse("nothing above the worker's own peak is known");
        Used("none").ValueKind.ShouldBe(JsonValueKind.Null);
        var attempt = receiver.Span("attempt cpu");
        ((double)attempt.Attributes["process.cpu.time"]!).ShouldBe((Used("cpu").GetProperty("cpu_user_ms").GetDouble() + Used("cpu").GetProperty("cpu_system_ms").GetDouble()) / 1000, 0.0001);
        receiver.Span("attempt none").Attributes.ShouldNotContainKey("process.cpu.time");
        receiver.Points.Where(p => p.Metric == "orchestrator.task.cpu.time").Sum(p => p.Count).ShouldBe(4);
        receiver.Points.Where(p => p.Metric == "orchestrator.task.memory.peak").Sum(p => p.Count).ShouldBe(shown.EnumerateObject().Count(t => t.Value.GetProperty("usage") is { ValueKind: JsonValueKind.Object } u && u.TryGetProperty("peak_memory_bytes", out _)));
        File.ReadAllText(Path.Combine(json.GetProperty("report_dir").GetString()!, "report.json")).ShouldContain("\"cpu_user_ms\"");
    }

    [Fact(DisplayName = "TR09 telemetry rebuild exports the spans and records of past runs with the ids they had")]
    public async Task Rebuild()
    {
        await using var box = new Sandbox();
        (ReceivedSpan[] Spans, ReceivedLog[] Logs) live;
        string run;
        await using (var receiver = await ReceiverFor(box))
        {
            var (_, json) = await box.RunJsonAsync(box.Workflow($$$"""
                name: past
                stages: [s]
                tasks:
                  - {id: a, stage: s, run: 'test $ORCHESTRATOR_ATTEMPT = 2', retry: {max_attempts: 2, initial_delay: 10ms}}
                  - {id: b, depends_on: [a], run: '"{{{Built.Program}}}" span end $("{{{Built.Program}}}" span start own)'}
                  - {id: c, depends_on: [b], if: "${{ false }}", noop: true}
                """));
            run = json.GetProperty("run_id").GetString()!;
            await RunSpanAsync(receiver, "past");
            await receiver.WaitForAsync(r => r.Logs.Any(l => l.EventName == "orchestrator.workflow.completed"), Patience);
            live = ([.. Ours(receiver)], [.. receiver.Logs.Where(l => l.EventName.StartsWith("orchestrator.", StringComparison.Ordinal))]);
        }
        foreach (var how in (string[][])[["--run", run], ["--since", "1h"]])
        {
            await using var receiver = await ReceiverFor(box);
            (await box.RunAsync(["telemetry", "rebuild", .. how])).Exits(0);
            var again = Ours(receiver);
            again.Select(Facts).ShouldBe(live.Spans.Select(Facts), ignoreOrder: true);
            again.ShouldAllBe(s => s.Attributes.ContainsKey(Repeated));
            var records = receiver.Logs.Where(l => l.EventName.StartsWith("orchestrator.", StringComparison.Ordinal)).ToList();
            records.Select(l => (l.EventName, l.TraceId, l.SpanId, l.Attributes.Text("orchestrator.event.id"), l.Time)).ShouldBe(
                live.Logs.Select(l => (l.EventName, l.TraceId, l.SpanId, l.Attributes.Text("orchestrator.event.id"), l.Time)), ignoreOrder: true);
            receiver.Points.ShouldNotContain(p => p.Metric == "orchestrator.task.duration", "a rebuild counts nothing twice");
        }
        (await box.RunAsync("telemetry", "rebuild", "--run", run)).Exits(5);   // the receiver is gone
        box.Environment.Remove("OTEL_EXPORTER_OTLP_ENDPOINT");
        (await box.RunAsync("telemetry", "rebuild", "--run", run)).Exits(2);

        static (string, string, string, string, DateTimeOffset, DateTimeOffset, SpanStatus) Facts(ReceivedSpan s) => (s.TraceId, s.SpanId, s.ParentId, s.Name, s.Start, s.End, s.Status);
    }

    [Fact(DisplayName = "TR10 a process gets the context of its own span and nothing stale from the worker's environment")]
    public async Task Propagation()
    {
        await using var box = new Sandbox();
        await using var receiver = await ReceiverFor(box);
        foreach (var (name, value) in (Dictionary<string, string>)new() { ["TRACESTATE"] = "stale=1", ["BAGGAGE"] = "stale=1", ["OTEL_SERVICE_NAME"] = "the-worker" }) box.Environment[name] = value;
        var (finished, json) = await box.RunJsonAsync(box.Workflow("""
            name: handed
            inherit_env: [TRACEPARENT, TRACESTATE, BAGGAGE, OTEL_SERVICE_NAME]
            tasks:
              - id: a
                run: 'for n in TRACEPARENT TRACESTATE BAGGAGE OTEL_SERVICE_NAME; do echo "$n=${!n:-none}" >> "$ORCHESTRATOR_OUTPUT"; done'
            """));
        finished.Exits(0);
        await RunSpanAsync(receiver, "handed");
        var process = Ours(receiver).Single(s => s.Kind == SpanKind.Client);
        var got = json.GetProperty("tasks").GetProperty("a").GetProperty("outputs");
        got.GetProperty("TRACEPARENT").GetString().ShouldBe($"00-{process.TraceId}-{process.SpanId}-01");
        got.GetProperty("TRACESTATE").GetString().ShouldBe("none");
        got.GetProperty("BAGGAGE").GetString().ShouldBe($"orchestrator.run.id={json.GetProperty("run_id").GetString()},cicd.pipeline.name=handed");
        got.GetProperty("OTEL_SERVICE_NAME").GetString().ShouldBe("none");
    }

    [Theory(DisplayName = "TR11 a request of an http task carries its own span's context, below the attempt; of a run that is not sampled, the flag says so")]
    [InlineData("1", "01")]
    [InlineData("0", "00")]
    public async Task Http(string sample, string flag)
    {
        await using var site = await LoopbackSite.StartAsync(c => LoopbackSite.TextAsync(c, 200, "ok", "text/plain"));
        await using var box = new Sandbox();
        await using var receiver = await ReceiverFor(box);
        var (finished, json) = await box.RunJsonAsync(box.Workflow($"name: asks\ntelemetry: {{sample: {sample}}}\ntasks: [{{id: a, http: {{url: \"{site.Url}/x\"}}}}]\n"));
        finished.Exits(0);
        await receiver.WaitForAsync(r => r.Logs.Any(l => l.EventName == "orchestrator.workflow.completed"), Patience);
        var handed = site.Last.Headers["traceparent"].Split('-');
        (handed[1], handed[3]).ShouldBe((json.GetProperty("trace_id").GetString(), flag));
        site.Last.Headers["baggage"].ShouldContain("cicd.pipeline.name");
        if (sample == "0")
        {
            receiver.Spans.Where(s => s.TraceId == handed[1]).ShouldBeEmpty();
            return;
        }
        await RunSpanAsync(receiver, "asks");
        var request = receiver.Spans.Single(s => s.Scope == "System.Net.Http" && s.TraceId == handed[1]);
        request.SpanId.ShouldBe(handed[2]);
        request.ParentId.ShouldBe(receiver.Span("attempt a").SpanId);
        receiver.Orphans().ShouldBeEmpty();
    }

    [Fact(DisplayName = "TR12 statements of an sql task are spans below its attempt")]
    public async Task Sql()
    {
        await using var box = new Sandbox();
        await using var receiver = await ReceiverFor(box);
        box.Environment["Orchestrator__Connections__db__ConnectionString"] = (await postgres.ServerAsync()).ConnectionString;
        var (finished, _) = await box.RunJsonAsync(box.Workflow("name: queries\ntasks: [{id: a, sql: {connection: db, query: select 1 as one}}]\n"));
        finished.Exits(0);
        await RunSpanAsync(receiver, "queries");
        receiver.Orphans().ShouldBeEmpty();
        var statements = receiver.Spans.Where(s => s.Scope == "Npgsql").ToList();
        statements.ShouldNotBeEmpty();
        var attempt = receiver.Span("attempt a");
        statements.ShouldAllBe(s => s.TraceId == attempt.TraceId);
        statements.ShouldContain(s => s.ParentId == attempt.SpanId);
    }
}

using System.Net;
using System.Text.Json;
using Orchestrator.Conformance.Harness;
using Orchestrator.TestKit.Prometheus;
using Orchestrator.TestKit.Telemetry;
using Shouldly;
using Xunit;

namespace Orchestrator.Conformance.Cases;

/// <summary>What /metrics says, read by a real Prometheus, against what the journal says.</summary>
[Trait("Program", "both")]
public sealed class MetricsCases
{
    private const string OpenMetrics = "application/openmetrics-text;version=1.0.0";

    [Fact(DisplayName = "X01 a Prometheus that scrapes serve is told what the journal says")]
    public async Task Reconciled()
    {
        await using var box = new Sandbox();
        box.Write("workflows/mixed.yaml", """
            name: mixed
            fail_fast: false
            tasks:
              - {id: flaky, run: 'test "$ORCHESTRATOR_ATTEMPT" = 2', retry: {max_attempts: 2, initial_delay: 10ms}}
              - {id: bad, run: 'exit 3', allow_failure: true}
              - {id: skipped, if: "${{ false }}", noop: true}
              - {id: each, foreach: {items: [1, 2, 3], as: n}, run: 'test "${{ item }}" != 2'}
              - {id: last, depends_on: [flaky], noop: true}
            """);
        box.Write("workflows/fine.yaml", "name: fine\ntasks: [{id: a, run: 'true'}, {id: b, depends_on: [a], noop: true}]\nhandlers:\n  finally: [{id: tidy, noop: true}]\n");
        await using var server = await Server.StartAsync(box);
        await using var prometheus = await PrometheusServer.StartAsync(new() { Targets = { ["orchestrator"] = server.Http.BaseAddress! } });
        var runs = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            runs.Add(await server.SubmitAsync("mixed"));
            runs.Add(await server.SubmitAsync("fine"));
        }
        foreach (var run in runs) await server.EndOfAsync(run);
        await CountedAsync(server, "cicd_pipeline_run_duration_seconds_count{cicd_pipeline_name=\"mixed\",cicd_pipeline_result=\"failure\"", 3);
        await CountedAsync(server, "cicd_pipeline_run_duration_seconds_count{cicd_pipeline_name=\"fine\",cicd_pipeline_result=\"success\"", 3);
        await prometheus.ScrapedAsync();

        var events = new List<JsonElement>();
        foreach (var run in runs) events.AddRange(await box.EventsAsync(run));
        foreach (var workflow in (string[])["mixed", "fine"])
        {
            var told = events.Where(e => e.Text("workflow") == workflow).ToList();
            var where = $"cicd_pipeline_name=\"{workflow}\"";
            (await Sum($"cicd_pipeline_run_duration_seconds_count{{{where},cicd_pipeline_run_state=\"executing\"}}")).ShouldBe(told.Count(e => e.IsEnd()));
            foreach (var (type, result) in ((string, string)[])[("completed", "success"), ("failed", "failure")])
                (await Sum($"cicd_pipeline_run_duration_seconds_count{{{where},cicd_pipeline_result=\"{result}\"}}")).ShouldBe(told.Of("workflow." + type).Count());
            (await Sum($"cicd_pipeline_run_duration_seconds_sum{{{where},cicd_pipeline_run_state=\"executing\"}}"))
                .ShouldBe(told.Where(e => e.IsEnd()).Sum(e => e.Data().GetProperty("duration_ms").GetDouble()) / 1000, 0.0001);
            (await Sum($"orchestrator_task_retries_total{{{where}}}")).ShouldBe(told.Of("task.retrying").Count());
            var ended = told.Where(e => e.Type() is "task.completed" or "task.failed" or "task.cancelled" && e.TryGetProperty("attempt", out var n) && n.ValueKind == JsonValueKind.Number).ToList();
            (await Sum($"orchestrator_task_duration_seconds_count{{{where}}}")).ShouldBe(ended.Count);
            (await Sum($"orchestrator_task_attempt_duration_seconds_count{{{where}}}")).ShouldBe(ended.Count + told.Of("task.retrying").Count());
            foreach (var task in ended.GroupBy(e => e.Text("task")!.Split('[')[0]))
                (await Sum($"orchestrator_task_duration_seconds_count{{{where},cicd_pipeline_task_name=\"{task.Key}\"}}")).ShouldBe(task.Count(), task.Key);
            (await Sum($"cicd_pipeline_run_errors_total{{{where}}}")).ShouldBe(told.Of("task.failed").Count(e => e.Text("task") != "each"), "a fan-out that fails for a child's sake is not another failure");
            foreach (var gauge in (string[])["cicd_pipeline_run_active", "orchestrator_task_active", "orchestrator_task_queued"])
                (await prometheus.ValueAsync($"sum({gauge}{{{where}}})")).ShouldBe(0, gauge);
        }
        (await prometheus.ValueAsync("orchestrator_run_last_success_time_seconds{cicd_pipeline_name=\"fine\"}"))
            .ShouldBe(events.Of("workflow.completed").Where(e => e.Text("workflow") == "fine").Max(e => e.Time()).ToUnixTimeMilliseconds() / 1000.0, 0.01);
        (await prometheus.QueryAsync("orchestrator_run_last_success_time_seconds{cicd_pipeline_name=\"mixed\"}")).ShouldBeEmpty("unknown is absent");
        (await prometheus.QueryAsync("{__name__=~\".+\",cicd_pipeline_task_name=~\".*[0-9].*\"}")).ShouldBeEmpty("children of a fan-out have no series of their own");
        foreach (var run in runs) (await prometheus.QueryAsync($"{{__name__=~\".+\",cicd_pipeline_run_id=\"{run}\"}}")).ShouldBeEmpty("a run's id is never a label");
        (await prometheus.ValueAsync("count(target_info{service_name=\"orchestrator\"})")).ShouldBe(1);

        async Task<double> Sum(string selector) => await prometheus.QueryAsync($"sum({selector})") is [var one] ? one.Value : 0;
    }

    [Fact(DisplayName = "X02 promtool accepts the text, OpenMetrics ends as it must, and its examples lead to traces")]
    public async Task Formats()
    {
        await using var box = new Sandbox();
        await using var receiver = await OtlpReceiver.StartAsync();
        foreach (var (name, value) in receiver.Variables) box.Environment[name] = value;
        box.Environment["OTEL_METRICS_EXPORTER"] = "prometheus";
        box.Write("workflows/x.yaml", "name: x\ntasks: [{id: a, run: 'true'}]\n");
        await using var server = await Server.StartAsync(box);
        await using var prometheus = await PrometheusServer.StartAsync(new() { Targets = { ["orchestrator"] = server.Http.BaseAddress! } });
        var run = await server.SubmitAsync("x");
        await server.EndOfAsync(run);

        var (type, text) = await ScrapeAsync(server, null);
        type.ShouldBe("text/plain; version=0.0.4; charset=utf-8");
        var (_, said) = await Promtool.RunAsync(text, "check", "metrics");
        // The names are OpenTelemetry's, and its conventions have gauges that count; nothing else may be said.
        said.Split('\n', StringSplitOptions.RemoveEmptyEntries).ShouldAllBe(l => l.EndsWith("_count non-histogram and non-summary metrics should not have \"_count\" suffix", StringComparison.Ordinal));
        (type, text) = await ScrapeAsync(server, OpenMetrics);
        type.ShouldBe("application/openmetrics-text; version=1.0.0; charset=utf-8");
        text.ShouldEndWith("\n# EOF\n");

        await prometheus.ScrapedAsync();
        var trace = await server.TraceOfAsync(run);
        (await prometheus.ExemplarsAsync("cicd_pipeline_run_duration_seconds_bucket")).ShouldContain(e => e["trace_id"] == trace);
        await receiver.WaitForAsync(r => r.Spans.Any(s => s.Name == "RUN x"), Running.Patience);
        var example = (await prometheus.ExemplarsAsync("orchestrator_task_duration_seconds_bucket")).Single(e => e["trace_id"] == trace);
        receiver.Span("task a").SpanId.ShouldBe(example["span_id"]);
        receiver.Points.ShouldBeEmpty("metrics were to be scraped, not pushed");
    }

    [Fact(DisplayName = "X03 metrics that are pushed are not served as well, unless both are asked for")]
    public async Task OneWay()
    {
        await using var box = new Sandbox();
        await using var receiver = await OtlpReceiver.StartAsync();
        foreach (var (name, value) in receiver.Variables) box.Environment[name] = value;
        await using (var server = await Server.StartAsync(box))
        {
            using var answer = await server.Http.GetAsync("/metrics");
            answer.StatusCode.ShouldBe(HttpStatusCode.NotFound);
            (await answer.Content.ReadAsStringAsync()).ShouldContain("Orchestrator:Telemetry:Prometheus");
        }
        box.Environment["Orchestrator__Telemetry__Prometheus"] = "on";
        await using (var server = await Server.StartAsync(box))
        {
            (await ScrapeAsync(server, null)).Text.ShouldContain("orchestrator_worker_slots");
            await receiver.WaitForAsync(r => r.Points.Any(p => p.Metric == "orchestrator.worker.slots"), Running.Patience);
        }
    }

    [Fact(DisplayName = "X04 a definition that changes resets no counter")]
    public async Task Reloaded()
    {
        await using var box = new Sandbox();
        box.Write("workflows/x.yaml", "name: x\ntasks: [{id: a, noop: true}]\n");
        await using var server = await Server.StartAsync(box);
        await server.EndOfAsync(await server.SubmitAsync("x"));
        await CountedAsync(server, "orchestrator_task_duration_seconds_count{cicd_pipeline_name=\"x\",cicd_pipeline_task_name=\"a\"", 1);
        box.Write("workflows/x.yaml", "name: x\ntasks: [{id: a, noop: true}, {id: b, noop: true}]\n");
        await Poll.UntilAsync(async () =>
        {
            var run = await server.SubmitAsync("x");
            await server.EndOfAsync(run);
            return (await server.GetAsync($"/api/v1/runs/{run}")).GetProperty("tasks").EnumerateObject().Count() == 2;
        }, "the new definition");
        var runs = (await server.GetAsync("/api/v1/runs")).GetProperty("runs").GetArrayLength();
        await CountedAsync(server, "orchestrator_task_duration_seconds_count{cicd_pipeline_name=\"x\",cicd_pipeline_task_name=\"a\"", runs);
        await CountedAsync(server, "orchestrator_task_duration_seconds_count{cicd_pipeline_name=\"x\",cicd_pipeline_task_name=\"b\"", 1);
    }

    [Fact(DisplayName = "X05 gauges tell what is, before a kill, after it and after the end")]
    public async Task Gauges()
    {
        await using var box = new Sandbox();
        box.Environment["Orchestrator__Runner__Slots"] = "2";
        box.Write("workflows/x.yaml", $"name: x\ntasks: [{{id: a, run: 'until test -e {box.Root}/go; do sleep 0.02; done'}}, {{id: b, depends_on: [a], noop: true}}]\n");
        string[] runs;
        await using (var server = await Server.StartAsync(box))
        {
            runs = [await server.SubmitAsync("x"), await server.SubmitAsync("x"), await server.SubmitAsync("x")];
            await Settled(server);
            server.Process.Signal(9);
            await server.Process.EndAsync();
        }
        await using (var server = await Server.StartAsync(box))
        {
            await Settled(server);
            (await ValueAsync(server, "orchestrator_run_resumed_total{cicd_pipeline_name=\"x\",orchestrator_reason=\"worker_lost\"")).ShouldBe(2);
            (await ValueAsync(server, "orchestrator_run_resumed_total{cicd_pipeline_name=\"x\",orchestrator_reason=\"idle\"")).ShouldBe(1, "of the run that waited for a slot nothing was lost");
            box.Write("go", "");
            foreach (var run in runs) (await server.EndOfAsync(run)).ShouldBe("completed");
            await CountedAsync(server, "cicd_pipeline_run_duration_seconds_count{cicd_pipeline_name=\"x\",cicd_pipeline_result=\"success\"", 3);
            foreach (var gauge in (string[])["orchestrator_worker_slots{orchestrator_worker_slot_state=\"busy\"", "orchestrator_task_active{", "orchestrator_task_queued{", "cicd_pipeline_run_active{cicd_pipeline_name=\"x\",cicd_pipeline_run_state=\"executing\""])
                await Poll.UntilAsync(async () => await ValueAsync(server, gauge) == 0, gauge + " being 0");
        }

        static Task Settled(Server server) => Poll.UntilAsync(async () =>
            await ValueAsync(server, "cicd_pipeline_run_active{cicd_pipeline_name=\"x\",cicd_pipeline_run_state=\"executing\"") == 3
            && await ValueAsync(server, "orchestrator_task_active{") == 2 && await ValueAsync(server, "orchestrator_task_queued{") == 1
            && await ValueAsync(server, "orchestrator_worker_slots{orchestrator_worker_slot_state=\"busy\"") == 2
            && await ValueAsync(server, "cicd_worker_count{cicd_worker_state=\"busy\"") == 1, "three runs on two slots");
    }

    [Fact(DisplayName = "X33 runs taken over from a worker that stopped in order are counted as interrupted, and that is no lost worker")]
    public async Task Interrupted()
    {
        await using var box = new Sandbox();
        box.Environment["Orchestrator__Shutdown__Drain"] = "0s";
        box.Write("workflows/x.yaml", $"name: x\ntasks: [{{id: a, run: 'touch {box.Root}/started; until test -e {box.Root}/go; do sleep 0.02; done'}}]\n");
        string run;
        await using (var server = await Server.StartAsync(box))
        {
            run = await server.SubmitAsync("x");
            await Poll.UntilAsync(() => File.Exists(box.PathOf("started")));
            server.Process.Signal(15);
            await server.Process.EndAsync();
        }
        box.Write("go", "");
        await using (var server = await Server.StartAsync(box))
        {
            (await server.EndOfAsync(run)).ShouldBe("completed");
            await Poll.UntilAsync(async () => await ValueAsync(server, "orchestrator_run_resumed_total{cicd_pipeline_name=\"x\",orchestrator_reason=\"interrupted\"") == 1, "the takeover");
            (await ScrapeAsync(server, null)).Text.ShouldNotContain("orchestrator_reason=\"worker_lost\"");
        }
    }

    [Fact(DisplayName = "X10 when a workflow last succeeded is known after a restart too, and of one that never did nothing is said")]
    public async Task LastSuccess()
    {
        await using var box = new Sandbox();
        box.Write("workflows/x.yaml", "name: x\ntasks: [{id: a, noop: true}]\n");
        box.Write("workflows/y.yaml", "name: y\ntasks: [{id: a, run: 'exit 1'}]\n");
        const string series = "orchestrator_run_last_success_time_seconds{cicd_pipeline_name=\"x\"";
        double told;
        await using (var server = await Server.StartAsync(box))
        {
            await server.EndOfAsync(await server.SubmitAsync("x"));
            await server.EndOfAsync(await server.SubmitAsync("y"));
            await Poll.UntilAsync(async () => await ValueAsync(server, series) > 0, "the time of the success");
            told = await ValueAsync(server, series);
            server.Process.Signal(15);
            await server.Process.EndAsync();
        }
        await using (var server = await Server.StartAsync(box))
        {
            await Poll.UntilAsync(async () => await ValueAsync(server, series) == told, "the same time after a restart");
            (await ScrapeAsync(server, null)).Text.ShouldNotContain("orchestrator_run_last_success_time_seconds{cicd_pipeline_name=\"y\"");
        }
    }

    // The journal has an end, and the API tells it, a moment before the metrics have counted it. What has counted too much never comes to this.
    private static Task CountedAsync(Server server, string series, double count) =>
        Poll.UntilAsync(async () => await ValueAsync(server, series) == count, $"{series} being {count}");

    /// <summary>The value of the one series whose line begins so; 0 when there is none.</summary>
    private static async Task<double> ValueAsync(Server server, string series)
    {
        var lines = (await ScrapeAsync(server, null)).Text.Split('\n').Where(l => l.StartsWith(series, StringComparison.Ordinal)).ToList();
        return lines.Count == 0 ? 0 : double.Parse(lines.ShouldHaveSingleItem().Split(' ')[^1], System.Globalization.CultureInfo.InvariantCulture);
    }

    private static async Task<(string Type, string Text)> ScrapeAsync(Server server, string? accept)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        if (accept is not null) request.Headers.TryAddWithoutValidation("Accept", accept);
        using var answer = await server.Http.SendAsync(request);
        answer.EnsureSuccessStatusCode();
        return (answer.Content.Headers.ContentType!.ToString(), await answer.Content.ReadAsStringAsync());
    }
}

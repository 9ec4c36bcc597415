using System.Text.Json;
using System.Text.RegularExpressions;
using Orchestrator.Conformance.Harness;
using Orchestrator.TestKit.Http;
using Orchestrator.TestKit.Prometheus;
using Orchestrator.TestKit.Telemetry;
using Shouldly;
using Xunit;

namespace Orchestrator.Conformance.Cases;

/// <summary>What the dashboards and rules ask, asked of a real Prometheus that scrapes a real `serve` with a real workload.</summary>
public sealed partial class PanelCases
{
    private const string Dashboards = "deploy/compose/grafana/dashboards";

    [Fact(DisplayName = "Y10 every panel shows something and every rule can be evaluated, after runs that succeeded, failed, timed out, were retried, skipped, scheduled and taken over")]
    public async Task EveryPanel()
    {
        await using var box = new Sandbox();
        await using var receiver = await OtlpReceiver.StartAsync(ReceiverMode.Ok);
        foreach (var (name, value) in receiver.Variables) box.Environment[name] = value;
        box.Environment["OTEL_METRICS_EXPORTER"] = "prometheus";   // traces are pushed, metrics scraped: exemplars name traces
        Workload(box);

        string lost;
        await using (var first = await Server.StartAsync(box))
        {
            lost = await first.SubmitAsync("held");
            await Poll.UntilAsync(() => File.Exists(box.PathOf("holds")));
            first.Process.Signal(9);
            await first.Process.EndAsync();
        }
        box.Write("go", "");
        await using var server = await Server.StartAsync(box);
        (await server.EndOfAsync(lost)).ShouldBe("completed");
        await using var collector = await LoopbackSite.StartAsync(context => LoopbackSite.TextAsync(context, 200, CollectorPage));
        await using var prometheus = await PrometheusServer.StartAsync(new()
        {
            Targets = { ["orchestrator"] = server.Http.BaseAddress!, ["otel-collector"] = new(collector.Url) },
            RuleFiles = { Path.Combine(Built.Repository, "deploy/compose/rules/orchestrator.yaml") },
        });
        var runs = new List<string>();
        string[] flows = ["steady", "broken", "late", "hungry"];
        for (var round = 0; round < 2; round++)   // a rate is the difference of two samples
        {
            foreach (var flow in flows) runs.Add(await server.SubmitAsync(flow));
            foreach (var run in runs) await server.EndOfAsync(run);
            // A run's end is counted a moment after it is in the journal; each round must be seen on its own.
            foreach (var flow in flows)
                await prometheus.UntilAsync($$"""sum(cicd_pipeline_run_duration_seconds_count{cicd_pipeline_name="{{flow}}",cicd_pipeline_result!=""})""", ended => ended is [var count] && count.Value > round);
            await prometheus.ScrapedAsync();
        }
        await prometheus.UntilAsync("""increase(orchestrator_schedule_lag_seconds_count{cicd_pipeline_name="steady"}[1m])""", fired => fired.Any(s => s.Value > 0));
        await prometheus.UntilAsync("pipeline:run_failure_ratio:rate6h", recorded => recorded.Any(s => s["cicd_pipeline_name"] == "broken" && s.Value > 0));

        var silent = new List<string>();
        foreach (var (where, expression) in Expressions())
        {
            var samples = await prometheus.QueryAsync(expression);
            if (!samples.Any(s => double.IsFinite(s.Value))) silent.Add($"{where}: {expression} -> {samples.Count} samples");
        }
        silent.ShouldBeEmpty();

        var rules = (await prometheus.GetAsync("/api/v1/rules")).GetProperty("groups").EnumerateArray().SelectMany(g => g.GetProperty("rules").EnumerateArray()).ToList();
        rules.Count(r => r.GetProperty("type").GetString() == "alerting").ShouldBeGreaterThan(10);
        rules.Where(r => r.GetProperty("health").GetString() != "ok").Select(r => r.GetRawText()).ShouldBeEmpty();
        (await prometheus.GetAsync("/api/v1/alerts")).GetProperty("alerts").EnumerateArray().Select(a => a.GetProperty("labels").GetProperty("alertname").GetString())
            .ShouldContain("OrchestratorWorkerLost", "the first sample of its counter counts");

        // A point in the duration panel leads to the trace of a run that there was.
        var examples = await prometheus.ExemplarsAsync("""cicd_pipeline_run_duration_seconds_bucket{cicd_pipeline_name="broken"}""");
        examples.ShouldNotBeEmpty();
        (await Task.WhenAll(runs.Select(server.TraceOfAsync))).ShouldContain(examples[^1]["trace_id"]);
        await receiver.WaitForAsync(r => r.Spans.Any(s => s.TraceId == examples[^1]["trace_id"] && s.Name == "RUN broken"), Running.Patience);
    }

    [Fact(DisplayName = "Y11 every name that leaves the program is in the table of names")]
    public async Task EveryName()
    {
        var table = await File.ReadAllTextAsync(Path.Combine(Built.Repository, "deploy/TELEMETRY.md"));
        var names = TableNames().Matches(table).Select(m => m.Groups[1].Value).ToHashSet();
        await using var box = new Sandbox();
        await using var receiver = await OtlpReceiver.StartAsync(ReceiverMode.Ok);
        foreach (var (name, value) in receiver.Variables) box.Environment[name] = value;
        Workload(box);
        await using var server = await Server.StartAsync(box);
        foreach (var flow in (string[])["steady", "broken", "late"]) await server.EndOfAsync(await server.SubmitAsync(flow));
        await receiver.WaitForAsync(r => r.Spans.Any(s => s.Name == "RUN late") && r.Logs.Any(l => l.EventName == "orchestrator.workflow.failed") && r.Points.Any(p => p.Metric == "orchestrator.task.retries"), Running.Patience);
        server.Process.Signal(15);
        (await server.Process.EndAsync()).Exits(0);

        var spans = receiver.Spans.Where(s => s.Scope == "Orchestrator").ToList();
        spans.SelectMany(s => s.Attributes.Keys).Distinct().Where(a => !names.Contains(a)).ShouldBeEmpty();
        // A process's span is named for its program.
        spans.Where(s => s.Kind != SpanKind.Client).Select(s => s.Name.Split(' ')[0]).Distinct().Where(word => !table.Contains($"| `{word}", StringComparison.Ordinal)).ShouldBeEmpty();
        var points = receiver.Points.Where(p => Ours(p.Metric)).ToList();
        foreach (var metric in points.ToLookup(p => p.Metric))
        {
            var row = table.Split('\n').Where(l => l.StartsWith($"| `{metric.Key}` | `", StringComparison.Ordinal)).ShouldHaveSingleItem($"a row for {metric.Key}");
            metric.SelectMany(p => p.Attributes.Keys).Distinct().Where(label => !row.Contains($"`{label}`", StringComparison.Ordinal)).ShouldBeEmpty(metric.Key);
        }
        points.Select(p => p.Metric).Distinct().Count().ShouldBeGreaterThan(10);
        var records = receiver.Logs.Where(l => l.EventName.StartsWith("orchestrator.", StringComparison.Ordinal)).ToList();
        records.Select(l => l.EventName).Distinct().Where(e => !names.Contains(e)).ShouldBeEmpty();
        records.SelectMany(l => l.Attributes.Keys).Distinct().Where(a => Ours(a) && !names.Contains(a)).ShouldBeEmpty();
    }

    private static bool Ours(string name) => name.StartsWith("orchestrator.", StringComparison.Ordinal) || name.StartsWith("cicd.", StringComparison.Ordinal);

    [GeneratedRegex("^\\| `([^`]+)` \\|", RegexOptions.Multiline)]
    private static partial Regex TableNames();

    private static void Workload(Sandbox box)
    {
        box.Write("workflows/steady.yaml", """
            name: steady
            schedules: [{id: often, cron: "* * * * * *"}]
            tasks:
              - {id: fetch, run: 'test "$ORCHESTRATOR_ATTEMPT" = 2', retry: {max_attempts: 2, initial_delay: 10ms}}
              - {id: aside, depends_on: [fetch], if: "${{ false }}", noop: true}
              - {id: store, depends_on: [fetch], exec: [sh, -c, "true"]}
            """);
        box.Write("workflows/broken.yaml", "name: broken\ntasks: [{id: ok, noop: true}, {id: large, run: 'head -c 400m /dev/zero | tail > /dev/null'}, {id: bad, depends_on: [ok, large], run: 'exit 3'}]\n");
        box.Write("workflows/late.yaml", "name: late\ntimeout: 200ms\ntasks: [{id: slow, run: 'sleep 30'}]\n");
        // Memory is told where a process has more than the worker had when it began.
        box.Write("workflows/hungry.yaml", "name: hungry\ntasks: [{id: sort, run: 'head -c 400000000 /dev/zero | tail -c 399000000 > /dev/null'}]\n");
        box.Write("workflows/held.yaml", $"name: held\ntasks: [{{id: a, run: 'touch {box.Root}/holds; until test -e {box.Root}/go; do sleep 0.02; done'}}]\n");
    }

    /// <summary>Every query of every panel as Grafana sends it, with a workflow chosen where one must be.</summary>
    private static IEnumerable<(string Where, string Expression)> Expressions()
    {
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Built.Repository, Dashboards), "*.json").Order(StringComparer.Ordinal))
        {
            using var dashboard = JsonDocument.Parse(File.ReadAllText(file));
            foreach (var panel in dashboard.RootElement.GetProperty("panels").EnumerateArray())
            {
                if (!panel.TryGetProperty("targets", out var targets)) continue;
                foreach (var target in targets.EnumerateArray())
                    if (target.TryGetProperty("expr", out var expression))
                        yield return ($"{Path.GetFileName(file)}: {panel.GetProperty("title").GetString()}", Chosen(expression.GetString()!, Path.GetFileNameWithoutExtension(file) == "workflow" ? "steady" : ".*"));
            }
        }
    }

    private static string Chosen(string expression, string workflow)
    {
        var text = expression.Replace("$pipeline", workflow, StringComparison.Ordinal).Replace("$instance", ".*", StringComparison.Ordinal)
            .Replace("$__rate_interval", "5m", StringComparison.Ordinal).Replace("$__range", "1h", StringComparison.Ordinal);
        return text.Contains('$', StringComparison.Ordinal) ? throw new InvalidOperationException($"Another variable in {expression}") : text;
    }

    /// <summary>What a collector says of itself, names as its configuration asks for them: a stand-in, since there is no collector here.</summary>
    private const string CollectorPage = """
        # TYPE otelcol_receiver_accepted_spans counter
        otelcol_receiver_accepted_spans{receiver="otlp",transport="grpc"} 120
        # TYPE otelcol_receiver_accepted_metric_points counter
        otelcol_receiver_accepted_metric_points{receiver="otlp",transport="grpc"} 900
        # TYPE otelcol_receiver_accepted_log_records counter
        otelcol_receiver_accepted_log_records{receiver="otlp",transport="grpc"} 80
        # TYPE otelcol_receiver_refused_spans counter
        otelcol_receiver_refused_spans{receiver="otlp",transport="grpc"} 0
        # TYPE otelcol_receiver_refused_metric_points counter
        otelcol_receiver_refused_metric_points{receiver="otlp",transport="grpc"} 0
        # TYPE otelcol_receiver_refused_log_records counter
        otelcol_receiver_refused_log_records{receiver="otlp",transport="grpc"} 0
        # TYPE otelcol_exporter_sent_spans counter
        otelcol_exporter_sent_spans{exporter="otlp_grpc/jaeger"} 120
        # TYPE otelcol_exporter_sent_metric_points counter
        otelcol_exporter_sent_metric_points{exporter="otlp_http/prometheus"} 900
        # TYPE otelcol_exporter_sent_log_records counter
        otelcol_exporter_sent_log_records{exporter="debug"} 80
        # TYPE otelcol_exporter_send_failed_spans counter
        otelcol_exporter_send_failed_spans{exporter="otlp_grpc/jaeger"} 0
        # TYPE otelcol_exporter_send_failed_metric_points counter
        otelcol_exporter_send_failed_metric_points{exporter="otlp_http/prometheus"} 0
        # TYPE otelcol_exporter_send_failed_log_records counter
        otelcol_exporter_send_failed_log_records{exporter="debug"} 0
        # TYPE otelcol_exporter_queue_size gauge
        otelcol_exporter_queue_size{exporter="otlp_grpc/jaeger",data_type="traces"} 3
        # TYPE otelcol_exporter_queue_capacity gauge
        otelcol_exporter_queue_capacity{exporter="otlp_grpc/jaeger",data_type="traces"} 1000

        """;
}

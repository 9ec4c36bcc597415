using System.Diagnostics.Metrics;
using System.Text;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Orchestrator.Core.Lifecycle;
using Orchestrator.Engine.Telemetry;
using Orchestrator.Engine.Telemetry.Prometheus;
using Shouldly;
using Xunit;
using static Orchestrator.Engine.Tests.Telemetry.RunScript;

namespace Orchestrator.Engine.Tests.Telemetry;

[Collection(TelemetryCollection.Name)]
public sealed class MetricsScrapeTests
{
    [Fact]
    public void Due_times_of_schedules_share_the_series_of_their_schedule()
    {
        using var scrape = Scrape();
        using var quartz = new Meter("Quartz");
        var executions = quartz.CreateHistogram<double>("quartz.job.execution.duration", "s");
        for (var due = 0; due < 50; due++)
            executions.Record(0.1, new("quartz.trigger.name", due.ToString(System.Globalization.CultureInfo.InvariantCulture)), new("quartz.trigger.group", "nightly/load"));
        var lines = Lines(scrape, openMetrics: false).Where(l => l.StartsWith("quartz_job_execution_duration_seconds_count", StringComparison.Ordinal));
        lines.ShouldHaveSingleItem().ShouldEndWith(" 50");
    }

    [Fact]
    public async Task Both_formats_have_the_same_series_and_each_its_own_frame()
    {
        using var scrape = Scrape();
        await using var publisher = Publisher();
        var run = new RunScript("scraped", null, RunScript.Task("a"));
        publisher.Publish(run.Begin());
        publisher.Publish(run.Batch(Started("a", 1, 2), Retry("a", 1), Started("a", 2, 2), Done("a", 2)));
        publisher.Publish(run.Completed(1));

        var text = Lines(scrape, openMetrics: false);
        var open = Lines(scrape, openMetrics: true);
        text.ShouldContain("# TYPE orchestrator_task_retries_total counter");
        open.ShouldContain("# TYPE orchestrator_task_retries counter");
        open.ShouldContain("# UNIT cicd_pipeline_run_duration_seconds seconds");
        open[^1].ShouldBe("# EOF");
        text.ShouldNotContain("# EOF");
        text.Where(l => l.StartsWith("target_info{", StringComparison.Ordinal)).ShouldHaveSingleItem().ShouldContain("service_instance_id=\"node-1\"");

        const string scope = "otel_scope_name=\"Orchestrator\",otel_scope_version=\"0.1.0\",otel_scope_schema_url=\"https://opentelemetry.io/schemas/1.44.0\"";
        var retries = $"orchestrator_task_retries_total{{cicd_pipeline_name=\"scraped\",cicd_pipeline_task_name=\"a\",error_type=\"exit_code\",{scope}}} 1";
        text.ShouldContain(retries);
        open.ShouldContain(retries);
        foreach (var lines in new[] { text, open })
        {
            var buckets = lines.Where(l => l.StartsWith("cicd_pipeline_run_duration_seconds_bucket{cicd_pipeline_name=\"scraped\",cicd_pipeline_result=\"success\"", StringComparison.Ordinal)).ToArray();
            buckets.Length.ShouldBe(16);
            buckets.Single(l => l.Contains("le=\"5.0\"", StringComparison.Ordinal)).ShouldEndWith(" 0");
            buckets.Single(l => l.Contains("le=\"10.0\"", StringComparison.Ordinal)).ShouldEndWith(" 1");
            buckets[^1].ShouldContain("le=\"+Inf\"} 1");
        }
        Series(text).ShouldBe(Series(open));
    }

    [Fact]
    public void Text_from_outside_cannot_break_a_line()
    {
        using var meter = new Meter(TelemetryNames.Source);
        using var scrape = Scrape();
        meter.CreateCounter<long>("orchestrator.test.odd", null, "first\nsecond \\ \"third\"").Add(1, new("a", "x\"y\\z\nw"), new("b.c", 1), new("b_c", true));
        Lines(scrape, openMetrics: false).ShouldContain("# HELP orchestrator_test_odd_total first\\nsecond \\\\ \"third\"");
        Lines(scrape, openMetrics: true).ShouldContain("# HELP orchestrator_test_odd first\\nsecond \\\\ \\\"third\\\"");
        Lines(scrape, openMetrics: true).ShouldContain("orchestrator_test_odd_total{a=\"x\\\"y\\\\z\\nw\",b_c=\"1;true\",otel_scope_name=\"Orchestrator\"} 1");
    }

    [Fact]
    public void Of_one_name_with_two_meanings_the_first_is_kept()
    {
        using var meter = new Meter(TelemetryNames.Source);
        using var scrape = Scrape();
        meter.CreateCounter<long>("orchestrator.test.both").Add(1);
        meter.CreateUpDownCounter<long>("orchestrator_test_both").Add(1);
        Lines(scrape, openMetrics: true).Count(l => l.StartsWith("# TYPE orchestrator_test_both ", StringComparison.Ordinal)).ShouldBe(1);
    }

    private static MetricsScrape Scrape() => new(new() { InstanceId = "node-1" }, new ConfigurationBuilder().Build());

    private static LifecyclePublisher Publisher() =>
        new(new(), new EventProducer("orchestrator", "node-1", "host-1", "0.1.0"), TimeProvider.System, NullLoggerFactory.Instance);

    private static string[] Lines(MetricsScrape scrape, bool openMetrics) =>
        Encoding.UTF8.GetString(scrape.Collect(openMetrics)).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static IEnumerable<string> Series(IEnumerable<string> lines) =>
        lines.Where(l => !l.StartsWith('#') && l.Contains("Orchestrator", StringComparison.Ordinal)).Select(l => l[..(l.IndexOf('}', StringComparison.Ordinal) + 1)]);
}

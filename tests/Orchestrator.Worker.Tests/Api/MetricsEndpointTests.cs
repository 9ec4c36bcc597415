using Microsoft.Extensions.Configuration;
using Orchestrator.AspNetCore.Runs;
using Orchestrator.AspNetCore.Status;
using Orchestrator.Engine.Telemetry.Otlp;
using Orchestrator.Worker.Options;

namespace Orchestrator.Worker.Tests.Api;

public sealed class MetricsEndpointTests : IDisposable
{
    private readonly Sandbox _box = new();
    private readonly CancellationToken _stop = TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(null, false)]
    [InlineData("*/*", false)]
    [InlineData("text/plain", false)]
    [InlineData("application/openmetrics-text", true)]
    [InlineData("application/openmetrics-text; version=1.0.0, text/plain;q=0.5", true)]
    [InlineData("application/openmetrics-text; version=1.0.0;q=0.2, text/plain;q=0.5", false)]
    [InlineData("application/openmetrics-text; version=0.0.1", false)]
    [InlineData("application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2", true)]
    [InlineData("!", false)]
    public void OpenMetrics_is_for_whoever_wants_it_most(string? accept, bool expected) => MetricsEndpoint.WantsOpenMetrics([accept]).ShouldBe(expected);

    [Theory]
    [InlineData(null, null, false, true)]
    [InlineData(null, null, true, false)]
    [InlineData("on", null, true, true)]
    [InlineData("off", null, false, false)]
    [InlineData(null, true, false, true)]
    [InlineData(null, false, false, false)]
    public void One_way_is_taken_unless_both_are_asked_for(string? key, bool? asked, bool pushed, bool expected)
    {
        var choices = new TelemetryChoices { Prometheus = key switch { "on" => ScrapeChoice.On, "off" => ScrapeChoice.Off, _ => ScrapeChoice.Auto } };
        choices.IsScraped(Signals([])).ShouldBe(expected);
        choices.IsScraped(Signals([("OTEL_SDK_DISABLED", "true")])).ShouldBeFalse();

        OtlpSignals Signals((string, string)[] more) => OtlpSignals.From(new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>(more.Select(m => KeyValuePair.Create(m.Item1, (string?)m.Item2)))
        {
            ["OTEL_METRICS_EXPORTER"] = (asked, pushed) switch { (true, true) => "otlp,prometheus", (true, false) => "prometheus", (false, _) => "none", _ => "" },
            ["OTEL_EXPORTER_OTLP_METRICS_ENDPOINT"] = pushed ? "http://c" : "",
        }).Build());
    }

    [Fact]
    public async Task Nobody_needs_a_token_to_scrape()
    {
        _box.Write("tokens", "0000000000000000000000000000000000000000000000000000000000000000 nobody\n");
        await using var serve = await RunningServe.StartAsync(_box, ("TokenFile", _box.PathOf("tokens")));
        using var answer = await serve.Http.GetAsync("/metrics", _stop);
        answer.EnsureSuccessStatusCode();
        answer.Content.Headers.ContentType!.ToString().ShouldBe("text/plain; version=0.0.4; charset=utf-8");
        (await answer.Content.ReadAsStringAsync(_stop)).ShouldContain("cicd_worker_count{cicd_worker_state=\"available\"");
    }

    public void Dispose() => _box.Dispose();
}

using Microsoft.Extensions.Configuration;
using Orchestrator.Engine.Lifecycle.Otlp;
using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Lifecycle;

public sealed class OtlpSignalsTests
{
    [Fact]
    public void Without_an_endpoint_nothing_leaves_and_nothing_is_built()
    {
        From().Any.ShouldBeFalse();
        TelemetryPipeline.Create(new TelemetryOptions(), Configuration([]), TimeProvider.System).ShouldBeNull();
    }

    [Fact]
    public void An_endpoint_for_all_switches_all_on() => From(("OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4318")).ShouldBe((true, true, true));

    [Fact]
    public void An_endpoint_for_one_signal_switches_only_that_on() =>
        From(("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://c:4318/v1/traces")).ShouldBe((true, false, false));

    [Theory]
    [InlineData("none")]
    [InlineData("console")]
    public void An_exporter_other_than_otlp_switches_its_signal_off(string exporter) =>
        From(("OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4318"), ("OTEL_METRICS_EXPORTER", exporter)).ShouldBe((true, false, true));

    [Fact]
    public void An_unknown_exporter_is_named() =>
        OtlpSignals.From(Configuration([("OTEL_LOGS_EXPORTER", "console,otlp")])).Unknown.ShouldBe(["OTEL_LOGS_EXPORTER=console"]);

    [Theory]
    [InlineData(null, null, true)]
    [InlineData("prometheus", true, false)]
    [InlineData("otlp,prometheus", true, true)]
    [InlineData("none", false, false)]
    public void Prometheus_is_an_exporter_of_metrics(string? exporters, bool? asked, bool pushed)
    {
        var signals = From(("OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4318"), ("OTEL_METRICS_EXPORTER", exporters!));
        (signals.PrometheusAsked, signals.Metrics, signals.Unknown.Count).ShouldBe((asked, pushed, 0));
    }

    [Fact]
    public void A_disabled_SDK_is_off() =>
        From(("OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4318"), ("OTEL_SDK_DISABLED", "TRUE")).ShouldBe((false, false, false));

    private static OtlpSignals From(params (string, string)[] settings) => OtlpSignals.From(Configuration(settings));

    private static IConfiguration Configuration((string Key, string Value)[] settings) =>
        new ConfigurationBuilder().AddInMemoryCollection(settings.Select(s => KeyValuePair.Create(s.Key, (string?)s.Value))).Build();
}

internal static class SignalChecks
{
    public static void ShouldBe(this OtlpSignals signals, (bool, bool, bool) expected) =>
        (signals.Traces, signals.Metrics, signals.Logs).ShouldBe(expected);
}

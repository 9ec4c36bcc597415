using Microsoft.Extensions.Configuration;
using OpenTelemetry.Exporter;
using Orchestrator.Engine.Telemetry.Otlp;
using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Telemetry;

public sealed class OtlpSignalsTests
{
    private const string Any = "http://c:4318";

    [Fact]
    public void Without_an_endpoint_nothing_leaves_and_nothing_is_built()
    {
        From().Any.ShouldBeFalse();
        TelemetryPipeline.Create(new TelemetryOptions(), From(), Configuration([]), TimeProvider.System).ShouldBeNull();
    }

    [Theory]
    [InlineData("none")]
    [InlineData("console")]
    public void An_exporter_other_than_otlp_switches_its_signal_off(string exporter) =>
        From(("OTEL_EXPORTER_OTLP_ENDPOINT", Any), ("OTEL_METRICS_EXPORTER", exporter)).ShouldBe((true, false, true));

    [Theory]
    [InlineData(null, null, true)]
    [InlineData("prometheus", true, false)]
    [InlineData("otlp,prometheus", true, true)]
    [InlineData("none", false, false)]
    public void Prometheus_is_an_exporter_of_metrics(string? exporters, bool? asked, bool pushed)
    {
        var signals = From(("OTEL_EXPORTER_OTLP_ENDPOINT", Any), ("OTEL_METRICS_EXPORTER", exporters!));
        (signals.PrometheusAsked, signals.Metrics, signals.Warnings.Count).ShouldBe((asked, pushed, 0));
    }

    [Fact]
    public void A_disabled_SDK_is_off() => From(("OTEL_EXPORTER_OTLP_ENDPOINT", Any), ("OTEL_SDK_DISABLED", "TRUE")).ShouldBe((false, false, false));

    [Theory]
    [InlineData("http://c:4318", "http://c:4318/v1/traces")]
    [InlineData("http://c:4318/", "http://c:4318/v1/traces")]
    [InlineData("https://c/otlp", "https://c/otlp/v1/traces")]
    public void The_endpoint_for_all_signals_gets_the_path_of_each(string general, string expected)
    {
        var signals = From(("OTEL_EXPORTER_OTLP_ENDPOINT", general), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"));
        signals.TracesTo!.Endpoint.AbsoluteUri.ShouldBe(expected);
        signals.LogsTo!.Endpoint.AbsoluteUri.ShouldBe(expected.Replace("traces", "logs", StringComparison.Ordinal));
    }

    [Fact]
    public void A_signal_s_own_variables_stand_above_those_for_all()
    {
        var signals = From(
            ("OTEL_EXPORTER_OTLP_ENDPOINT", Any), ("OTEL_EXPORTER_OTLP_TIMEOUT", "5"), ("OTEL_EXPORTER_OTLP_HEADERS", "a=1"), ("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip"),
            ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://t/in"), ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "http/protobuf"), ("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "7"),
            ("OTEL_EXPORTER_OTLP_TRACES_HEADERS", "b=2"), ("OTEL_EXPORTER_OTLP_TRACES_COMPRESSION", "none"));
        var (own, general) = (signals.TracesTo!, signals.LogsTo!);
        (own.Endpoint.AbsoluteUri, own.Protocol, own.TimeoutMilliseconds, own.Compression).ShouldBe(("http://t/in", OtlpExportProtocol.HttpProtobuf, 7, OtlpExportCompression.None));
        own.Headers.ShouldBe([new("b", "2")]);
        (general.Endpoint.AbsoluteUri, general.Protocol, general.TimeoutMilliseconds, general.Compression).ShouldBe(("http://c:4318/", OtlpExportProtocol.Grpc, 5, OtlpExportCompression.GZip));
        general.Headers.ShouldBe([new("a", "1")]);
    }

    [Theory]
    [InlineData("k=a%2Cb", "k", "a,b")]
    [InlineData("authorization=Basic%20dXNlcjpwYXNz==", "authorization", "Basic dXNlcjpwYXNz==")]
    [InlineData(" k = v ", "k", "v")]
    [InlineData("x=0,,k=v,", "k", "v")]
    [InlineData("K=1,k=2", "K", "2")]
    public void Values_of_headers_are_percent_encoded(string text, string name, string value)
    {
        var signals = From(("OTEL_EXPORTER_OTLP_ENDPOINT", Any), ("OTEL_EXPORTER_OTLP_HEADERS", text));
        signals.TracesTo!.Headers.ShouldContain(new KeyValuePair<string, string>(name, value));
        signals.Warnings.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("OTEL_EXPORTER_OTLP_HEADERS", "hunter2", "OTEL_EXPORTER_OTLP_HEADERS: entry 1 has no '='; it is left out, the others are sent.")]
    [InlineData("OTEL_EXPORTER_OTLP_HEADERS", "a=b,hunter 2=x", "OTEL_EXPORTER_OTLP_HEADERS: entry 2 has an invalid header name")]
    [InlineData("OTEL_EXPORTER_OTLP_HEADERS", "a=hunter2%0D%0Ab", "OTEL_EXPORTER_OTLP_HEADERS: entry 1 has an invalid header value")]
    [InlineData("OTEL_EXPORTER_OTLP_HEADERS", "content-type=x", "OTEL_EXPORTER_OTLP_HEADERS: entry 1 has a name that is set by the program")]
    [InlineData("OTEL_EXPORTER_OTLP_LOGS_HEADERS", "hunter2", "OTEL_EXPORTER_OTLP_LOGS_HEADERS: entry 1")]
    [InlineData("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json", "OTEL_EXPORTER_OTLP_PROTOCOL=http/json is not supported; http/protobuf is used instead.")]
    [InlineData("OTEL_EXPORTER_OTLP_METRICS_PROTOCOL", "kafka", "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL=kafka is not a known protocol; grpc is used instead.")]
    [InlineData("OTEL_EXPORTER_OTLP_TIMEOUT", "-5", "OTEL_EXPORTER_OTLP_TIMEOUT=-5 is not a whole number from 1; 10000 is used instead.")]
    [InlineData("OTEL_EXPORTER_OTLP_COMPRESSION", "zstd", "OTEL_EXPORTER_OTLP_COMPRESSION=zstd is not a known compression; none is used instead.")]
    [InlineData("OTEL_BSP_MAX_QUEUE_SIZE", "0", "OTEL_BSP_MAX_QUEUE_SIZE=0 is not a whole number from 1 to 1000000; 32768 is used instead.")]
    [InlineData("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "40000", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE=40000 is larger than the queue; 32768 is used instead.")]
    [InlineData("OTEL_BLRP_SCHEDULE_DELAY", "soon", "OTEL_BLRP_SCHEDULE_DELAY=soon is not a whole number from 1; 5000 is used instead.")]
    [InlineData("OTEL_METRIC_EXPORT_INTERVAL", "-1", "OTEL_METRIC_EXPORT_INTERVAL=-1 is not a whole number from 1; 60000 is used instead.")]
    [InlineData("OTEL_METRIC_EXPORT_TIMEOUT", "1e9", "OTEL_METRIC_EXPORT_TIMEOUT=1e9")]
    [InlineData("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "-1", "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT=-1 is not a whole number from 0")]
    [InlineData("OTEL_TRACES_SAMPLER", "jaeger_remote", "OTEL_TRACES_SAMPLER=jaeger_remote is not a known sampler")]
    [InlineData("OTEL_RESOURCE_ATTRIBUTES", "a=b,nonsense", "OTEL_RESOURCE_ATTRIBUTES: entry 2 is not NAME=VALUE")]
    [InlineData("OTEL_LOGS_EXPORTER", "console,otlp", "OTEL_LOGS_EXPORTER=console is not a known exporter")]
    [InlineData("OTEL_DOTNET_EXPERIMENTAL_OTLP_RETRY", "memory", "OTEL_DOTNET_EXPERIMENTAL_OTLP_RETRY=memory is not a known way to retry")]
    [InlineData("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "lowmemory", "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE=lowmemory")]
    public void A_value_that_cannot_be_used_is_named_once_and_nothing_stops(string variable, string value, string said)
    {
        var signals = From(("OTEL_EXPORTER_OTLP_ENDPOINT", Any), (variable, value));
        signals.ShouldBe((true, true, true));
        signals.Warnings.ShouldHaveSingleItem().ShouldStartWith(said);
        signals.Warnings[0].ShouldNotContain("hunter");
    }

    [Theory]
    [InlineData("c:4318")]
    [InlineData("collector")]
    [InlineData("http://")]
    [InlineData("ftp://c")]
    [InlineData("//c:4318")]
    [InlineData("http://c:port")]
    public void An_endpoint_that_is_no_URL_gets_nothing(string endpoint)
    {
        var signals = From(("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint), ("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", Any));
        signals.ShouldBe((false, false, true));
        signals.Warnings.ShouldBe([$"OTEL_EXPORTER_OTLP_ENDPOINT={endpoint} is not an http or https URL; nothing is sent there. Write it as http://HOST:PORT."]);
    }

    [Fact]
    public void A_password_in_an_endpoint_is_not_repeated() =>
        From(("OTEL_EXPORTER_OTLP_ENDPOINT", "ann:hunter2@c:4318")).Warnings.ShouldHaveSingleItem().ShouldNotContain("hunter2");

    [Theory]
    [InlineData("OTEL_EXPORTER_OTLP_CERTIFICATE", "the file does not exist; the system's certificates are used instead.")]
    [InlineData("OTEL_EXPORTER_OTLP_LOGS_CERTIFICATE", "the file does not exist; the system's certificates are used instead.")]
    [InlineData("OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE", "the file does not exist; no client certificate is sent.")]
    public void A_missing_certificate_is_said(string variable, string said)
    {
        var signals = From(("OTEL_EXPORTER_OTLP_ENDPOINT", "https://c:4318"), (variable, "/nowhere/ca.pem"));
        signals.Any.ShouldBeTrue();
        signals.Warnings.ShouldBe([$"{variable}=/nowhere/ca.pem: {said}"]);
    }

    private static OtlpSignals From(params (string, string)[] settings) => OtlpSignals.From(Configuration(settings));

    private static IConfiguration Configuration((string Key, string Value)[] settings) =>
        new ConfigurationBuilder().AddInMemoryCollection(settings.Select(s => KeyValuePair.Create(s.Key, (string?)s.Value))).Build();
}

internal static class SignalChecks
{
    public static void ShouldBe(this OtlpSignals signals, (bool, bool, bool) expected) =>
        (signals.Traces, signals.Metrics, signals.Logs).ShouldBe(expected);
}

using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Orchestrator.Core.Lifecycle;
using Orchestrator.Engine.Telemetry;
using Orchestrator.Engine.Telemetry.Otlp;
using Orchestrator.TestKit.Telemetry;
using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Telemetry;

/// <summary>Which requests leave, for each combination of variables, as two receivers see them: one for all signals, one for single ones.</summary>
[Collection(TelemetryCollection.Name)]
public sealed class SignalSelectionTests
{
    private static readonly string[] Signals = ["traces", "metrics", "logs"];

    /// <summary>Of each signal: (n)othing, its (o)wn endpoint, switched o(f)f.</summary>
    public static TheoryData<string, bool, string> Combinations()
    {
        var all = new TheoryData<string, bool, string>();
        foreach (var protocol in (string[])["grpc", "http/protobuf"])
            foreach (var general in (bool[])[false, true])
                foreach (var traces in "nof")
                    foreach (var metrics in "nof")
                        foreach (var logs in "nof")
                            all.Add(protocol, general, $"{traces}{metrics}{logs}");
        return all;
    }

    [Theory]
    [MemberData(nameof(Combinations))]
    public async Task A_signal_leaves_exactly_where_it_is_wanted_and_has_an_endpoint(string protocol, bool general, string each)
    {
        await using var all = await OtlpReceiver.StartAsync();
        await using var own = await OtlpReceiver.StartAsync();
        var grpc = protocol == "grpc";
        var settings = new Dictionary<string, string?> { ["OTEL_EXPORTER_OTLP_PROTOCOL"] = protocol };
        if (general) settings["OTEL_EXPORTER_OTLP_ENDPOINT"] = grpc ? all.GrpcEndpoint : all.Endpoint;
        for (var i = 0; i < Signals.Length; i++)
        {
            var name = Signals[i].ToUpper(CultureInfo.InvariantCulture);
            if (each[i] == 'o') settings[$"OTEL_EXPORTER_OTLP_{name}_ENDPOINT"] = grpc ? own.GrpcEndpoint : $"{own.Endpoint}/in/{Signals[i]}";
            if (each[i] == 'f') settings[$"OTEL_{name}_EXPORTER"] = "none";
        }
        (await ExportAsync(settings)).ShouldBe(0, "what is not wanted is not lost");

        Of(own).ShouldBe(Signals.Where((_, i) => each[i] == 'o'), ignoreOrder: true);
        Of(all).ShouldBe(Signals.Where((_, i) => each[i] == 'n' && general), ignoreOrder: true);
        own.Seen.Concat(all.Seen).ShouldAllBe(r => r.Protocol == protocol);
        if (!grpc) own.Seen.ShouldAllBe(r => r.Path == $"/in/{r.Signal}", "a signal's own endpoint is used as it is");
        if (!grpc) all.Seen.ShouldAllBe(r => r.Path == $"/v1/{r.Signal}");
    }

    [Fact]
    public async Task Nothing_leaves_while_the_SDK_is_disabled()
    {
        await using var all = await OtlpReceiver.StartAsync();
        var settings = all.Variables.ToDictionary(v => v.Key, string? (v) => v.Value);
        settings["OTEL_SDK_DISABLED"] = "true";
        settings["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"] = all.Endpoint;
        await ExportAsync(settings);
        all.Requests.ShouldBe(0);
    }

    [Theory]
    [InlineData("grpc")]
    [InlineData("http/protobuf")]
    public async Task Headers_with_commas_and_compression_arrive_and_the_signals_share_a_connection(string protocol)
    {
        await using var all = await OtlpReceiver.StartAsync();
        await ExportAsync(new()
        {
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = protocol, ["OTEL_EXPORTER_OTLP_ENDPOINT"] = protocol == "grpc" ? all.GrpcEndpoint : all.Endpoint,
            ["OTEL_EXPORTER_OTLP_HEADERS"] = "x-key=a%2Cb%3D", ["OTEL_EXPORTER_OTLP_LOGS_HEADERS"] = "x-key=other", ["OTEL_EXPORTER_OTLP_COMPRESSION"] = "gzip",
        });
        Of(all).Count.ShouldBe(3);
        all.Seen.ShouldAllBe(r => r.Headers["x-key"] == (r.Signal == "logs" ? "other" : "a,b="));
        all.Seen.ShouldAllBe(r => r.Headers[protocol == "grpc" ? "grpc-encoding" : "content-encoding"] == "gzip");
        if (protocol == "grpc") all.Seen.Select(r => r.Connection).Distinct().Count().ShouldBe(1);
        all.Spans.ShouldNotBeEmpty();
    }

    [Theory]
    [InlineData("OTEL_EXPORTER_OTLP_HEADERS", "hunter2")]
    [InlineData("OTEL_EXPORTER_OTLP_HEADERS", "a=b%2")]
    [InlineData("OTEL_EXPORTER_OTLP_TIMEOUT", "-1")]
    [InlineData("OTEL_EXPORTER_OTLP_COMPRESSION", "zstd")]
    [InlineData("OTEL_EXPORTER_OTLP_CERTIFICATE", "/nowhere.pem")]
    [InlineData("OTEL_EXPORTER_OTLP_CLIENT_KEY", "/nowhere.pem")]
    [InlineData("OTEL_EXPORTER_OTLP_LOGS_PROTOCOL", "http/json")]
    [InlineData("OTEL_BSP_MAX_QUEUE_SIZE", "-1")]
    [InlineData("OTEL_BLRP_MAX_EXPORT_BATCH_SIZE", "99999999")]
    [InlineData("OTEL_METRIC_EXPORT_INTERVAL", "0")]
    [InlineData("OTEL_ATTRIBUTE_COUNT_LIMIT", "-1")]
    [InlineData("OTEL_DOTNET_EXPERIMENTAL_OTLP_RETRY", "memory")]
    [InlineData("OTEL_RESOURCE_ATTRIBUTES", "=,a==%zz,nonsense")]
    [InlineData("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "7")]
    public async Task All_signals_leave_though_a_value_cannot_be_used(string variable, string value)
    {
        await using var all = await OtlpReceiver.StartAsync();
        var settings = new Dictionary<string, string?> { ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf", ["OTEL_EXPORTER_OTLP_ENDPOINT"] = all.Endpoint, [variable] = value };
        (await ExportAsync(settings)).ShouldBe(0);
        Of(all).ShouldBe(Signals, ignoreOrder: true);
    }

    /// <summary>The SDK's own flush has nothing to do once a batch has left its queue, though nobody knows yet whether the backend takes it.</summary>
    [Fact]
    public async Task A_flush_ends_only_when_a_batch_that_is_on_its_way_has_been_answered()
    {
        await using var receiver = await OtlpReceiver.StartAsync(ReceiverMode.Slow);
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf", ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"] = $"{receiver.Endpoint}/v1/traces", ["OTEL_BSP_SCHEDULE_DELAY"] = "10",
        }).Build();
        await using var pipeline = TelemetryPipeline.Create(new(), OtlpSignals.From(configuration), configuration, TimeProvider.System)!;
        using var loggers = LoggerFactory.Create(_ => { });
        await using var publisher = new LifecyclePublisher(new(), EventProducer.Unknown, TimeProvider.System, loggers, pipeline.Health);
        var run = new RunScript("on-its-way", null, RunScript.Task("a"));
        publisher.Publish(run.Begin());
        publisher.Publish(run.Completed(1));
        await publisher.FlushAsync(CancellationToken.None);
        await receiver.WaitForAsync(r => r.Requests > 0, TimeSpan.FromSeconds(30));

        var flush = pipeline.FlushAsync().AsTask();
        var released = false;
        using var later = new Timer(_ =>
        {
            released = true;
            receiver.Release();
        }, null, TimeSpan.FromMilliseconds(300), Timeout.InfiniteTimeSpan);
        (await flush).ShouldBeTrue();
        released.ShouldBeTrue();
        pipeline.Health.View.Published.ShouldBeGreaterThan(0);
    }

    /// <summary>Makes a span, a log record and a measurement; gives how many were lost.</summary>
    private static async Task<long> ExportAsync(Dictionary<string, string?> settings)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings).Build();
        await using var pipeline = TelemetryPipeline.Create(new(), OtlpSignals.From(configuration), configuration, TimeProvider.System);
        using var loggers = LoggerFactory.Create(logging =>
        {
            if (pipeline?.LoggerProvider is { } otlp) logging.AddProvider(otlp);
        });
        await using (var publisher = new LifecyclePublisher(new(), EventProducer.Unknown, TimeProvider.System, loggers, pipeline?.Health))
        {
            var run = new RunScript("selected", null, RunScript.Task("a"));
            publisher.Publish(run.Begin());
            publisher.Publish(run.Completed(1));
            await publisher.FlushAsync(CancellationToken.None);
            if (pipeline is not null) await pipeline.ShutdownAsync();
        }
        return pipeline?.Health.View.Dropped ?? 0;
    }

    private static List<string> Of(OtlpReceiver receiver) => [.. receiver.Seen.Select(r => r.Signal).Distinct()];
}

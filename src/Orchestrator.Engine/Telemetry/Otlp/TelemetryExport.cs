using System.Runtime.InteropServices;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Orchestrator.Engine.Telemetry.Health;
using Orchestrator.Engine.Telemetry.Tracing;

namespace Orchestrator.Engine.Telemetry.Otlp;

/// <summary>The set-up of the SDK over a service collection: one exporter for each signal that leaves, and none for the others.</summary>
internal static class TelemetryExport
{
    /// <param name="servesHttp">Whether requests come in.</param>
    public static void Configure(IServiceCollection services, OtlpSignals signals, TelemetryOptions options, IConfiguration configuration, bool servesHttp)
    {
        var connections = new OtlpConnections();
        var made = new MadeForExport(TelemetryNames.Meter());
        services.AddSingleton(_ => made);
        services.AddSingleton(_ => connections);
        var builder = services.AddOpenTelemetry().ConfigureResource(resource => Describe(resource, options));
        if (signals.TracesTo is { } tracesTo) builder.WithTracing(tracing => Trace(tracing, made, RunSampling.From(configuration), servesHttp).AddOtlpExporter(exporter =>
        {
            Send(exporter, tracesTo, connections);
            Batch(exporter.BatchExportProcessorOptions, signals.Settings.Spans);
        }));
        if (signals.MetricsTo is { } metricsTo) builder.WithMetrics(metrics => metrics.AddOrchestratorMeters().AddOtlpExporter((exporter, reader) =>
        {
            Send(exporter, metricsTo, connections);
            reader.PeriodicExportingMetricReaderOptions = new() { ExportIntervalMilliseconds = signals.Settings.MetricInterval, ExportTimeoutMilliseconds = signals.Settings.MetricTimeout };
        }));
        if (signals.LogsTo is { } logsTo) builder.WithLogging(
            records => records.AddProcessor(new EventTimes()).AddProcessor(new MadeRecords(made)).AddOtlpExporter((exporter, processor) =>
            {
                Send(exporter, logsTo, connections);
                Batch(processor.BatchExportProcessorOptions, signals.Settings.Records);
            }),
            logging =>
            {
                logging.IncludeFormattedMessage = true;
                logging.IncludeScopes = true;
                logging.ParseStateValues = true;
            });
        // Trace and span id are fields of a record; as attributes beside them they would be there twice.
        services.Configure<LoggerFactoryOptions>(logging => logging.ActivityTrackingOptions = ActivityTrackingOptions.None);
    }

    /// <summary>Ours first, then the environment's, which wins.</summary>
    public static void Describe(ResourceBuilder resource, TelemetryOptions options)
    {
        var attributes = new Dictionary<string, object>
        {
            ["service.name"] = options.ServiceName,
            ["host.name"] = Environment.MachineName,
            ["os.type"] = OperatingSystem.IsLinux() ? "linux" : OperatingSystem.IsMacOS() ? "darwin" : OperatingSystem.IsWindows() ? "windows" : "other",
            ["process.pid"] = (long)Environment.ProcessId,
            ["process.runtime.name"] = ".NET",
            ["process.runtime.version"] = Environment.Version.ToString(),
            ["host.arch"] = RuntimeInformation.OSArchitecture switch { Architecture.X64 => "amd64", var a => a.ToString().ToLowerInvariant() },
        };
        if (options.ServiceVersion is { } version) attributes["service.version"] = version;
        if (options.InstanceId is { } instance) attributes["service.instance.id"] = attributes[TelemetryNames.WorkerId] = instance;
        resource.Clear().AddAttributes(attributes).AddTelemetrySdk().AddEnvironmentVariableDetector();
    }

    private static TracerProviderBuilder Trace(TracerProviderBuilder tracing, MadeForExport made, RunSampling sampling, bool servesHttp)
    {
        // Not AddHttpClientInstrumentation: beside the spans, which are the framework's, it writes trace headers into every
        // request, also where a task's `propagate` says none.
        tracing.AddSource(TelemetryNames.Source, "System.Net.Http").AddNpgsql();
        if (servesHttp) tracing.AddAspNetCoreInstrumentation();
        return tracing.AddProcessor(new SecretMarks()).AddProcessor(new MadeSpans(made)).SetSampler(RunSampler.Of(sampling));
    }

    // Everything is set: what is not is read by the exporter from the variables for all signals.
    private static void Send(OtlpExporterOptions exporter, OtlpTarget target, OtlpConnections connections)
    {
        exporter.Protocol = target.Protocol;
        exporter.Endpoint = target.Endpoint;
        exporter.Headers = null;   // the client's
        exporter.TimeoutMilliseconds = target.TimeoutMilliseconds;
        exporter.Compression = target.Compression;
        exporter.HttpClientFactory = () => connections.ClientFor(target);
    }

    private static void Batch<T>(BatchExportProcessorOptions<T> processor, OtlpBatches batches) where T : class =>
        (processor.MaxQueueSize, processor.ScheduledDelayMilliseconds, processor.ExporterTimeoutMilliseconds, processor.MaxExportBatchSize) =
        (batches.Queue, batches.Delay, batches.Timeout, batches.Batch);
}

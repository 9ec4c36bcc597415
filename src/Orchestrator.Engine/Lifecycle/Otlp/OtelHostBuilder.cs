using System.Runtime.InteropServices;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Orchestrator.Engine.Lifecycle.Sinks.Tracing;

namespace Orchestrator.Engine.Lifecycle.Otlp;

/// <summary>The set-up of the SDK over a service collection.</summary>
internal sealed class OtelHostBuilder(IServiceCollection services) : IOpenTelemetryBuilder
{
    // The SDK's default of 2,048 loses half the spans of a burst of short tasks.
    private const int ExportQueue = 32_768;

    public IServiceCollection Services => services;

    public static void Configure(IServiceCollection services, OtlpSignals signals, TelemetryOptions options, IConfiguration configuration)
    {
        IOpenTelemetryBuilder builder = new OtelHostBuilder(services);
        builder.ConfigureResource(resource => Describe(resource, options));
        if (signals.Traces)
            builder.WithTracing(tracing => tracing.AddSource(TelemetryNames.Source, "System.Net.Http", "Microsoft.AspNetCore", "Npgsql").AddProcessor(new SecretMarks()).AddProcessor(new Health.MadeSpans())
                .SetSampler(RunSampler.Of(RunSampling.From(configuration))));
        if (signals.Metrics)
            builder.WithMetrics(metrics => metrics.AddOrchestratorMeters());
        if (signals.Logs)
            builder.WithLogging(records => records.AddProcessor(new EventTimes()).AddProcessor(new Health.MadeRecords()), logging =>
            {
                logging.IncludeFormattedMessage = true;
                logging.IncludeScopes = true;
                logging.ParseStateValues = true;
            });
        // Trace and span id are fields of a record; as attributes beside them they would be there twice.
        services.Configure<LoggerFactoryOptions>(logging => logging.ActivityTrackingOptions = ActivityTrackingOptions.None);
        if (string.IsNullOrEmpty(configuration["OTEL_BSP_MAX_QUEUE_SIZE"]))
            services.ConfigureAll<ActivityExportProcessorOptions>(o => o.BatchExportProcessorOptions.MaxQueueSize = ExportQueue);
        if (string.IsNullOrEmpty(configuration["OTEL_BLRP_MAX_QUEUE_SIZE"]))
            services.ConfigureAll<LogRecordExportProcessorOptions>(o => o.BatchExportProcessorOptions.MaxQueueSize = ExportQueue);
        // Not AddOtlpExporter: that one does not read the endpoints of single signals.
        builder.UseOtlpExporter();
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
}

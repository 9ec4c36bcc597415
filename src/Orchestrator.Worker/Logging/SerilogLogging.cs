using System.Globalization;
using Microsoft.Extensions.DependencyInjection.Extensions;
using OpenTelemetry.Logs;
using Serilog;
using Serilog.Events;
using Serilog.Formatting;
using Serilog.Formatting.Display;

namespace Orchestrator.Worker.Logging;

/// <summary>
/// Serilog as the host's logger, beside the OTLP provider. The section <c>Serilog</c> configures it; without sinks there, lines go to standard
/// error: standard output belongs to results.
/// </summary>
internal static class SerilogLogging
{
    private const string Template = "{Timestamp:yyyy-MM-dd HH:mm:ss.fff zzz} [{Level:u3}] {Message:lj} {TraceId} {SpanId}{NewLine}{Exception}";

    /// <param name="isQuiet">Whether lines without a sink of their own are written for errors only.</param>
    public static void AddTo(IServiceCollection services, ILoggingBuilder logging, IConfiguration configuration, TextWriter output, bool isQuiet = false)
    {
        var serilog = Configured(LogSinks.Shared(configuration));
        if (!configuration.GetSection("Serilog:WriteTo").Exists()) serilog.WriteTo.Sink(
            new WriterSink(output, new MessageTemplateTextFormatter(Template, CultureInfo.InvariantCulture)), isQuiet ? LogEventLevel.Error : LevelAlias.Minimum);
        var logger = serilog.CreateLogger();
        logging.ClearProviders();
        services.AddSerilog(logger, dispose: true);
        // Serilog's own factory has no other provider, or hands it copies without the event's own time and types. The exporter of logs is one beside Serilog.
        services.Replace(ServiceDescriptor.Singleton<ILoggerFactory, LoggerFactory>());
        services.AddHttpContextAccessor();
        AddTo(logging, logger, dispose: true);   // that factory is never made, so its `dispose` means nothing
        logging.AddFilter<OpenTelemetryLoggerProvider>(new ExportedLevels(logger).Allow);
    }

    /// <summary>A log of these sinks and no other; to be disposed by the caller.</summary>
    public static Serilog.Core.Logger Create(IConfiguration sinks) => Configured(sinks).CreateLogger();

    /// <summary>Adds a log, which somebody else disposes unless <paramref name="dispose"/>.</summary>
    public static void AddTo(ILoggingBuilder logging, Serilog.Core.Logger serilog, bool dispose = false) =>
        logging.Configure(o => o.ActivityTrackingOptions = ActivityTrackingOptions.None).AddSerilog(serilog, dispose);

    /// <summary>Adds the exporter of a verb's log records, at the levels that are configured for Serilog.</summary>
    public static void AddExporter(ILoggingBuilder logging, ILoggerProvider exporter, IConfiguration configuration)
    {
        var levels = configuration.GetSection("Serilog").AsEnumerable()
            .Where(p => p.Key.StartsWith("Serilog:MinimumLevel", StringComparison.OrdinalIgnoreCase) || p.Key.StartsWith("Serilog:LevelSwitches", StringComparison.OrdinalIgnoreCase));
        var serilog = Configured(new ConfigurationBuilder().AddInMemoryCollection(levels).Build()).CreateLogger();
        logging.AddProvider(exporter).AddFilter<OpenTelemetryLoggerProvider>(new ExportedLevels(serilog).Allow);
    }

    private static LoggerConfiguration Configured(IConfiguration configuration) => SerilogDirectives.Apply(new LoggerConfiguration()
        .Enrich.With<ControlCharacters>()
        .MinimumLevel.Information()
        .MinimumLevel.Override("Microsoft", LogEventLevel.Warning)
        .MinimumLevel.Override("Microsoft.Hosting.Lifetime", LogEventLevel.Warning)
        .MinimumLevel.Override("Quartz", LogEventLevel.Warning), configuration);

    /// <summary>Serilog's own console sink writes to the process's streams, which tests and `--json` redirect.</summary>
    private sealed class WriterSink(TextWriter output, ITextFormatter formatter) : Serilog.Core.ILogEventSink
    {
        private readonly Lock _gate = new();

        public void Emit(LogEvent logEvent)
        {
            lock (_gate)
            {
                formatter.Format(logEvent, output);
                output.Flush();
            }
        }
    }
}

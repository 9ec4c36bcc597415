using Serilog;
using Serilog.AspNetCore;
using Serilog.Core;
using Serilog.Events;
using Serilog.Extensions.Logging;

namespace Orchestrator.Worker.Logging;

/// <summary>
/// One line for each request at its end, by Serilog's own middleware. Probes come every few seconds and would bury the rest: theirs is at level Debug.
/// </summary>
internal static class RequestLog
{
    private const string Category = "Orchestrator.Worker.Api.Requests";

    public static void Configure(RequestLoggingOptions options, IServiceProvider services)
    {
        options.Logger = LoggerOf(services.GetRequiredService<Serilog.ILogger>(), services.GetServices<ILoggerProvider>().Where(p => p is not SerilogLoggerProvider));
        options.MessageTemplate = "{Method:l} {Path:l} answered {StatusCode} in {ElapsedMs:0.0} ms (request {RequestId:l})";
        options.GetLevel = static (http, _, fault) =>
            fault is not null || http.Response.StatusCode >= 500 && !TracedRequests.IsProbe(http.Request.Path.Value) ? LogEventLevel.Error
            : TracedRequests.IsProbe(http.Request.Path.Value) ? LogEventLevel.Debug : LogEventLevel.Information;
        options.GetMessageTemplateProperties = static (http, path, elapsed, status) =>
        [
            Property("Method", http.Request.Method), Property("Path", path), Property("StatusCode", status), Property("ElapsedMs", elapsed), Property("RequestId", http.TraceIdentifier),
        ];
    }

    // The middleware writes to Serilog alone; the exporter of logs hears of requests as it does of all else, but not of probes.
    private static Serilog.ILogger LoggerOf(Serilog.ILogger serilog, IEnumerable<ILoggerProvider> others)
    {
        var logger = serilog.ForContext(Constants.SourceContextPropertyName, Category);
        var providers = new LoggerProviderCollection();
        var any = false;
        foreach (var other in others)
        {
            providers.AddProvider(other);
            any = true;
        }
        if (!any) return logger;
        return new LoggerConfiguration().MinimumLevel.Verbose().WriteTo.Logger(logger)
            .WriteTo.Conditional(e => e.Level > LogEventLevel.Debug && logger.IsEnabled(e.Level), to => to.Providers(providers)).CreateLogger().ForContext(Constants.SourceContextPropertyName, Category);
    }

    private static LogEventProperty Property(string name, object value) => new(name, new ScalarValue(value));
}

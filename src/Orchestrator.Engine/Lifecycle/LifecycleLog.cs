using Microsoft.Extensions.Logging;

namespace Orchestrator.Engine.Lifecycle;

/// <summary>What the telemetry says about itself. 4000 to 4049 are the ids of lifecycle events.</summary>
internal static partial class LifecycleLog
{
    [LoggerMessage(4050, LogLevel.Error, "Tracing is off: this runtime does not let span ids be set, and spans with other ids would not form one trace per run. Everything else works.")]
    public static partial void TracingUnavailable(ILogger log);

    [LoggerMessage(4051, LogLevel.Warning, "Telemetry is degraded: {Capacity} events wait for spans and log records, newer ones are dropped until there is room. The journal and metrics are complete.")]
    public static partial void Degraded(ILogger log, int capacity);

    [LoggerMessage(4052, LogLevel.Warning, "Telemetry has recovered: {Dropped} events got no span or log record.")]
    public static partial void Recovered(ILogger log, long dropped);

    [LoggerMessage(4053, LogLevel.Error, "An observer of lifecycle events threw.")]
    public static partial void ObserverFailed(ILogger log, Exception e);

    [LoggerMessage(4054, LogLevel.Error, "A lifecycle event could not be turned into telemetry.")]
    public static partial void SinkFailed(ILogger log, Exception e);

    [LoggerMessage(4055, LogLevel.Warning, "Telemetry was not delivered within {Seconds} s at the end; what was left is lost. Check OTEL_EXPORTER_OTLP_ENDPOINT.")]
    public static partial void FlushTimedOut(ILogger log, double seconds);

    [LoggerMessage(4056, LogLevel.Warning, "{Exporter} is not an exporter of this program: use otlp or none, and for metrics also prometheus.")]
    public static partial void UnknownExporter(ILogger log, string exporter);

    [LoggerMessage(4057, LogLevel.Warning, "The telemetry backend takes less than is sent: spans or log records are dropped and counted by orchestrator.telemetry.dropped. Raise OTEL_BSP_MAX_QUEUE_SIZE or OTEL_BLRP_MAX_QUEUE_SIZE, or look at the backend. This is said once.")]
    public static partial void ExportQueueFull(ILogger log);

    [LoggerMessage(4070, LogLevel.Error, "The subscriber to {Pattern} threw at {Type} ({EventId}); it stays subscribed")]
    public static partial void SubscriberFailed(ILogger log, Exception e, string pattern, string type, Guid eventId);

    [LoggerMessage(4071, LogLevel.Warning, "Subscribers take less than is told: events are dropped for them and counted by orchestrator.telemetry.dropped. The journal is complete. This is said once")]
    public static partial void SubscriberQueueFull(ILogger log);
}

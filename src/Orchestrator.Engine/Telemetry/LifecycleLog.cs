using Microsoft.Extensions.Logging;

namespace Orchestrator.Engine.Telemetry;

/// <summary>What the telemetry says about itself. 4000 to 4049 are the ids of lifecycle events.</summary>
internal static partial class LifecycleLog
{
    [LoggerMessage(4050, LogLevel.Error, "Tracing is off: span ids cannot be set on this runtime, so the spans of a run would not form one trace. Everything else works.")]
    public static partial void TracingUnavailable(ILogger log);

    [LoggerMessage(4051, LogLevel.Warning, "Telemetry is degraded: {Signal} are lost: {Reason}. Runs, the journal and reports are complete; orchestrator.telemetry.dropped counts the losses.")]
    public static partial void Degraded(ILogger log, string signal, string reason);

    [LoggerMessage(4052, LogLevel.Warning, "Telemetry has recovered after {ElapsedMs:0} ms. Spans, log records and events lost: {Dropped}.")]
    public static partial void Recovered(ILogger log, double elapsedMs, long dropped);

    [LoggerMessage(4053, LogLevel.Error, "An observer of lifecycle events threw.")]
    public static partial void ObserverFailed(ILogger log, Exception e);

    [LoggerMessage(4054, LogLevel.Error, "A lifecycle event could not be turned into telemetry.")]
    public static partial void SinkFailed(ILogger log, Exception e);

    [LoggerMessage(4055, LogLevel.Warning, "Telemetry was not delivered within {Seconds} s at the end; the rest is lost. Check {Variable}.")]
    public static partial void FlushTimedOut(ILogger log, double seconds, string variable);

    [LoggerMessage(4056, LogLevel.Warning, "{Problem}")]
    public static partial void VariableUnusable(ILogger log, string problem);

    [LoggerMessage(4070, LogLevel.Error, "The subscriber to {Pattern} threw at {Type} ({LifecycleEventId}); it stays subscribed")]
    public static partial void SubscriberFailed(ILogger log, Exception e, string pattern, string type, Guid lifecycleEventId);

    [LoggerMessage(4071, LogLevel.Warning, "Subscribers are too slow: events are dropped for them and counted by orchestrator.telemetry.dropped. The journal is complete. This is logged once")]
    public static partial void SubscriberQueueFull(ILogger log);
}

using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;

namespace Orchestrator.Engine.Lifecycle.Otlp;

/// <summary>
/// The SDK's export queues drop silently what a slow backend does not take; only its own experimental metric tells.
/// Here that becomes our counter and one line.
/// </summary>
internal sealed class ExportDrops : IDisposable
{
    private readonly MeterListener _sdk = new();
    private readonly Meter _meter = TelemetryNames.Meter();
    private readonly ILogger _log;
    private int _said;

    public ExportDrops(ILogger log)
    {
        _log = log;
        var dropped = Dropped(_meter);
        _sdk.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument is { Meter.Name: "otel.sdk.experimental", Name: "otel.sdk.processor.span.processed" or "otel.sdk.processor.log.processed" })
                listener.EnableMeasurementEvents(instrument);
        };
        _sdk.SetMeasurementEventCallback<long>((_, count, tags, _) =>
        {
            foreach (var tag in tags)
                if (tag.Key == TelemetryNames.ErrorType) Count(dropped, count);
        });
        _sdk.Start();
    }

    /// <summary>The counter that the publisher's own drops go into as well.</summary>
    public static Counter<long> Dropped(Meter meter) =>
        meter.CreateCounter<long>(TelemetryNames.Dropped, "{event}", "Events, spans and log records that telemetry could not take.");

    public void Dispose()
    {
        _sdk.Dispose();
        _meter.Dispose();
    }

    private void Count(Counter<long> dropped, long count)
    {
        dropped.Add(count, new KeyValuePair<string, object?>(TelemetryNames.Reason, "export_queue_full"));
        if (Interlocked.Exchange(ref _said, 1) == 0) LifecycleLog.ExportQueueFull(_log);
    }
}

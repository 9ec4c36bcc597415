using System.Diagnostics.Tracing;
using System.Globalization;

namespace Orchestrator.Engine.Lifecycle.Rebuilding;

/// <summary>Listens to what the OTLP exporter complains about: its flush says true although the collector took nothing.</summary>
internal sealed class ExportErrors : EventListener
{
    private volatile string? _first;

    /// <summary>The first complaint; null when there was none.</summary>
    public string? First => _first;

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name == "OpenTelemetry-Exporter-OpenTelemetryProtocol") EnableEvents(eventSource, EventLevel.Error);
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        if (eventData.Level > EventLevel.Error || _first is not null) return;
        var text = eventData.Message ?? eventData.EventName ?? "";
        try { text = string.Format(CultureInfo.InvariantCulture, text, [.. eventData.Payload ?? new([])]); }
        catch (FormatException) { }   // the bare message says enough
        _first = text.Length == 0 ? "the exporter failed" : text.Split('\n')[0];
    }
}

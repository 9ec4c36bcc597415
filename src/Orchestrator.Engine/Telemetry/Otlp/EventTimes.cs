using OpenTelemetry;
using OpenTelemetry.Logs;
using Orchestrator.Engine.Telemetry.Logging;

namespace Orchestrator.Engine.Telemetry.Otlp;

/// <summary>Records carry the event's own time, not the export time: the export is usually a little later, but days later when it is repeated.</summary>
internal sealed class EventTimes : BaseProcessor<LogRecord>
{
    public override void OnEnd(LogRecord data)
    {
        if (data.Attributes is EnvelopeState state) data.Timestamp = state.Time;
    }
}

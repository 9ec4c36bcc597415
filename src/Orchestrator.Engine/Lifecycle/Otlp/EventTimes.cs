using OpenTelemetry;
using OpenTelemetry.Logs;
using Orchestrator.Engine.Lifecycle.Sinks.Logging;

namespace Orchestrator.Engine.Lifecycle.Otlp;

/// <summary>The record of an event bears the event's time, not that of its telling: later by little usually, by days when it is told again.</summary>
internal sealed class EventTimes : BaseProcessor<LogRecord>
{
    public override void OnEnd(LogRecord data)
    {
        if (data.Attributes is EnvelopeState state) data.Timestamp = state.Time;
    }
}

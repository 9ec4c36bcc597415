using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Orchestrator.Core.Lifecycle;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Telemetry.Tracing;

namespace Orchestrator.Engine.Telemetry.Logging;

/// <summary>One log record per event, named after it and belonging to its span.</summary>
internal sealed class LoggingSink(ILogger log, EventProducer producer, Func<string?> installation)
{
    /// <summary>Whether any event would be logged.</summary>
    public bool Active => log.IsEnabled(LogLevel.Error);

    public void Emit(RunTrail trail, AppendedBatch batch)
    {
        if (!Active) return;
        if (trail.Envelopes is null)
        {
            trail.Envelopes = new EnvelopeProjection(batch.RunId, batch.Definition, producer);
            trail.Envelopes.Remember(trail.Created);
        }
        var sampled = trail.Spans.Sampled;
        foreach (var recorded in batch.Events)
        {
            if (batch.IsHistory) trail.Envelopes.Remember(recorded);
            else Write(trail.Envelopes.Next(recorded), sampled);
        }
    }

    public void Emit(RecordedEvent system)
    {
        if (Active) Write(SystemEnvelope.Of(system, producer, installation()), sampled: false);
    }

    private void Write(LifecycleEnvelope envelope, bool sampled)
    {
        var level = envelope.Severity switch
        {
            EventSeverity.Debug => LogLevel.Debug,
            EventSeverity.Info => LogLevel.Information,
            EventSeverity.Warn => LogLevel.Warning,
            _ => LogLevel.Error,
        };
        if (!log.IsEnabled(level)) return;
        var before = Activity.Current;
        // Log providers take the record's trace context from the current activity: a stand-in with the span's ids.
        if (envelope.Trace is { } span && DerivedSpanId.Works) Activity.Current = DerivedSpanId.StandIn(span, sampled);
        try
        {
            var id = new EventId(EventTable.Number(envelope.Type), TelemetryNames.EventPrefix + envelope.Type);
            log.Log(level, id, new EnvelopeState(envelope), null, static (state, _) => state.ToString());
        }
        finally
        {
            Activity.Current = before;
        }
    }
}

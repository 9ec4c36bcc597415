using System.Diagnostics;
using System.Diagnostics.Metrics;
using OpenTelemetry;
using OpenTelemetry.Logs;

namespace Orchestrator.Engine.Lifecycle.Health;

/// <summary>What is handed to the export queues: what became of it is told by <see cref="ExportWatch"/>, and the two must add up.</summary>
internal sealed class MadeInstruments(Meter meter)
{
    private readonly Counter<long> _made = meter.CreateCounter<long>(TelemetryNames.Made, "{item}", "Spans and log records that were made for the backend.");

    public void Count(TelemetrySignal signal) => _made.Add(1, new KeyValuePair<string, object?>(TelemetryNames.Signal, Core.Words.Of(signal)));
}

/// <summary>Counts spans that are to be exported.</summary>
internal sealed class MadeSpans : BaseProcessor<Activity>
{
    private readonly Meter _meter = TelemetryNames.Meter();
    private readonly MadeInstruments _instruments;

    public MadeSpans() => _instruments = new(_meter);

    public override void OnEnd(Activity data)
    {
        if (data.Recorded) _instruments.Count(TelemetrySignal.Traces);
    }

    protected override void Dispose(bool disposing)
    {
        _meter.Dispose();
        base.Dispose(disposing);
    }
}

/// <summary>Counts log records that are to be exported.</summary>
internal sealed class MadeRecords : BaseProcessor<LogRecord>
{
    private readonly Meter _meter = TelemetryNames.Meter();
    private readonly MadeInstruments _instruments;

    public MadeRecords() => _instruments = new(_meter);

    public override void OnEnd(LogRecord data) => _instruments.Count(TelemetrySignal.Logs);

    protected override void Dispose(bool disposing)
    {
        _meter.Dispose();
        base.Dispose(disposing);
    }
}

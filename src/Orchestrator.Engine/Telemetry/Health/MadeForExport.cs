using System.Diagnostics;
using System.Diagnostics.Metrics;
using OpenTelemetry;
using OpenTelemetry.Logs;

namespace Orchestrator.Engine.Telemetry.Health;

/// <summary>What is handed to the export queues: <see cref="ExportWatch"/> counts the outcomes, and the two must add up.</summary>
internal sealed class MadeForExport(Meter meter) : IDisposable
{
    private readonly Counter<long> _counter = meter.CreateCounter<long>(TelemetryNames.Made, "{item}", "Spans and log records created for the backend.");
    private readonly long[] _made = new long[Enum.GetValues<TelemetrySignal>().Length];

    public void Count(TelemetrySignal signal)
    {
        Interlocked.Increment(ref _made[(int)signal]);
        _counter.Add(1, new KeyValuePair<string, object?>(TelemetryNames.Signal, Core.Words.Of(signal)));
    }

    public long Of(TelemetrySignal signal) => Interlocked.Read(ref _made[(int)signal]);

    public void Dispose() => meter.Dispose();
}

/// <summary>Counts spans that are to be exported.</summary>
internal sealed class MadeSpans(MadeForExport made) : BaseProcessor<Activity>
{
    public override void OnEnd(Activity data)
    {
        if (data.Recorded) made.Count(TelemetrySignal.Traces);
    }
}

/// <summary>Counts log records that are to be exported.</summary>
internal sealed class MadeRecords(MadeForExport made) : BaseProcessor<LogRecord>
{
    public override void OnEnd(LogRecord data) => made.Count(TelemetrySignal.Logs);
}

using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Lifecycle;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Telemetry.Logging;
using Orchestrator.Engine.Telemetry.Otlp;
using Orchestrator.Engine.Telemetry.Tracing;

namespace Orchestrator.Engine.Telemetry.Rebuilding;

/// <summary>
/// Exports the spans and event records of runs from their journal: the same facts by the same code as when they happened, so the same ids. Not again:
/// spans of libraries (HTTP, SQL), which no event tells of, and metrics, which would be counted twice.
/// </summary>
public sealed class TelemetryRebuild : IAsyncDisposable
{
    private const int BetweenFlushes = 4096;   // far below the exporter's queue: nothing is dropped

    private readonly TelemetryPipeline _pipeline;
    private readonly ILoggerFactory _loggers;
    private readonly LoggingSink _logging;
    private readonly LifecycleOptions _options;
    private readonly SpanLinks _urls;
    private bool _handedOver = true;
    private int _sinceFlush;

    private TelemetryRebuild(TelemetryPipeline pipeline, LifecycleOptions options)
    {
        (_pipeline, _options, _urls) = (pipeline, options, new(options.PublicUrl));
        _loggers = LoggerFactory.Create(logging =>
        {
            logging.SetMinimumLevel(LogLevel.Debug);
            if (pipeline.LoggerProvider is { } otlp) logging.AddProvider(otlp);
        });
        _logging = new(_loggers.CreateLogger(TelemetryNames.LogCategory), EventProducer.Unknown, options.Installation);
    }

    /// <summary>The first refusal, in the backend's words; null when nothing was refused.</summary>
    public string? Refusal => _pipeline.Health.FirstTrouble ?? (_handedOver ? null : "it did not accept everything in time");

    /// <summary>Connects to the configured endpoint; null when none is configured for traces or logs.</summary>
    /// <param name="signals">What leaves, as far as it is spans and log records.</param>
    public static TelemetryRebuild? Create(LifecycleOptions options, TelemetryOptions who, OtlpSignals signals, IConfiguration configuration, TimeProvider clock) =>
        TelemetryPipeline.Create(who, signals with { MetricsTo = null }, configuration, clock) is { } pipeline ? new(pipeline, options) : null;

    /// <summary>Exports one run, whether it was sampled or not, as far as it has come.</summary>
    /// <param name="run">The run.</param>
    /// <param name="definition">What it runs.</param>
    /// <param name="events">All its events, from the first.</param>
    public async Task<RebuiltRun> ExportAsync(RunId run, WorkflowDefinition definition, IReadOnlyList<RecordedEvent> events)
    {
        var spans = 0;
        var trail = new RunTrail(new(run, definition, []), events[0], _options.Files?.DirectoryOf(run));
        var trace = trail.Spans.Trace with { Sampled = true };
        foreach (var recorded in events)
        {
            trail.Spans.Next(recorded, Write, _urls);
            _logging.Emit(trail, new(run, definition, [recorded]));
            if (_sinceFlush++ >= BetweenFlushes) await FlushAsync().ConfigureAwait(false);
        }
        await FlushAsync().ConfigureAwait(false);
        return new(run, definition.Name, trace.TraceId, spans, _logging.Active ? events.Count : 0);

        void Write(SpanFacts span)
        {
            if (!SpanWriter.Write(trace, span.With(TelemetryNames.Repeated, true))) return;
            spans++;
            _sinceFlush++;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _pipeline.DisposeAsync().ConfigureAwait(false);
        _loggers.Dispose();
    }

    private async ValueTask FlushAsync()
    {
        _sinceFlush = 0;
        _handedOver &= await _pipeline.FlushAsync().ConfigureAwait(false);
    }
}

/// <summary>What was exported of a run.</summary>
public sealed record RebuiltRun(RunId Run, string Workflow, string TraceId, int Spans, int Records);

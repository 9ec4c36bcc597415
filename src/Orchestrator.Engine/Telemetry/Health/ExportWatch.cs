using System.Diagnostics.Metrics;
using System.Diagnostics.Tracing;
using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace Orchestrator.Engine.Telemetry.Health;

/// <summary>
/// What becomes of each export. The SDK tells it in two places only: a metric of its own says how many spans or log records go into an export (or found
/// the export queue full), an event source says whether the request was answered; both on the thread that exports,
/// one after the other, and that is what joins them.
/// </summary>
internal sealed class ExportWatch : IDisposable
{
    private const string Retry = "OTEL_DOTNET_EXPERIMENTAL_OTLP_RETRY";
    private readonly MeterListener _sdk = new();
    private readonly Meter _meter = TelemetryNames.Meter();
    private readonly ThreadLocal<Export?> _current = new();
    private readonly TelemetryHealth _health;
    private readonly Counter<long> _dropped;
    private readonly Counter<long> _published;
    private readonly string? _retry;
    private readonly Answers _answers;
    private TaskCompletionSource _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ExportWatch(TelemetryHealth health, IConfiguration configuration)
    {
        _health = health;
        _retry = configuration[Retry] is { Length: > 0 } retry ? retry : null;
        _dropped = Dropped(_meter);
        _published = _meter.CreateCounter<long>(TelemetryNames.Published, "{item}", "Spans and log records that the backend has accepted.");
        _sdk.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument is { Meter.Name: "otel.sdk.experimental", Name: "otel.sdk.processor.span.processed" }) listener.EnableMeasurementEvents(instrument, TelemetrySignal.Traces);
            if (instrument is { Meter.Name: "otel.sdk.experimental", Name: "otel.sdk.processor.log.processed" }) listener.EnableMeasurementEvents(instrument, TelemetrySignal.Logs);
        };
        _sdk.SetMeasurementEventCallback<long>((_, count, tags, signal) =>
        {
            foreach (var tag in tags)
                if (tag.Key == TelemetryNames.ErrorType)
                {
                    Drop((TelemetrySignal)signal!, count, "export_queue_full", "the export queue is full: the backend accepts less than is sent");
                    return;
                }
            Started((TelemetrySignal)signal!, count);
        });
        _sdk.Start();
        _answers = new(this);
    }

    /// <summary>The counter that the publisher's own drops go into as well.</summary>
    public static Counter<long> Dropped(Meter meter) =>
        meter.CreateCounter<long>(TelemetryNames.Dropped, "{event}", "Events, spans and log records that telemetry has lost.");

    /// <summary>
    /// Completes when a backend has answered, or refused, everything that was made before the call. The SDK's own flush waits only until its queue is
    /// empty, and looks at that once a second: what was taken out of the queue may still be on its way. Where failed exports are repeated, nothing says
    /// that one was given up, and nothing is waited for.
    /// </summary>
    /// <param name="made">How much was made.</param>
    /// <returns>A task that the caller gives a limit to.</returns>
    public async Task AccountedAsync(MadeForExport made)
    {
        if (_retry is not null) return;
        var (spans, records) = (made.Of(TelemetrySignal.Traces), made.Of(TelemetrySignal.Logs));
        while (true)
        {
            var next = Volatile.Read(ref _answer).Task;
            if (_health.AccountedFor(TelemetrySignal.Traces) >= spans && _health.AccountedFor(TelemetrySignal.Logs) >= records) return;
            await next.ConfigureAwait(false);
        }
    }

    /// <summary>After the last flush: what was made and neither taken nor dropped is lost with this process.</summary>
    /// <param name="made">How much was made.</param>
    /// <param name="waited">How long the backend was waited for.</param>
    /// <param name="metricsDone">Whether the last export of metrics came to an end.</param>
    public void End(MadeForExport made, TimeSpan waited, bool metricsDone)
    {
        _answers.Dispose();   // an answer from now on would be counted twice
        var sentence = string.Create(CultureInfo.InvariantCulture, $"the backend did not answer within {waited.TotalSeconds:0.###} s");
        if (!metricsDone) _health.Lost(TelemetrySignal.Metrics, 0, sentence);
        if (_retry == "disk") return;   // what was refused is in a file
        foreach (var signal in (TelemetrySignal[])[TelemetrySignal.Traces, TelemetrySignal.Logs])
            if (made.Of(signal) - _health.AccountedFor(signal) is > 0 and var waiting) Drop(signal, waiting, "export_failed", sentence);
    }

    public void Dispose()
    {
        _answers.Dispose();
        _sdk.Dispose();
        _meter.Dispose();
        _current.Dispose();
    }

    private void Started(TelemetrySignal signal, long items)
    {
        if (_current.Value is { Items: > 0, Failed: { } reason } given) Drop(given.Signal, given.Items, "export_failed", reason);
        _current.Value = new(signal, items);
    }

    private void Answered(string? failure)
    {
        // Nothing says how many points an export of metrics has, nor that it begins; and a lost one loses nothing: the next has it all.
        var export = _current.Value ?? new(TelemetrySignal.Metrics, 0);
        if (failure is null)
        {
            if (export.Items > 0) _published.Add(export.Items, Signal(export.Signal));
            _health.Taken(export.Signal, export.Items);
        }
        else if (_retry == "disk")
        {
            _health.Lost(export.Signal, 0, failure);   // kept in a file, to be sent later
        }
        else if (_retry is not null && export.Items > 0)
        {
            export.Failed = failure;
            _health.Lost(export.Signal, 0, failure);
            return;   // counted when the next export shows that this one was given up
        }
        else Drop(export.Signal, export.Items, "export_failed", failure);
        export.Items = 0;   // one request may complain more than once
        Interlocked.Exchange(ref _answer, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
    }

    private void Drop(TelemetrySignal signal, long items, string reason, string sentence)
    {
        if (items > 0) _dropped.Add(items, new(TelemetryNames.Reason, reason), Signal(signal));
        _health.Lost(signal, items, sentence);
    }

    private static KeyValuePair<string, object?> Signal(TelemetrySignal signal) => new(TelemetryNames.Signal, Core.Words.Of(signal));

    private sealed class Export(TelemetrySignal signal, long items)
    {
        public TelemetrySignal Signal => signal;
        public long Items { get; set; } = items;
        public string? Failed { get; set; }
    }

    /// <summary>What the exporter says of its requests.</summary>
    private sealed class Answers(ExportWatch owner) : EventListener
    {
        private const int Longest = 200;

        protected override void OnEventSourceCreated(EventSource eventSource)
        {
            if (eventSource.Name == "OpenTelemetry-Exporter-OpenTelemetryProtocol") EnableEvents(eventSource, EventLevel.Informational);
        }

        protected override void OnEventWritten(EventWrittenEventArgs eventData)
        {
            switch (eventData.EventName)
            {
                case "ExportSuccess":
                    owner.Answered(failure: null);
                    break;
                case "FailedToReachCollector" or "TransientHttpError" or "HttpRequestFailed" or "RequestTimedOut" or "OperationUnexpectedlyCanceled" or "ExportFailure"
                    or "ExportMethodException" or "TrySubmitRequestException" or "BatchDroppedDueToSerializationFailure" or "RequestDiscardedDueToSizeLimit":
                    owner.Answered(Sentence(eventData));
                    break;
            }
        }

        // The last argument is the exception; its first line says it all.
        private static string Sentence(EventWrittenEventArgs said)
        {
            var text = said.EventName == "RequestTimedOut" ? "the backend did not answer in time" : said.Payload?[^1] as string ?? said.EventName!;
            var line = text.Split('\n')[0].Trim();
            if (line.IndexOf("Exception: ", StringComparison.Ordinal) is >= 0 and var at) line = line[(at + "Exception: ".Length)..];
            return line.Length > Longest ? line[..Longest] : line;
        }
    }
}

using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Orchestrator.Core.Lifecycle;
using Orchestrator.Engine.Telemetry;
using Orchestrator.Engine.Telemetry.Health;
using Orchestrator.Engine.Telemetry.Otlp;
using Orchestrator.TestKit.Telemetry;
using Xunit;

namespace Orchestrator.Engine.Tests.Telemetry;

/// <summary>Activity sources and meters are process-wide, so these tests run one after the other.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class TelemetryCollection
{
    public const string Name = "telemetry";
}

/// <summary>A publisher, the real exporter behind it, and a backend that takes what it sends.</summary>
internal sealed class TelemetryBench : IAsyncDisposable
{
    public static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);
    private readonly ILoggerFactory _loggers;
    private readonly ILoggerFactory _said;
    private readonly TelemetryPipeline _pipeline;

    private TelemetryBench(OtlpReceiver receiver, LifecycleOptions options, Dictionary<string, string?> settings, TimeSpan patience)
    {
        Receiver = receiver;
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(receiver.Variables.Select(p => KeyValuePair.Create(p.Key, (string?)p.Value)))
            .AddInMemoryCollection(settings).Build();
        _said = LoggerFactory.Create(logging => logging.AddProvider(Records));
        Health = new(TimeProvider.System, _said.CreateLogger<TelemetryHealth>(), settle: TimeSpan.Zero);
        _pipeline = TelemetryPipeline.Create(
            new TelemetryOptions { InstanceId = "node-1", ServiceVersion = "0.1.0", FlushTimeout = patience, Health = Health }, OtlpSignals.From(configuration), configuration, TimeProvider.System)!;
        _loggers = LoggerFactory.Create(logging =>
        {
            logging.SetMinimumLevel(LogLevel.Debug);
            if (_pipeline.LoggerProvider is { } otlp) logging.AddProvider(otlp);
            logging.AddProvider(Records);
        });
        Publisher = new LifecyclePublisher(options, new EventProducer("orchestrator", "node-1", "host-1", "0.1.0"), TimeProvider.System, _loggers, Health);
    }

    public OtlpReceiver Receiver { get; }
    public LifecyclePublisher Publisher { get; }
    public TelemetryHealth Health { get; }
    public RecordedLogs Records { get; } = new();

    public static async Task<TelemetryBench> StartAsync(
        LifecycleOptions? options = null, ReceiverMode mode = ReceiverMode.Ok, Dictionary<string, string?>? settings = null) =>
        // A backend that answers is waited for, however busy the machine is.
        new(await OtlpReceiver.StartAsync(mode), options ?? new LifecycleOptions(), settings ?? [], mode == ReceiverMode.Ok ? Soon : TimeSpan.FromSeconds(2));

    /// <summary>Publishes, flushes, and gives the spans of the run.</summary>
    public async Task<ReceivedSpan[]> SpansAsync(RunScript run, params AppendedBatch[] batches)
    {
        foreach (var batch in batches) Publisher.Publish(batch);
        await FlushAsync();
        return SpansOf(run.Id.Hex);
    }

    public async Task FlushAsync()
    {
        await Publisher.FlushAsync(CancellationToken.None);
        await _pipeline.FlushAsync();
        await Health.Told;
    }

    public ReceivedSpan[] SpansOf(string traceId) => [.. Receiver.Spans.Where(s => s.TraceId == traceId)];

    public async ValueTask<bool> FlushPipelineAsync() => await _pipeline.FlushAsync();

    public async ValueTask DisposeAsync()
    {
        await Publisher.DisposeAsync();
        await _pipeline.DisposeAsync();
        _loggers.Dispose();
        _said.Dispose();
        Health.Dispose();
        await Receiver.DisposeAsync();
    }
}

internal static class SpanReading
{
    public static ReceivedSpan Named(this IEnumerable<ReceivedSpan> spans, string name) => spans.Single(s => s.Name == name);

    /// <summary>Spans whose parent is neither among them nor the caller's.</summary>
    public static string[] Orphans(this IReadOnlyCollection<ReceivedSpan> spans, string? caller = null) =>
        [.. spans.Where(s => s.ParentId.Length > 0 && s.ParentId != caller && spans.All(p => p.SpanId != s.ParentId)).Select(s => s.Name)];
}

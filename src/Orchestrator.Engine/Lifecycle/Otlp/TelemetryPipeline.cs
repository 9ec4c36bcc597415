using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Orchestrator.Engine.Lifecycle.Health;
using Orchestrator.Engine.Lifecycle.Sinks.Tracing;

namespace Orchestrator.Engine.Lifecycle.Otlp;

/// <summary>OTLP export without a host, for verbs that run in process.</summary>
public sealed class TelemetryPipeline : IAsyncDisposable
{
    private readonly ServiceProvider _services;
    private readonly TelemetryProviders _providers;

    private TelemetryPipeline(ServiceProvider services, TelemetryOptions options, TimeProvider clock, ILogger log)
    {
        _services = services;
        Health = options.Health ?? new TelemetryHealth(clock, log);
        _providers = new TelemetryProviders(services, options, Health, clock, log);
        LoggerProvider = services.GetService<ILoggerProvider>();
    }

    /// <summary>Whether what is sent is taken.</summary>
    public TelemetryHealth Health { get; }

    /// <summary>What of the configuration cannot be used, each as a sentence that says what is done instead.</summary>
    public IReadOnlyList<string> Warnings { get; private init; } = [];

    /// <summary>To be added to the logger factory in use; null when logs do not leave.</summary>
    public ILoggerProvider? LoggerProvider { get; }

    /// <summary>
    /// A running pipeline, or null when no endpoint is configured: then nothing was built and nothing is paid for.
    /// Create it before the publisher, so that nothing is missed.
    /// </summary>
    /// <param name="log">Where it says that something could not be delivered; not a logger that ends in this pipeline.</param>
    public static TelemetryPipeline? Create(TelemetryOptions options, IConfiguration configuration, TimeProvider clock, ILogger? log = null)
    {
        log ??= NullLogger.Instance;
        var signals = OtlpSignals.From(configuration);
        foreach (var exporter in signals.Unknown) LifecycleLog.UnknownExporter(log, exporter);
        if (!signals.Any) return null;
        var services = new ServiceCollection();
        services.AddSingleton(configuration);
        services.AddSingleton(signals);
        OtelHostBuilder.Configure(services, signals, options, configuration);
        return new(services.BuildServiceProvider(), options, clock, log)
        {
            Warnings = [.. signals.Unknown.Select(e => $"{e} is not an exporter of this program: use otlp or none, and for metrics also prometheus."),
                .. signals.Traces && RunSampling.Unusable(configuration) is { } problem ? [problem] : Array.Empty<string>()],
        };
    }

    /// <summary>Hands over what has been recorded, within the flush timeout. False when that was not enough; true is no proof of delivery.</summary>
    public ValueTask<bool> FlushAsync() => _providers.FlushAsync();

    /// <summary>The last flush, within the flush timeout. To be called while the instruments still exist: what a disposed meter counted last may be lost.</summary>
    public Task ShutdownAsync() => _providers.ShutdownAsync();

    /// <summary>The last flush, if there was none, and the end.</summary>
    public async ValueTask DisposeAsync()
    {
        await _providers.ShutdownAsync().ConfigureAwait(false);
        _providers.Dispose();
        await _services.DisposeAsync().ConfigureAwait(false);
    }
}

using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Orchestrator.Engine.Telemetry.Health;

namespace Orchestrator.Engine.Telemetry.Otlp;

/// <summary>OTLP export without a host, for verbs that run in process.</summary>
public sealed class TelemetryPipeline : IAsyncDisposable
{
    private readonly ServiceProvider _services;
    private readonly TelemetryLifetime _lifetime;

    private TelemetryPipeline(ServiceProvider services, OtlpSignals signals, TelemetryOptions options, TimeProvider clock, ILogger log)
    {
        _services = services;
        Variables = signals.Variables;
        Health = options.Health ?? new TelemetryHealth(clock, log);
        _lifetime = new(services, signals, options, Health, clock, NullLogger<TelemetryLifetime>.Instance);
        _lifetime.Start();
        LoggerProvider = services.GetService<ILoggerProvider>();
    }

    /// <summary>Whether what is sent is taken.</summary>
    public TelemetryHealth Health { get; }

    /// <summary>The variables that say where telemetry goes.</summary>
    public string Variables { get; }

    /// <summary>To be added to the logger factory in use; null when logs do not leave.</summary>
    public ILoggerProvider? LoggerProvider { get; }

    /// <summary>
    /// A running pipeline, or null when no endpoint is configured: then nothing was built and nothing is paid for.
    /// Create it before the publisher, so that nothing is missed.
    /// </summary>
    /// <param name="signals">What leaves; its warnings are for the caller to say.</param>
    /// <param name="log">Where it says that something could not be delivered; not a logger that ends in this pipeline.</param>
    public static TelemetryPipeline? Create(TelemetryOptions options, OtlpSignals signals, IConfiguration configuration, TimeProvider clock, ILogger? log = null)
    {
        if (!signals.Any) return null;
        var services = new ServiceCollection();
        configuration = signals.Settings.Usable(configuration);
        services.AddSingleton(configuration);
        TelemetryExport.Configure(services, signals, options, configuration, servesHttp: false);
        return new(services.BuildServiceProvider(), signals, options, clock, log ?? NullLogger.Instance);
    }

    /// <summary>Hands over what has been recorded, within the flush timeout. False when that was not enough; true is no proof of delivery.</summary>
    public ValueTask<bool> FlushAsync() => _lifetime.FlushAsync();

    /// <summary>
    /// The last flush, within the flush timeout. To be called while the instruments still exist: what a disposed meter counted last may be lost.
    /// </summary>
    public Task ShutdownAsync() => _lifetime.ShutdownAsync();

    /// <summary>The last flush, if there was none, and the end.</summary>
    public async ValueTask DisposeAsync()
    {
        await _lifetime.ShutdownAsync().ConfigureAwait(false);
        _lifetime.Dispose();
        await _services.DisposeAsync().ConfigureAwait(false);
    }
}

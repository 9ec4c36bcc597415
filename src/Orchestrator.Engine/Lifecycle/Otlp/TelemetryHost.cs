using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orchestrator.Engine.Lifecycle.Health;
using Orchestrator.Engine.Lifecycle.Sinks.Tracing;

namespace Orchestrator.Engine.Lifecycle.Otlp;

/// <summary>Owns the providers in a host: the first to start and the last to stop.</summary>
internal sealed class TelemetryHost(IServiceProvider services, TelemetryOptions options, TelemetryHealth health, TimeProvider clock, ILogger<TelemetryHost> log) : IHostedService, IDisposable
{
    private TelemetryProviders? _providers;

    public Task StartAsync(CancellationToken stop)
    {
        foreach (var exporter in services.GetRequiredService<OtlpSignals>().Unknown) LifecycleLog.UnknownExporter(log, exporter);
        if (services.GetRequiredService<OtlpSignals>().Traces && RunSampling.Unusable(services.GetRequiredService<IConfiguration>()) is { } problem) LifecycleLog.SamplerUnusable(log, problem);
        _providers = new TelemetryProviders(services, options, health, clock, log);
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken stop)
    {
        if (_providers is not null) await _providers.ShutdownAsync().ConfigureAwait(false);
    }

    public void Dispose() => _providers?.Dispose();
}

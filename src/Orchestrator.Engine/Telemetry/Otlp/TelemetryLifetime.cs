using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using Orchestrator.Engine.Telemetry.Health;

namespace Orchestrator.Engine.Telemetry.Otlp;

/// <summary>
/// What the SDK's host leaves to do: to watch exports from their first on, and to end them within bounds, because a collector that is away must not hold
/// up an exit. In a host the first to start and the last to stop.
/// </summary>
internal sealed class TelemetryLifetime(IServiceProvider services, OtlpSignals signals, TelemetryOptions options, TelemetryHealth health, TimeProvider clock, ILogger<TelemetryLifetime> log) : IHostedService, IDisposable
{
    private static readonly TimeSpan Slack = TimeSpan.FromMilliseconds(200);
    private readonly Lock _gate = new();
    private ExportWatch? _watch;
    private Task? _shutdown;
    private TracerProvider? _traces;
    private MeterProvider? _metrics;
    private LoggerProvider? _logs;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var warning in signals.Warnings) LifecycleLog.VariableUnusable(log, warning);
        Start();
        return Task.CompletedTask;
    }

    /// <summary>Starts the providers, by resolving them; the watch before them, so that it misses nothing.</summary>
    public void Start()
    {
        if (!signals.Any) return;
        _watch = new(health, services.GetRequiredService<IConfiguration>());
        (_traces, _metrics, _logs) = (services.GetService<TracerProvider>(), services.GetService<MeterProvider>(), services.GetService<LoggerProvider>());
        _ = services.GetRequiredService<OtlpConnections>();   // disposed by its container
    }

    public Task StopAsync(CancellationToken cancellationToken) => ShutdownAsync();

    /// <summary>False when something was not answered in time. True is no proof of delivery: what was refused is in the health's account.</summary>
    public async ValueTask<bool> FlushAsync()
    {
        var began = clock.GetTimestamp();
        var (all, _) = await WithinAsync(ms => _traces?.ForceFlush(ms) ?? true, ms => _logs?.ForceFlush(ms) ?? true, ms => _metrics?.ForceFlush(ms) ?? true).ConfigureAwait(false);
        if (!all || _watch is null) return all;
        try
        {
            var left = options.FlushTimeout - clock.GetElapsedTime(began);
            await _watch.AccountedAsync(services.GetRequiredService<MadeForExport>()).WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, clock).ConfigureAwait(false);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    /// <summary>The last flush, once however often it is called; afterwards disposing the providers takes no time.</summary>
    public Task ShutdownAsync()
    {
        lock (_gate) return _shutdown ??= ShutdownOnceAsync();
    }

    public void Dispose() => _watch?.Dispose();

    private async Task ShutdownOnceAsync()
    {
        var (done, metrics) = await WithinAsync(
            ms => _traces?.Shutdown(ms) ?? true, ms => _logs?.Shutdown(ms) ?? true, ms => _metrics?.Shutdown(ms) ?? true).ConfigureAwait(false);
        if (_watch is null) return;
        _watch.End(services.GetRequiredService<MadeForExport>(), options.FlushTimeout, metricsDone: metrics);
        if (!done) LifecycleLog.FlushTimedOut(log, options.FlushTimeout.TotalSeconds, signals.Variables);
    }

    private async ValueTask<(bool All, bool Metrics)> WithinAsync(Func<int, bool> traces, Func<int, bool> logs, Func<int, bool> metrics)
    {
        // The SDK blocks the calling thread, and not always only as long as it was told.
        var steps = Array.ConvertAll((Func<int, bool>[])[traces, logs, metrics], step => Task.Run(() => step((int)options.FlushTimeout.TotalMilliseconds)));
        try
        {
            var done = await Task.WhenAll(steps).WaitAsync(options.FlushTimeout + Slack, clock).ConfigureAwait(false);
            return (Array.TrueForAll(done, ok => ok), done[2]);
        }
        catch (TimeoutException)
        {
            return (false, steps[2].IsCompletedSuccessfully && await steps[2].ConfigureAwait(false));
        }
    }
}

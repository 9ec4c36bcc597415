using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using Orchestrator.Engine.Lifecycle.Health;

namespace Orchestrator.Engine.Lifecycle.Otlp;

/// <summary>The SDK's providers, and their end within bounds: a collector that is away must not hold up an exit.</summary>
internal sealed class TelemetryProviders(IServiceProvider services, TelemetryOptions options, TelemetryHealth health, TimeProvider clock, ILogger log) : IDisposable
{
    // Before the providers: it must not miss what they do first.
    private readonly ExportWatch? _watch = services.GetRequiredService<OtlpSignals>().Any ? new(health, services.GetRequiredService<IConfiguration>()) : null;
    private readonly Lock _gate = new();
    private Task? _shutdown;

    // Resolving them is what starts them.
    private readonly TracerProvider? _traces = services.GetService<TracerProvider>();
    private readonly MeterProvider? _metrics = services.GetService<MeterProvider>();
    private readonly LoggerProvider? _logs = services.GetService<LoggerProvider>();

    /// <summary>False when something was not handed over in time. True is no proof of delivery.</summary>
    public ValueTask<bool> FlushAsync() => WithinAsync(
        ms => _traces?.ForceFlush(ms) ?? true, ms => _logs?.ForceFlush(ms) ?? true, ms => _metrics?.ForceFlush(ms) ?? true);

    /// <summary>The last flush, once however often it is called; afterwards disposing the providers takes no time.</summary>
    public Task ShutdownAsync()
    {
        lock (_gate) return _shutdown ??= ShutdownOnceAsync();
    }

    private async Task ShutdownOnceAsync()
    {
        var done = await WithinAsync(
            ms => _traces?.Shutdown(ms) ?? true, ms => _logs?.Shutdown(ms) ?? true, ms => _metrics?.Shutdown(ms) ?? true).ConfigureAwait(false);
        if (!done) LifecycleLog.FlushTimedOut(log, options.FlushTimeout.TotalSeconds);
    }

    public void Dispose() => _watch?.Dispose();

    private async ValueTask<bool> WithinAsync(params Func<int, bool>[] steps)
    {
        // The SDK blocks the calling thread, and not always only as long as it was told.
        var all = Task.WhenAll(steps.Select(step => Task.Run(() => step((int)options.FlushTimeout.TotalMilliseconds))));
        try
        {
            var done = await all.WaitAsync(options.FlushTimeout + TimeSpan.FromMilliseconds(200), clock).ConfigureAwait(false);
            return Array.TrueForAll(done, ok => ok);
        }
        catch (TimeoutException)
        {
            return false;
        }
    }
}

using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orchestrator.Engine.Telemetry.Health;

namespace Orchestrator.Engine.Telemetry.Otlp;

/// <summary>Adds OTLP export to a host.</summary>
public static class TelemetryRegistration
{
    /// <summary>
    /// Exports traces, metrics and logs by OTLP if the configuration (which includes the environment) names an
    /// endpoint; otherwise adds nothing. Safe to call twice; the first call counts.
    /// </summary>
    public static IServiceCollection AddOrchestratorTelemetry(this IServiceCollection services, IConfiguration configuration, TelemetryOptions? options = null)
    {
        if (services.Any(s => s.ServiceType == typeof(OtlpSignals))) return services;
        var signals = OtlpSignals.From(configuration);
        services.AddSingleton(signals);
        services.AddSingleton(options ??= new TelemetryOptions());
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(provider => new TelemetryHealth(provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<TelemetryHealth>>()) { IsRecorded = options.RecordsChanges });
        if (signals.Any) TelemetryExport.Configure(services, signals, options, signals.Settings.Usable(configuration), servesHttp: true);
        // First in the list, before the SDK's own: it watches from the first export on, and ends after everything that may leave telemetry.
        services.Insert(0, ServiceDescriptor.Singleton<IHostedService, TelemetryLifetime>());
        return services;
    }
}

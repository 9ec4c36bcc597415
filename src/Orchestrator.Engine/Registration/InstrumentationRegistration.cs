using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using Orchestrator.Engine.Telemetry;
using Orchestrator.Engine.Telemetry.Otlp;

namespace Orchestrator.Engine.Registration;

/// <summary>Adds the orchestrator's spans and metrics to a host's own OpenTelemetry set-up.</summary>
public static class InstrumentationRegistration
{
    /// <summary>The spans of runs, stages, tasks and attempts. Whether they are kept is the host's sampler's decision.</summary>
    public static TracerProviderBuilder AddOrchestratorInstrumentation(this TracerProviderBuilder tracing)
    {
        ArgumentNullException.ThrowIfNull(tracing);
        return tracing.AddSource(TelemetryNames.Source);
    }

    /// <summary>The metrics of runs, tasks, schedules and deliveries, with the limits on series that they are made for.</summary>
    public static MeterProviderBuilder AddOrchestratorInstrumentation(this MeterProviderBuilder metrics)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        return metrics.AddOwnMeters();
    }
}

using System.Diagnostics.Metrics;
using OpenTelemetry.Metrics;

namespace Orchestrator.Engine.Lifecycle.Otlp;

/// <summary>Which meters leave this process, pushed or scraped.</summary>
internal static class OrchestratorMeters
{
    // A task's series are as many as its ways to end; names are bounded before they come here.
    private const int TaskSeries = 12_000;

    public static MeterProviderBuilder AddOrchestratorMeters(this MeterProviderBuilder metrics) => metrics
        .AddMeter(TelemetryNames.Source, "System.Runtime", "System.Net.Http", "System.Net.NameResolution",
            "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "Microsoft.AspNetCore.Routing",
            "Npgsql", "Quartz", "otel.sdk.experimental")
        .AddView(static instrument => IsOfTasks(instrument) ? new MetricStreamConfiguration { CardinalityLimit = TaskSeries } : null)
        .SetExemplarFilter(ExemplarFilterType.TraceBased);

    private static bool IsOfTasks(Instrument instrument) =>
        instrument.Name is TelemetryNames.TaskDuration or TelemetryNames.AttemptDuration or TelemetryNames.TaskRetries;
}

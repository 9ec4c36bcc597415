using System.Diagnostics.Metrics;
using Npgsql;
using OpenTelemetry.Metrics;

namespace Orchestrator.Engine.Telemetry.Otlp;

/// <summary>Which meters leave this process, pushed or scraped.</summary>
internal static class OrchestratorMeters
{
    // A task's series are as many as its ways to end; names are bounded before they come here.
    private const int TaskSeries = 12_000;

    // Not the trigger's name: every due time has a trigger of its own, and would have series of its own.
    private static readonly string[] QuartzTags =
        ["quartz.scheduler.name", "quartz.job.group", "quartz.job.name", "quartz.job.result", "quartz.trigger.group", "quartz.jobstore.operation", "quartz.jobstore.lock", "error.type"];

    public static MeterProviderBuilder AddOrchestratorMeters(this MeterProviderBuilder metrics) => metrics.AddOwnMeters()
        .AddMeter("Quartz", "otel.sdk.experimental")
        .AddRuntimeInstrumentation().AddHttpClientInstrumentation().AddAspNetCoreInstrumentation().AddNpgsqlInstrumentation()
        .AddView(static instrument => instrument.Meter.Name == "Quartz" ? new MetricStreamConfiguration { TagKeys = QuartzTags } : null)
        .SetExemplarFilter(ExemplarFilterType.TraceBased);

    /// <summary>The meter of this program alone.</summary>
    public static MeterProviderBuilder AddOwnMeters(this MeterProviderBuilder metrics) => metrics.AddMeter(TelemetryNames.Source)
        .AddView(static instrument => IsOfTasks(instrument) ? new MetricStreamConfiguration { CardinalityLimit = TaskSeries } : null);

    private static bool IsOfTasks(Instrument instrument) =>
        instrument.Name is TelemetryNames.TaskDuration or TelemetryNames.AttemptDuration or TelemetryNames.TaskRetries;
}

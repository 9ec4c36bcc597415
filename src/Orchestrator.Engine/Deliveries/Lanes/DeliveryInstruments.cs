using System.Diagnostics.Metrics;
using Orchestrator.Engine.Telemetry;

namespace Orchestrator.Engine.Deliveries.Lanes;

/// <summary>The counter of deliveries. One instrument for the process: sinks are few, and their names come from configuration.</summary>
internal static class DeliveryInstruments
{
    private static readonly Counter<long> Deliveries = TelemetryNames.Meter().CreateCounter<long>(TelemetryNames.WebhookDeliveries, "{delivery}", "Attempts to deliver an event, by outcome: delivered, failed (another follows) or dead.");

    public static void Count(string sink, string outcome) => Deliveries.Add(1, new KeyValuePair<string, object?>(TelemetryNames.SinkName, Label(sink)), new(TelemetryNames.DeliveryOutcome, outcome));

    /// <summary>A sink's name on metrics: callbacks are as many as definitions name.</summary>
    public static string Label(string sink) => sink.StartsWith("callback.", StringComparison.Ordinal) ? "callback" : sink;
}

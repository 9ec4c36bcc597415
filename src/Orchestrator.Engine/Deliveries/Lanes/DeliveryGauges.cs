using System.Diagnostics.Metrics;
using Orchestrator.Engine.Deliveries.DeadLetters;
using Orchestrator.Engine.Telemetry;

namespace Orchestrator.Engine.Deliveries.Lanes;

/// <summary>The accounts of delivering sinks as metrics, including letters that any process sent again or discarded.</summary>
internal sealed class DeliveryGauges
{
    public DeliveryGauges(Meter meter)
    {
        meter.CreateObservableUpDownCounter(TelemetryNames.DeliveredEvents, Events, "{event}", "Events that delivering sinks wanted, by outcome: delivered, dead (a dead letter waits) or dropped.");
        meter.CreateObservableGauge(TelemetryNames.DeliveryBehind, Behind, "{event}", "Events that a delivering sink has not processed yet.");
    }

    public Func<IEnumerable<(string Sink, LaneState State, DeadLetterAccount Gone)>> Accounts { get; init; } = static () => [];

    public Func<long> End { get; init; } = static () => 0;

    private IEnumerable<Measurement<long>> Events()
    {
        foreach (var sink in Accounts().GroupBy(a => DeliveryInstruments.Label(a.Sink)))
        {
            var name = new KeyValuePair<string, object?>(TelemetryNames.SinkName, sink.Key);
            var accounts = sink.Select(a => SinkAccount.Of(a.State, a.Gone, a.State.GivenUp - a.Gone.Gone)).ToList();
            yield return new(accounts.Sum(a => a.Delivered), name, Outcome("delivered"));
            yield return new(accounts.Sum(a => a.Dead), name, Outcome("dead"));
            yield return new(accounts.Sum(a => a.Dropped), name, Outcome("dropped"));
        }
    }

    private IEnumerable<Measurement<long>> Behind()
    {
        var end = End();
        return Accounts().GroupBy(a => DeliveryInstruments.Label(a.Sink)).Select(sink => new Measurement<long>(sink.Max(a => Math.Max(0, end - a.State.Position)), new KeyValuePair<string, object?>(TelemetryNames.SinkName, sink.Key)));
    }

    private static KeyValuePair<string, object?> Outcome(string word) => new(TelemetryNames.DeliveryOutcome, word);
}

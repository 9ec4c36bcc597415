using System.Diagnostics;
using Orchestrator.Core.Definitions;

namespace Orchestrator.Engine.Executors.Http;

/// <summary>Gives a request as much of the trace context as its task passes on.</summary>
internal sealed class TaskPropagator : DistributedContextPropagator
{
    /// <summary>Where a request says what its task passes on.</summary>
    public static readonly HttpRequestOptionsKey<TracePropagation> Choice = new("orchestrator.propagate");

    private const string Baggage = "baggage";
    private readonly DistributedContextPropagator _w3c = CreateW3CPropagator();

    public override IReadOnlyCollection<string> Fields => _w3c.Fields;

    public override void Inject(Activity? activity, object? carrier, PropagatorSetterCallback? setter)
    {
        var choice = carrier is HttpRequestMessage request && request.Options.TryGetValue(Choice, out var asked) ? asked : default;
        if (choice == TracePropagation.None) return;
        _w3c.Inject(activity, carrier, choice == TracePropagation.Context && setter is not null ? WithoutBaggage : setter);

        void WithoutBaggage(object? to, string name, string value)
        {
            if (name != Baggage) setter!(to, name, value);
        }
    }

    public override void ExtractTraceIdAndState(object? carrier, PropagatorGetterCallback? getter, out string? traceId, out string? traceState) =>
        _w3c.ExtractTraceIdAndState(carrier, getter, out traceId, out traceState);

    public override IEnumerable<KeyValuePair<string, string?>>? ExtractBaggage(object? carrier, PropagatorGetterCallback? getter) => _w3c.ExtractBaggage(carrier, getter);
}

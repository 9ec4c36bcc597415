using System.Diagnostics.Metrics;
using System.Reflection;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Configuration;

namespace Orchestrator.Architecture.Tests.Kit.Telemetry;

/// <summary>What the program can measure and name, asked of the program itself.</summary>
internal static class ProductInstruments
{
    /// <summary>The instruments of our meter as a listener sees them.</summary>
    public static IReadOnlyList<Instrument> All { get; } = Find();

    /// <summary>Every constant of TelemetryNames: its identifier and the name that leaves the program.</summary>
    public static IReadOnlyList<(string Constant, string Name)> Names { get; } =
        [.. ProductAssemblies.Engine.GetType("Orchestrator.Engine.Telemetry.TelemetryNames", throwOnError: true)!
            .GetFields(BindingFlags.Public | BindingFlags.Static).Where(f => f.IsLiteral).Select(f => (f.Name, (string)f.GetRawConstantValue()!))];

    /// <summary>The name after Prometheus has translated it: dots, the unit's word, and _total for what only grows.</summary>
    public static string PrometheusName(Instrument instrument)
    {
        var name = instrument.Name.Replace('.', '_');
        var unit = instrument.Unit switch { "s" => "_seconds", "By" => "_bytes", "1" => "_ratio", _ => "" };
        if (!name.EndsWith(unit, StringComparison.Ordinal)) name += unit;
        return KindOf(instrument) == "counter" ? name + "_total" : name;
    }

    public static string KindOf(Instrument instrument) => instrument.GetType().Name switch
    {
        "Histogram`1" => "histogram",
        "Counter`1" or "ObservableCounter`1" => "counter",
        "UpDownCounter`1" or "ObservableUpDownCounter`1" => "up-down counter",
        _ => "gauge",
    };

    private static List<Instrument> Find()
    {
        var found = new List<Instrument>();
        using var listener = new MeterListener { InstrumentPublished = (instrument, _) => found.Add(instrument) };
        listener.Start();
        using var recorder = (IDisposable)Activator.CreateInstance(Type("Telemetry.Metrics.RunMetrics"), TimeProvider.System, () => false)!;
        using var exports = (IDisposable)Activator.CreateInstance(Type("Telemetry.Health.ExportWatch"), null, new ConfigurationBuilder().Build())!;
        RuntimeHelpers.RunClassConstructor(Type("Deliveries.Lanes.DeliveryInstruments").TypeHandle);   // made with the first delivery
        // Groups of instruments that others hang on a meter of theirs.
        using var meter = new Meter("Orchestrator");
        foreach (var group in ProductAssemblies.Engine.GetTypes().Where(t => t.GetConstructors().Any(c => c.GetParameters() is [{ ParameterType: var only }] && only == typeof(Meter))))
            Activator.CreateInstance(group, meter);
        return [.. found.Where(i => i.Meter.Name == "Orchestrator").DistinctBy(i => i.Name).OrderBy(i => i.Name, StringComparer.Ordinal)];
    }

    private static Type Type(string name) => ProductAssemblies.Engine.GetType($"Orchestrator.Engine.{name}", throwOnError: true)!;
}

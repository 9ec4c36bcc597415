using System.Diagnostics.Metrics;
using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Orchestrator.Architecture.Tests.Kit;

/// <summary>A panel that asks for a metric nobody records is empty for ever, and nobody notices.</summary>
public sealed partial class DashboardTests
{
    private const string File = "deploy/compose/grafana/dashboards/overview.json";
    private static readonly JsonElement Dashboard = JsonDocument.Parse(Repository.Read(File)).RootElement;
    private static readonly IReadOnlyList<JsonElement> Panels =
        [.. Dashboard.GetProperty("panels").EnumerateArray().Where(p => p.GetProperty("type").GetString() != "row")];
    private static readonly IReadOnlyList<string> Expressions =
        [.. Panels.SelectMany(p => p.GetProperty("targets").EnumerateArray()).Select(t => t.GetProperty("expr").GetString()!)];

    [Fact]
    public void Every_metric_is_one_the_program_records()
    {
        var recorded = RecordedSeries();
        Expressions.SelectMany(e => MetricNames().Matches(Texts().Replace(e, "\"\"")).Select(m => m.Value)).Distinct()
            .Where(name => !recorded.Contains(name) && !LabelNames().Contains(name))
            .ShouldBeEmpty();
    }

    [Fact]
    public void Every_metric_the_program_records_is_on_the_dashboard()
    {
        var shown = string.Join('\n', Expressions);
        ProductInstruments().Select(PrometheusName)
            .Where(name => !shown.Contains(name, StringComparison.Ordinal))
            .ShouldBeEmpty();
    }

    [Fact]
    public void Every_label_is_an_attribute_the_program_knows()
    {
        var known = LabelNames();
        Expressions.SelectMany(e => Matchers().Matches(e).Select(m => m.Groups[1].Value)
                .Concat(Groupings().Matches(e).SelectMany(m => m.Groups[1].Value.Split(',', StringSplitOptions.TrimEntries))))
            .Distinct().Where(label => !known.Contains(label))
            .ShouldBeEmpty();
    }

    [Fact]
    public void Every_panel_uses_a_provisioned_data_source()
    {
        var uids = YamlTree.Load("deploy/compose/grafana/provisioning/datasources/datasources.yaml")["datasources"].Items.Select(s => s["uid"].Text).ToList();
        Panels.SelectMany(p => p.GetProperty("targets").EnumerateArray().Select(t => t.GetProperty("datasource")).Append(p.GetProperty("datasource")))
            .Select(source => source.GetProperty("uid").GetString()!)
            .Where(uid => !uids.Contains(uid))
            .ShouldBeEmpty();
    }

    [Fact]
    public void Every_panel_has_an_id_of_its_own_a_title_and_says_what_it_shows()
    {
        Panels.Select(p => p.GetProperty("id").GetInt32()).ShouldBeUnique();
        Panels.Select(p => p.GetProperty("title").GetString()).ShouldBeUnique();
        Panels.Where(p => p.GetProperty("description").GetString() is not { Length: > 0 }).ShouldBeEmpty();
    }

    [Fact]
    public void Brackets_of_every_expression_close()
    {
        foreach (var e in Expressions)
            foreach (var (open, close) in new[] { ('(', ')'), ('{', '}'), ('[', ']') })
                e.Count(c => c == open).ShouldBe(e.Count(c => c == close), e);
    }

    /// <summary>The instruments of the program as a listener sees them: name, unit and kind.</summary>
    private static List<Instrument> ProductInstruments()
    {
        var found = new List<Instrument>();
        using var listener = new MeterListener { InstrumentPublished = (instrument, _) => found.Add(instrument) };
        listener.Start();
        var metrics = ProductAssemblies.Engine.GetType("Orchestrator.Engine.Lifecycle.Sinks.Metrics.RunMetrics", throwOnError: true)!;
        using var recorder = (IDisposable)Activator.CreateInstance(metrics, TimeProvider.System, () => false)!;
        return [.. found.Where(i => i.Meter.Name == "Orchestrator").DistinctBy(i => i.Name)];
    }

    /// <summary>The name after Prometheus has translated it: dots, the unit's word, and _total for what only grows.</summary>
    private static string PrometheusName(Instrument instrument)
    {
        var name = instrument.Name.Replace('.', '_');
        if (instrument.Unit == "s") name += "_seconds";
        return instrument.GetType().Name is "Counter`1" or "ObservableCounter`1" ? name + "_total" : name;
    }

    private static HashSet<string> RecordedSeries() => [.. ProductInstruments().SelectMany(i => i.GetType().Name == "Histogram`1"
        ? [PrometheusName(i) + "_bucket", PrometheusName(i) + "_sum", PrometheusName(i) + "_count"]
        : new[] { PrometheusName(i) })];

    private static HashSet<string> LabelNames() =>
    [
        "le", "service_instance_id",
        .. ProductAssemblies.Engine.GetType("Orchestrator.Engine.Lifecycle.TelemetryNames", throwOnError: true)!
            .GetFields(BindingFlags.Public | BindingFlags.Static).Where(f => f.IsLiteral)
            .Select(f => ((string)f.GetRawConstantValue()!).Replace('.', '_')),
    ];

    [GeneratedRegex(@"\b(cicd|orchestrator)_[a-z_]+\b")]
    private static partial Regex MetricNames();

    [GeneratedRegex("\"[^\"]*\"")]
    private static partial Regex Texts();

    [GeneratedRegex(@"[{,]\s*([a-z_]+)\s*(?:=~|!~|!=|=)")]
    private static partial Regex Matchers();

    [GeneratedRegex(@"\bby \(([^)]*)\)")]
    private static partial Regex Groupings();
}

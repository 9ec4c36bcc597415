using System.Text.Json;
using System.Text.RegularExpressions;
using Orchestrator.Architecture.Tests.Kit.Telemetry;

namespace Orchestrator.Architecture.Tests.Kit;

/// <summary>A panel that asks for a metric nobody records is empty for ever, and nobody notices.</summary>
public sealed partial class DashboardTests
{
    private const string Folder = "deploy/compose/grafana/dashboards";

    // Labels that are not ours: Prometheus', the runtime's, the web server's, the collector's.
    private static readonly string[] Foreign =
        ["le", "metric", "instance", "job", "__name__", "alertname", "alertstate", "otel_metric_overflow", "cpu_mode", "http_response_status_code", "http_route", "exporter"];

    private static readonly IReadOnlyList<(string File, JsonElement Root)> Dashboards =
        [.. Repository.Files(Folder, "*.json").Select(file => (Path.GetFileNameWithoutExtension(file), JsonDocument.Parse(Repository.Read(file)).RootElement))];
    private static readonly IReadOnlyList<(string File, JsonElement Panel)> Panels =
        [.. Dashboards.SelectMany(d => d.Root.GetProperty("panels").EnumerateArray().Where(p => p.GetProperty("type").GetString() != "row").Select(p => (d.File, p)))];
    private static readonly IReadOnlyList<string> Expressions =
        [.. Panels.SelectMany(p => p.Panel.GetProperty("targets").EnumerateArray()).Where(t => t.TryGetProperty("expr", out _)).Select(t => t.GetProperty("expr").GetString()!)];
    private static readonly IReadOnlyList<string> RuleExpressions =
        [.. YamlTree.Load("deploy/compose/rules/orchestrator.yaml")["groups"].Items.SelectMany(g => g["rules"].Items).Select(r => r["expr"].Text)];

    [Fact]
    public async Task The_dashboards_are_what_their_source_says() =>
        (await Tool.TryAsync("node", "deploy/compose/grafana/source/generate.mjs", "--check")).ShouldBe((0, ""), "node deploy/compose/grafana/source/generate.mjs writes them");

    [Fact]
    public void There_is_one_for_each_question() => Dashboards.Select(d => d.File).ShouldBe(["overview", "tasks", "telemetry", "workers", "workflow"]);

    [Fact]
    public void Every_metric_is_one_the_program_records()
    {
        var recorded = RecordedSeries();
        Expressions.Concat(RuleExpressions).SelectMany(e => MetricNames().Matches(Texts().Replace(e, "\"\"")).Select(m => m.Value)).Distinct()
            .Where(name => !recorded.Contains(name) && !LabelNames().Contains(name))
            .ShouldBeEmpty();
    }

    [Fact]
    public void Every_metric_the_program_records_is_on_a_dashboard()
    {
        var shown = string.Join('\n', Expressions);
        ProductInstruments.All.Select(ProductInstruments.PrometheusName)
            .Where(name => !shown.Contains(name, StringComparison.Ordinal))
            .ShouldBeEmpty();
    }

    [Fact]
    public void Every_label_is_an_attribute_the_program_knows()
    {
        var known = LabelNames();
        Expressions.Concat(RuleExpressions).SelectMany(e => Matchers().Matches(e).Select(m => m.Groups[1].Value)
                .Concat(Groupings().Matches(e).SelectMany(m => m.Groups[1].Value.Split(',', StringSplitOptions.TrimEntries))))
            .Distinct().Where(label => !known.Contains(label))
            .ShouldBeEmpty();
    }

    [Fact]
    public void Every_panel_uses_a_provisioned_data_source()
    {
        var uids = YamlTree.Load("deploy/compose/grafana/provisioning/datasources/datasources.yaml")["datasources"].Items.Select(s => s["uid"].Text).ToList();
        Panels.SelectMany(p => p.Panel.GetProperty("targets").EnumerateArray().Select(t => t.GetProperty("datasource")).Append(p.Panel.GetProperty("datasource")))
            .Concat(Dashboards.SelectMany(d => d.Root.GetProperty("templating").GetProperty("list").EnumerateArray()).Select(v => v.GetProperty("datasource")))
            .Select(source => source.GetProperty("uid").GetString()!)
            .Where(uid => !uids.Contains(uid))
            .ShouldBeEmpty();
    }

    [Fact]
    public void Every_panel_has_an_id_and_a_title_of_its_own_and_says_what_it_shows_in_which_unit()
    {
        foreach (var (file, root) in Dashboards)
        {
            root.GetProperty("uid").GetString().ShouldBe($"orchestrator-{file}");
            root.GetProperty("panels").EnumerateArray().Select(p => p.GetProperty("id").GetInt32()).ShouldBeUnique();
            Panels.Where(p => p.File == file).Select(p => p.Panel.GetProperty("title").GetString()).ShouldBeUnique();
        }
        Panels.Where(p => p.Panel.GetProperty("description").GetString() is not { Length: > 10 }).ShouldBeEmpty();
        Panels.Where(p => p.Panel.GetProperty("type").GetString() is "stat" or "timeseries" && !p.Panel.GetProperty("fieldConfig").GetProperty("defaults").TryGetProperty("unit", out _)).ShouldBeEmpty();
    }

    [Fact]
    public void No_panel_lies_on_another_or_beyond_the_edge()
    {
        foreach (var (file, root) in Dashboards)
        {
            var cells = new HashSet<(int, int)>();
            foreach (var at in root.GetProperty("panels").EnumerateArray().Select(p => p.GetProperty("gridPos")))
                for (var x = at.GetProperty("x").GetInt32(); x < at.GetProperty("x").GetInt32() + at.GetProperty("w").GetInt32(); x++)
                    for (var y = at.GetProperty("y").GetInt32(); y < at.GetProperty("y").GetInt32() + at.GetProperty("h").GetInt32(); y++)
                        (x < 24 && cells.Add((x, y))).ShouldBeTrue($"{file} at {x}, {y}");
        }
    }

    [Fact]
    public void Links_lead_to_dashboards_and_variables_that_exist()
    {
        foreach (var (file, root) in Dashboards)
        {
            foreach (Match link in Links().Matches(root.GetRawText()))
            {
                var target = Dashboards.Where(d => d.File == link.Groups[1].Value).ShouldHaveSingleItem($"{file}: {link.Value}").Root;
                Variables(target).ShouldContain(link.Groups[2].Value, $"{file}: {link.Value}");
            }
            var used = UsedVariables().Matches(string.Join('\n', Panels.Where(p => p.File == file).SelectMany(p => p.Panel.GetProperty("targets").EnumerateArray()).Select(t => t.GetRawText()))).Select(m => m.Groups[1].Value);
            used.Distinct().Where(v => !v.StartsWith("__", StringComparison.Ordinal)).ShouldBeSubsetOf(Variables(root));
            root.GetProperty("links").EnumerateArray().ShouldContain(l => l.GetProperty("type").GetString() == "dashboards", "the others are one click away");
            root.GetProperty("links").EnumerateArray().ShouldContain(l => l.GetProperty("type").GetString() == "link" && l.GetProperty("url").GetString()!.Contains("\"jaeger\"", StringComparison.Ordinal));
        }
        Repository.Read($"{Folder}/overview.json").ShouldContain("/d/orchestrator-workflow");
    }

    [Fact]
    public void Durations_lead_to_traces_where_single_runs_are_shown()
    {
        foreach (var file in (string[])["overview", "workflow", "tasks"])
            Panels.Where(p => p.File == file).SelectMany(p => p.Panel.GetProperty("targets").EnumerateArray())
                .Where(t => t.TryGetProperty("exemplar", out _)).ShouldNotBeEmpty(file);
        Panels.ShouldContain(p => p.File == "workflow" && p.Panel.GetProperty("type").GetString() == "heatmap");
        var service = YamlTree.Load("docker-compose.yml")["services"]["orchestrator"]["environment"]["OTEL_SERVICE_NAME"].Text;
        Panels.SelectMany(p => p.Panel.GetProperty("targets").EnumerateArray()).Where(t => t.TryGetProperty("service", out _))
            .Select(t => t.GetProperty("service").GetString()).Distinct().ShouldBe([service]);
    }

    [Fact]
    public void Brackets_of_every_expression_close()
    {
        foreach (var e in Expressions)
            foreach (var (open, close) in new[] { ('(', ')'), ('{', '}'), ('[', ']') })
                e.Count(c => c == open).ShouldBe(e.Count(c => c == close), e);
    }

    private static IEnumerable<string> Variables(JsonElement dashboard) =>
        dashboard.GetProperty("templating").GetProperty("list").EnumerateArray().Select(v => v.GetProperty("name").GetString()!);

    private static HashSet<string> RecordedSeries() => [.. ProductInstruments.All.SelectMany(i => i.GetType().Name == "Histogram`1"
        ? [ProductInstruments.PrometheusName(i) + "_bucket", ProductInstruments.PrometheusName(i) + "_sum", ProductInstruments.PrometheusName(i) + "_count"]
        : new[] { ProductInstruments.PrometheusName(i) })];

    private static HashSet<string> LabelNames() =>
    [
        .. Foreign,
        .. ProductInstruments.Names.Select(n => n.Name.Replace('.', '_')),
    ];

    [GeneratedRegex(@"\b(cicd|orchestrator)_[a-z_]+\b")]
    private static partial Regex MetricNames();

    [GeneratedRegex("\"[^\"]*\"")]
    private static partial Regex Texts();

    [GeneratedRegex(@"[{,]\s*([a-z_]+)\s*(?:=~|!~|!=|=)")]
    private static partial Regex Matchers();

    [GeneratedRegex(@"\bby \(([^)]*)\)")]
    private static partial Regex Groupings();

    [GeneratedRegex(@"/d/orchestrator-([a-z]+)\?var-([a-z]+)=")]
    private static partial Regex Links();

    [GeneratedRegex(@"\$(?:\{)?([a-z_]+)")]
    private static partial Regex UsedVariables();
}

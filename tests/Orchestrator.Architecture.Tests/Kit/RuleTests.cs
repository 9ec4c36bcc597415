using System.Text.RegularExpressions;

namespace Orchestrator.Architecture.Tests.Kit;

/// <summary>Alert rules, judged by Prometheus' own tool (version 2.42: nothing newer may be used).</summary>
public sealed partial class RuleTests
{
    private const string Rules = "deploy/compose/rules/orchestrator.yaml";
    private const string Tests = "deploy/compose/rules/orchestrator.test.yaml";
    private static readonly IReadOnlyList<YamlTree> Alerts =
        [.. YamlTree.Load(Rules)["groups"].Items.SelectMany(g => g["rules"].Items).Where(r => r["alert"].Exists)];

    [Fact]
    public async Task The_rules_are_valid() => (await Tool.RunAsync("promtool", "check", "rules", "--lint-fatal", Repository.At(Rules))).ShouldContain("SUCCESS");

    [Fact]
    public async Task Every_alert_does_what_its_tests_say() => (await Tool.RunAsync("promtool", "test", "rules", Repository.At(Tests))).ShouldContain("SUCCESS");

    [Fact]
    public void Every_alert_is_tested_firing_and_silent()
    {
        var cases = YamlTree.Load(Tests)["tests"].Items.SelectMany(t => t["alert_rule_test"].Items).ToLookup(c => c["alertname"].Text, c => c["exp_alerts"].Items.Count > 0);
        Alerts.Select(a => a["alert"].Text).Where(name => !cases[name].Contains(true)).ShouldBeEmpty("a test in which it fires");
        Alerts.Select(a => a["alert"].Text).Except(["OrchestratorNeverSucceeds", "OrchestratorMetricsOverflow"])   // their firing tests name a bystander that must not
            .Where(name => !cases[name].Contains(false)).ShouldBeEmpty("a test in which it does not");
    }

    [Fact]
    public void Every_alert_says_how_bad_what_it_means_and_where_to_look()
    {
        var dashboards = Repository.Files("deploy/compose/grafana/dashboards", "*.json").Select(f => DashboardUid().Match(Repository.Read(f)).Groups[1].Value).ToList();
        foreach (var alert in Alerts)
        {
            var name = alert["alert"].Text;
            alert["labels"]["severity"].Text.ShouldBeOneOf("critical", "warning");
            alert["annotations"]["summary"].Text.ShouldNotBeEmpty(name);
            alert["annotations"]["description"].Text.ShouldNotBeEmpty(name);
            dashboards.ShouldContain(Linked().Match(alert["annotations"]["dashboard"].Text).Groups[1].Value, name);
            Repository.Read("deploy/README.md").ShouldContain($"`{name}`", Case.Sensitive, "an operator who is woken looks there");
        }
    }

    /// <summary>The section `otlp` is of Prometheus 3; its tool in Debian is older and judges the rest.</summary>
    [Fact]
    public async Task Prometheus_accepts_its_configuration()
    {
        var folder = Directory.CreateTempSubdirectory("orc-prometheus").FullName;
        try
        {
            var text = OtlpSection().Replace(Repository.Read("deploy/compose/prometheus.yml"), "\n").Replace("/etc/prometheus/rules/", $"{folder}/", StringComparison.Ordinal);
            text.ShouldNotContain("otlp:");
            var copy = Path.Combine(folder, "prometheus.yml");
            await File.WriteAllTextAsync(copy, text, TestContext.Current.CancellationToken);
            File.Copy(Repository.At(Rules), Path.Combine(folder, "orchestrator.yaml"));
            (await Tool.RunAsync("promtool", "check", "config", "--lint-fatal", copy)).ShouldContain("1 rule files found");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [GeneratedRegex("\"uid\": \"(orchestrator-[a-z]+)\"")]
    private static partial Regex DashboardUid();

    [GeneratedRegex("/d/(orchestrator-[a-z]+)")]
    private static partial Regex Linked();

    [GeneratedRegex(@"\notlp:\n(?:[ ].*\n|\n)+")]
    private static partial Regex OtlpSection();
}

using System.Text.RegularExpressions;

namespace Orchestrator.Architecture.Tests.Kit;

/// <summary>The Compose stack is one sentence in six files: names, ports and mounts must agree.</summary>
public sealed partial class ComposeTests
{
    private static readonly YamlTree Compose = YamlTree.Load("docker-compose.yml");
    private static readonly YamlTree Services = Compose["services"];
    private static readonly YamlTree Collector = YamlTree.Load("deploy/compose/collector.yaml");
    private static readonly YamlTree Sources = YamlTree.Load("deploy/compose/grafana/provisioning/datasources/datasources.yaml");

    [Fact]
    public void Every_mounted_file_and_named_volume_exists() => Services.Keys
        .SelectMany(service => Services[service]["volumes"].Texts.Select(mount => (service, From: mount.Split(':')[0])))
        .Where(m => m.From.StartsWith("./", StringComparison.Ordinal)
            ? !Path.Exists(Repository.At(m.From[2..]))
            : !Compose["volumes"].Keys.Contains(m.From))
        .ShouldBeEmpty();

    [Fact]
    public void Every_dependency_is_a_service() => Services.Keys
        .SelectMany(service => Services[service]["depends_on"] is { Keys.Count: > 0 } map ? map.Keys : Services[service]["depends_on"].Texts)
        .Except(Services.Keys)
        .ShouldBeEmpty();

    [Fact]
    public void Every_foreign_image_has_an_exact_version() => Services.Keys
        .Where(service => !Services[service]["build"].Exists)
        .Select(service => Services[service]["image"].Text)
        .Where(image => !ExactVersion().IsMatch(image))
        .ShouldBeEmpty();

    [Fact]
    public void Ports_are_published_on_the_loopback_interface_only() => Services.Keys
        .SelectMany(service => Services[service]["ports"].Texts)
        .Where(port => !port.StartsWith("127.0.0.1:", StringComparison.Ordinal))
        .ShouldBeEmpty();

    [Fact]
    public void The_orchestrator_exports_to_a_port_the_collector_listens_on()
    {
        var target = new Uri(Services["orchestrator"]["environment"]["OTEL_EXPORTER_OTLP_ENDPOINT"].Text);
        Services.Keys.ShouldContain(target.Host);
        Services[target.Host]["image"].Text.ShouldStartWith("otel/opentelemetry-collector-contrib:");
        var protocol = Services["orchestrator"]["environment"]["OTEL_EXPORTER_OTLP_PROTOCOL"].Text;
        Collector["receivers"]["otlp"]["protocols"][protocol]["endpoint"].Text.ShouldEndWith($":{target.Port}");
    }

    [Fact]
    public void The_collector_reads_the_file_that_is_mounted()
    {
        var service = Services["otel-collector"];
        var read = service["command"].Texts.Single(a => a.StartsWith("--config=", StringComparison.Ordinal))["--config=".Length..];
        service["volumes"].Texts.ShouldContain($"./deploy/compose/collector.yaml:{read}:ro");
    }

    [Fact]
    public void Every_component_of_a_pipeline_is_configured_and_every_configured_one_is_used()
    {
        var pipelines = Collector["service"]["pipelines"];
        foreach (var part in new[] { "receivers", "processors", "exporters" })
            pipelines.Keys.SelectMany(name => pipelines[name][part].Texts).Distinct().Order()
                .ShouldBe(Collector[part].Keys.Order(), part);
    }

    [Fact]
    public void The_collector_takes_all_three_signals() =>
        Collector["service"]["pipelines"].Keys.Order().ShouldBe(["logs", "metrics", "traces"]);

    [Fact]
    public void The_collector_sends_to_services_of_the_stack()
    {
        Collector["exporters"]["otlp_grpc/jaeger"]["endpoint"].Text.ShouldBe("jaeger:4317");
        var metrics = new Uri(Collector["exporters"]["otlp_http/prometheus"]["endpoint"].Text);
        Services.Keys.ShouldContain("jaeger");
        Services.Keys.ShouldContain(metrics.Host);
        metrics.AbsolutePath.ShouldBe("/api/v1/otlp");
        Services[metrics.Host]["command"].Texts.ShouldContain("--web.enable-otlp-receiver");
    }

    [Fact]
    public void Prometheus_reads_the_file_that_is_mounted_and_scrapes_services_of_the_stack()
    {
        var service = Services["prometheus"];
        var read = service["command"].Texts.Single(a => a.StartsWith("--config.file=", StringComparison.Ordinal))["--config.file=".Length..];
        service["volumes"].Texts.ShouldContain($"./deploy/compose/prometheus.yml:{read}:ro");
        var rules = YamlTree.Load("deploy/compose/prometheus.yml")["rule_files"].Texts.ShouldHaveSingleItem();
        service["volumes"].Texts.ShouldContain($"./deploy/compose/rules:{Path.GetDirectoryName(rules)}:ro");
        Path.Exists(Repository.At($"deploy/compose/rules/{Path.GetFileName(rules)}")).ShouldBeTrue();

        var prometheus = YamlTree.Load("deploy/compose/prometheus.yml");
        var targets = prometheus["scrape_configs"].Items.SelectMany(c => c["static_configs"].Items).SelectMany(c => c["targets"].Texts).ToList();
        targets.Select(t => t.Split(':')[0]).Except([.. Services.Keys, "localhost"]).ShouldBeEmpty();
        var own = Collector["service"]["telemetry"]["metrics"]["readers"].Items[0]["pull"]["exporter"]["prometheus"]["port"].Text;
        targets.ShouldContain($"otel-collector:{own}");
        targets.ShouldNotContain(t => t.StartsWith("orchestrator:", StringComparison.Ordinal), "its metrics arrive over OTLP; a scrape would count them twice");
        prometheus["otlp"]["translation_strategy"].Text.ShouldBe("UnderscoreEscapingWithSuffixes", "the dashboard uses these names");
    }

    [Fact]
    public void Every_service_is_closed_as_far_as_it_can_be_and_asked_for_its_health()
    {
        foreach (var service in Services.Keys)
        {
            Services[service]["read_only"].Text.ShouldBe("true", service);
            Services[service]["cap_drop"].Texts.ShouldBe(["ALL"], service);
            Services[service]["security_opt"].Texts.ShouldContain("no-new-privileges:true", service);
        }
        // Images with neither a shell nor a client of their own, and a command that ends.
        Services.Keys.Where(s => !Services[s]["healthcheck"].Exists).ShouldBe(["first-start", "otel-collector", "jaeger"]);
        Collector["service"]["extensions"].Texts.ShouldContain("health_check", "so that the collector is asked from outside");
        foreach (var (service, condition) in Services.Keys.SelectMany(s => Services[s]["depends_on"].Keys.Select(on => (on, Services[s]["depends_on"][on]["condition"].Text))))
            (condition == "service_healthy" && !Services[service]["healthcheck"].Exists).ShouldBeFalse($"{service} never becomes healthy");
    }

    [Fact]
    public void No_secret_stands_in_it() => Services.Keys.SelectMany(s => Services[s]["environment"].Keys)
        .Where(name => Secretive().IsMatch(name))
        .ShouldBeEmpty();

    [Fact]
    public void Every_setting_of_ours_is_one_the_program_knows()
    {
        var files = (string[])["docker-compose.yml", "Dockerfile", "deploy/README.md", .. Repository.Files("deploy/kubernetes", "*.yaml"), .. Repository.Files("deploy/systemd", "*")];
        files.SelectMany(file => Settings().Matches(Repository.Read(file)).Select(m => (file, Key: Index().Replace(m.Groups[1].Value.Replace("__", ":", StringComparison.Ordinal), ""))))
            .Where(s => !AppSettings.Values.ContainsKey(s.Key))
            .ShouldBeEmpty();
    }

    [Fact]
    public void The_overlay_for_Kafka_fits_the_stack_it_lies_over()
    {
        var overlay = YamlTree.Load("deploy/compose/kafka.yaml");
        var collector = YamlTree.Load("deploy/compose/collector.kafka.yaml");
        var services = overlay["services"];
        services["otel-collector"]["command"].Texts.ShouldBe(["--config=/etc/otelcol/collector.yaml", "--config=/etc/otelcol/collector.kafka.yaml"]);
        services.Keys.SelectMany(s => services[s]["volumes"].Texts).Select(m => m.Split(':')[0])
            .Where(from => from.StartsWith("./", StringComparison.Ordinal) ? !Path.Exists(Repository.At(from[2..])) : !overlay["volumes"].Keys.Contains(from)).ShouldBeEmpty();
        ExactVersion().IsMatch(services["kafka"]["image"].Text).ShouldBeTrue();

        var pipeline = collector["service"]["pipelines"]["logs/lifecycle"];
        foreach (var part in (string[])["receivers", "processors", "exporters"])
            pipeline[part].Texts.ShouldBeSubsetOf(Collector[part].Keys.Concat(collector[part].Keys), part);
        collector["service"]["extensions"].Texts.Order().ShouldBe(Collector["extensions"].Keys.Concat(collector["extensions"].Keys).Order(), "a list replaces the one below it");
        var kafka = collector["exporters"]["kafka"];
        kafka["brokers"].Texts.ShouldAllBe(b => services.Keys.Contains(b.Split(':', StringSplitOptions.None)[0]));
        kafka["partition_logs_by_trace_id"].Text.ShouldBe("true", "the order of a run's events");
        kafka["sending_queue"]["storage"].Text.ShouldBe(collector["extensions"].Keys.Single());
        collector["processors"]["filter/lifecycle"]["logs"]["log_record"].Texts.Single().ShouldContain("orchestrator.event.category");
        services["otel-collector"]["volumes"].Texts.ShouldContain($"otelcol:{collector["extensions"]["file_storage"]["directory"].Text}");
    }

    [Fact]
    public void Data_sources_point_at_services_and_at_each_other()
    {
        var sources = Sources["datasources"].Items;
        sources.Select(s => new Uri(s["url"].Text)).Where(url => !Services.Keys.Contains(url.Host)).ShouldBeEmpty();
        sources.SelectMany(s => s["jsonData"]["exemplarTraceIdDestinations"].Items).Select(d => d["datasourceUid"].Text)
            .Where(uid => uid.Length > 0).Except(sources.Select(s => s["uid"].Text)).ShouldBeEmpty();
        var jaeger = sources.SelectMany(s => s["jsonData"]["exemplarTraceIdDestinations"].Items).Select(d => d["url"].Text).Single(u => u.Length > 0);
        Services["jaeger"]["ports"].Texts.ShouldContain($"{new Uri(jaeger.Split('$')[0]).Authority}:16686", "what a browser on this machine reaches");
        foreach (var source in sources)
        {
            var url = new Uri(source["url"].Text);
            Services[url.Host]["ports"].Texts.ShouldContain(p => p.EndsWith($":{url.Port}", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Grafana_finds_its_provisioning_and_its_dashboards_where_they_are_mounted()
    {
        var mounts = Services["grafana"]["volumes"].Texts.Select(m => m.Split(':')).Where(m => m[0].StartsWith("./", StringComparison.Ordinal))
            .ToDictionary(m => m[1], m => m[0][2..]);
        mounts["/etc/grafana/provisioning"].ShouldBe("deploy/compose/grafana/provisioning");
        var provider = YamlTree.Load("deploy/compose/grafana/provisioning/dashboards/dashboards.yaml")["providers"].Items.Single();
        var folder = mounts[provider["options"]["path"].Text];
        Repository.Files(folder, "*.json").ShouldNotBeEmpty();
        var home = Services["grafana"]["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"].Text;
        Path.Exists(Repository.At($"{folder}/{Path.GetFileName(home)}")).ShouldBeTrue();
    }

    [Fact]
    public void The_orchestrator_can_live_on_a_read_only_root()
    {
        var service = Services["orchestrator"];
        service["read_only"].Text.ShouldBe("true");
        service["tmpfs"].Texts.ShouldContain(t => t.StartsWith("/tmp:exec", StringComparison.Ordinal), "tasks run scripts from /tmp");
        service["volumes"].Texts.ShouldContain("data:/data");
    }

    [GeneratedRegex(@"^[a-z0-9./-]+:v?\d+\.\d+\.\d+$")]
    private static partial Regex ExactVersion();

    [GeneratedRegex("(PASSWORD|TOKEN|SECRET|API_?KEY)$", RegexOptions.IgnoreCase)]
    private static partial Regex Secretive();

    [GeneratedRegex(@"\bOrchestrator__([A-Za-z0-9_]+)")]
    private static partial Regex Settings();

    [GeneratedRegex(@":\d+$")]
    private static partial Regex Index();
}

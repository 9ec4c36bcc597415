using Orchestrator.Conformance.Harness;
using Orchestrator.TestKit.Telemetry;
using Shouldly;
using Xunit;

namespace Orchestrator.Conformance.Cases;

/// <summary>The variables of telemetry, seen from receivers: what leaves, where to, and what is said of values that cannot be used.</summary>
public sealed class SignalCases
{
    private const string Flow = "name: x\ntasks: [{id: a, run: 'true'}]\n";

    [Theory(DisplayName = "SG01 a signal leaves exactly where it is wanted and has an endpoint, from run and from telemetry rebuild, and nothing else counts as lost")]
    [InlineData("grpc", "", "", "traces,metrics,logs", "")]
    [InlineData("http/protobuf", "", "", "traces,metrics,logs", "")]
    [InlineData("grpc", "logs", "", "traces,metrics", "")]
    [InlineData("http/protobuf", "traces,metrics", "", "logs", "")]
    [InlineData("http/protobuf", "", "traces", "metrics,logs", "traces")]
    [InlineData("grpc", "metrics", "logs", "traces", "logs")]
    [InlineData("http/protobuf", "", "!traces", "", "traces")]
    [InlineData("grpc", "", "!logs", "", "logs")]
    [InlineData("http/protobuf", "traces", "!traces", "", "")]
    public async Task Selection(string protocol, string off, string own, string atGeneral, string atOwn)
    {
        await using var box = new Sandbox();
        await using var general = await OtlpReceiver.StartAsync();
        await using var single = await OtlpReceiver.StartAsync();
        var grpc = protocol == "grpc";
        box.Environment["OTEL_EXPORTER_OTLP_PROTOCOL"] = protocol;
        if (!own.StartsWith('!')) box.Environment["OTEL_EXPORTER_OTLP_ENDPOINT"] = grpc ? general.GrpcEndpoint : general.Endpoint;
        foreach (var signal in List(off)) box.Environment[$"OTEL_{signal.ToUpperInvariant()}_EXPORTER"] = "none";
        foreach (var signal in List(own.TrimStart('!')))
            box.Environment[$"OTEL_EXPORTER_OTLP_{signal.ToUpperInvariant()}_ENDPOINT"] = grpc ? single.GrpcEndpoint : $"{single.Endpoint}/{signal}";

        var ran = (await box.RunAsync("run", box.Workflow(Flow), "--json")).Exits(0);
        ran.Errors.ShouldBeEmpty();
        Of(general).ShouldBe(List(atGeneral), ignoreOrder: true);
        Of(single).ShouldBe(List(atOwn), ignoreOrder: true);

        var (before, beforeSingle) = (general.Requests, single.Requests);
        var rebuilt = await box.RunAsync("telemetry", "rebuild", "--run", ran.Json().Text("run_id")!);
        string[] expected = [.. List(atGeneral).Concat(List(atOwn)).Where(s => s != "metrics")];
        rebuilt.Exits(expected.Length == 0 ? 2 : 0);
        general.Seen.Skip(before).Concat(single.Seen.Skip(beforeSingle)).Select(r => r.Signal).Distinct().ShouldBe(expected, ignoreOrder: true);
    }

    [Theory(DisplayName = "SG02 a value that cannot be used is a warning with its variable, of run and of serve, and everything else goes on")]
    [InlineData("OTEL_EXPORTER_OTLP_HEADERS", "hunter2", "OTEL_EXPORTER_OTLP_HEADERS: entry 1", true)]
    [InlineData("OTEL_EXPORTER_OTLP_CERTIFICATE", "/nowhere.pem", null, true)]
    [InlineData("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json", "OTEL_EXPORTER_OTLP_PROTOCOL=http/json", true)]
    [InlineData("OTEL_BSP_MAX_QUEUE_SIZE", "-1", "OTEL_BSP_MAX_QUEUE_SIZE=-1", true)]
    [InlineData("OTEL_DOTNET_EXPERIMENTAL_OTLP_RETRY", "memory", "OTEL_DOTNET_EXPERIMENTAL_OTLP_RETRY=memory", true)]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "localhost:4317", "OTEL_EXPORTER_OTLP_ENDPOINT=localhost:4317", false)]
    public async Task Guards(string variable, string value, string? said, bool exported)
    {
        await using var box = new Sandbox();
        await using var receiver = await OtlpReceiver.StartAsync();
        foreach (var (name, set) in receiver.Variables) box.Environment[name] = set;
        box.Environment[variable] = value;
        box.Write("workflows/x.yaml", Flow);
        var ran = (await box.RunAsync("run", box.Workflow(Flow), "--json")).Exits(0);
        await using var server = await Server.StartAsync(box);
        (await server.EndOfAsync(await server.SubmitAsync("x"))).ShouldBe("completed");
        server.Process.Signal(15);
        var served = (await server.Process.EndAsync()).Exits(0);
        foreach (var finished in (Finished[])[ran, served])
        {
            if (said is not null) finished.Errors.Split(said).Length.ShouldBe(2, finished.Errors);
            finished.ToString().ShouldNotContain("hunter2");
            finished.ToString().ShouldNotContain("   at ");
        }
        receiver.Spans.Count(s => s.Name == "RUN x").ShouldBe(exported ? 2 : 0);
    }

    [Theory(DisplayName = "SG03 a backend that refuses and one that never answers are both reported at the end of run, with what is lost and the variable")]
    [InlineData(ReceiverMode.Failing)]
    [InlineData(ReceiverMode.Slow)]
    public async Task Lost(ReceiverMode mode)
    {
        await using var box = new Sandbox();
        await using var receiver = await OtlpReceiver.StartAsync(mode);
        foreach (var (name, value) in receiver.Variables) box.Environment[name] = value;
        var (finished, json) = await box.RunJsonAsync(box.Workflow(Flow));
        finished.Exits(0);
        var warning = finished.Errors.Split('\n').Where(l => l.StartsWith("warning: telemetry was not accepted", StringComparison.Ordinal)).ShouldHaveSingleItem();
        warning.ShouldContain("OTEL_EXPORTER_OTLP_ENDPOINT");
        var events = (await box.EventsAsync(json.GetProperty("run_id").GetString()!)).Count;
        var lost = int.Parse(System.Text.RegularExpressions.Regex.Match(warning, "spans, log records and events lost: ([0-9]+)").Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture);
        lost.ShouldBeGreaterThan(events, "as many records as events, and spans");
        receiver.Release();
    }

    [Fact(DisplayName = "SG04 levels of Serilog hold for exported log records, and what the framework says of probes is not exported at any level")]
    public async Task LevelsHold()
    {
        await using var box = new Sandbox();
        await using var receiver = await OtlpReceiver.StartAsync();
        foreach (var (name, value) in receiver.Variables) box.Environment[name] = value;
        box.Environment["Orchestrator__Telemetry__Prometheus"] = "on";
        box.Environment["Serilog__MinimumLevel__Override__Microsoft"] = "Information";
        box.Environment["Serilog__MinimumLevel__Override__Orchestrator.Engine.Running"] = "Error";
        box.Write("workflows/x.yaml", Flow);
        await using (var server = await Server.StartAsync(box))
        {
            (await server.EndOfAsync(await server.SubmitAsync("x"))).ShouldBe("completed");
            foreach (var probe in (string[])["/healthz", "/readyz", "/metrics"]) (await server.Http.GetAsync(probe)).Dispose();
            server.Process.Signal(15);
            (await server.Process.EndAsync()).Exits(0);
        }
        receiver.Logs.ShouldContain(l => l.Scope.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal) && l.Body.Contains("/api/v1/", StringComparison.Ordinal));
        receiver.Logs.ShouldContain(l => l.Body.Contains("/api/v1/workflows/x/runs answered 202", StringComparison.Ordinal));
        receiver.Logs.ShouldNotContain(l => l.Scope.StartsWith("Orchestrator.Engine.Running", StringComparison.Ordinal) && l.SeverityNumber < 17);
        foreach (var probe in (string[])["/healthz", "/readyz", "/metrics"])
        {
            receiver.Logs.ShouldNotContain(l => l.Body.Contains(probe, StringComparison.Ordinal));
            receiver.Spans.ShouldNotContain(s => s.Attributes.Text("url.path") == probe);
        }
    }

    [Theory(DisplayName = "SG05 a setting of Serilog that means nothing ends serve and verbs with exit 2 and its key")]
    [InlineData("\"MinimumLevel\": \"Chatty\"", "Serilog:MinimumLevel", "Verbose")]
    [InlineData("\"MinimumLevel\": {\"Override\": {\"Microsoft.Hosting\": \"Loud\"}}", "Serilog:MinimumLevel:Override:Microsoft.Hosting", "Verbose")]
    [InlineData("\"MinimumLevels\": \"Debug\"", "Serilog:MinimumLevels", "MinimumLevel")]
    [InlineData("\"WriteTo\": [{\"Name\": \"Fiel\", \"Args\": {\"path\": \"x.log\"}}]", "Serilog:WriteTo:0", "File")]
    [InlineData("\"WriteTo\": [{\"Name\": \"File\", \"Args\": {\"pfad\": \"x.log\"}}]", "Serilog:WriteTo:0", "pfad")]
    [InlineData("\"WriteTo\": [{\"Name\": \"File\", \"Args\": {\"path\": \"x.log\", \"rollingInterval\": \"Dayly\"}}]", "Serilog:WriteTo:0", "Dayly")]
    [InlineData("\"WriteTo\": [{\"Name\": \"File\", \"Args\": {\"path\": \"x.log\"}}], \"Enrich\": [\"WithLuck\"]", "Serilog:Enrich:0", "WithLuck")]
    [InlineData("\"WriteTo\": [{\"Name\": \"File\", \"Args\": {\"path\": \"x.log\"}}], \"Filter\": [{\"Name\": \"Without\"}]", "Serilog:Filter:0", "Without")]
    [InlineData("\"Using\": [\"Serilog.Sinks.Seq\"]", "Serilog:Using:0", "Serilog.Sinks.Seq")]
    public async Task SerilogSettings(string settings, string key, string named)
    {
        await using var box = new Sandbox();
        var config = box.Write("config/appsettings.json", $"{{\"Serilog\": {{{settings}}}}}");
        foreach (var args in (string[][])[["serve", "--config", config], ["run", box.Workflow(Flow), "--config", config]])
        {
            var finished = (await box.RunAsync(args)).Exits(2);
            finished.Errors.ShouldContain(key + (named == "Verbose" ? " must be one of" : ""));
            finished.Errors.ShouldContain(named);
            finished.Errors.ShouldNotContain("   at ");
        }
    }

    private static string[] List(string words) => words.Split(',', StringSplitOptions.RemoveEmptyEntries);

    private static List<string> Of(OtlpReceiver receiver) => [.. receiver.Seen.Select(r => r.Signal).Distinct()];
}

using System.Text.Json;
using Orchestrator.Conformance.Harness;
using Orchestrator.TestKit.Http;
using Orchestrator.TestKit.Telemetry;
using Shouldly;
using Xunit;

namespace Orchestrator.Conformance.Cases;

/// <summary>What `serve` logs, where its configuration sends it, and what is in no log, span, metric or file.</summary>
[Trait("Program", "both")]
public sealed class LogCases
{
    private const string Secret = "hunter2-hunter2";

    [Fact(DisplayName = "X06 appsettings sends log lines as JSON to a file: every event once, every request and start and stop with its id and time")]
    public async Task JsonFile()
    {
        await using var box = new Sandbox();
        var config = box.Write("config/appsettings.json", Configuration("File", $"\"path\": \"{box.PathOf("serve.log")}\", "));
        box.Write("workflows/x.yaml", "name: x\ntasks: [{id: a, run: 'exit 3', allow_failure: true}, {id: b, depends_on: [a], noop: true}]\n");
        string run;
        await using (var server = await Server.StartAsync(box, "--config", config))
        {
            run = await server.SubmitAsync("x");
            await server.EndOfAsync(run);
            server.Process.Signal(15);
            (await server.Process.EndAsync()).Exits(0).Errors.ShouldBeEmpty("the configured sink is the only one");
        }
        var lines = File.ReadAllLines(box.PathOf("serve.log")).Select(l => JsonDocument.Parse(l).RootElement).ToList();
        var told = lines.Select(NameOf).Where(n => n.StartsWith("orchestrator.", StringComparison.Ordinal) && n.Contains('.', StringComparison.Ordinal)).ToList();
        var events = (await box.EventsAsync(run)).Where(e => e.Text("severity") != "debug").Select(e => "orchestrator." + e.Type()).ToList();
        told.Where(n => events.Contains(n)).ShouldBe(events, ignoreOrder: true, "each event is one record");
        told.Count(n => n == "orchestrator.worker.started").ShouldBe(1);
        told.Count(n => n == "orchestrator.worker.stopping").ShouldBe(1);
        var failed = lines.Single(l => NameOf(l) == "orchestrator.task.failed");
        failed.GetProperty("Level").GetString().ShouldBe("Error");
        failed.GetProperty("Properties").GetProperty("cicd.pipeline.run.id").GetString().ShouldBe(run);
        failed.GetProperty("Properties").GetProperty("error.type").GetString().ShouldBe("exit_code");

        // What came in from outside: its beginning and its end, what it was, and how long it took.
        var request = lines.Where(l => Property(l, "Path") == "/api/v1/workflows/x/runs").ToList();
        request.Select(l => NameOf(l) is { Length: > 0 } name ? name : Property(l, "StatusCode")).ShouldBe(["RequestStarted", "202"]);
        Property(request[1], "RequestId").ShouldBe(Property(request[0], "RequestId"));
        request[1].GetProperty("Properties").GetProperty("ElapsedMs").GetDouble().ShouldBeGreaterThan(0);
        foreach (var (first, last) in ((string, string)[])[("OpeningJournal", "JournalOpen"), ("RunSubmitted", "RunAccepted"), ("EngineStopping", "EngineStopped"), ("Stopping", "Stopped")])
        {
            lines.Count(l => NameOf(l) == first).ShouldBe(1, first);
            lines.Single(l => NameOf(l) == last).GetProperty("Properties").TryGetProperty("ElapsedMs", out _).ShouldBeTrue(last);
        }
        Property(lines.Single(l => NameOf(l) == "RunAccepted"), "RunId").ShouldBe(run);
    }

    [Fact(DisplayName = "X07 appsettings sends log lines as JSON to the console")]
    public async Task JsonConsole()
    {
        await using var box = new Sandbox();
        var config = box.Write("config/appsettings.json", Configuration("Console", ""));
        await using var server = await Server.StartAsync(box, "--config", config);
        server.Process.Signal(15);
        var said = (await server.Process.EndAsync()).Exits(0).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(l => l.StartsWith('{')).Select(l => JsonDocument.Parse(l).RootElement).ToList();
        said.Count(l => NameOf(l) == "orchestrator.worker.started").ShouldBe(1);
    }

    [Fact(DisplayName = "X08 a secret is in nothing that is exported, scraped, logged or stored")]
    public async Task NoSecret()
    {
        await using var box = new Sandbox();
        await using var receiver = await OtlpReceiver.StartAsync();
        await using var site = await LoopbackSite.StartAsync(async http =>
        {
            http.Response.StatusCode = 500;
            await http.Response.Body.WriteAsync(System.Text.Encoding.UTF8.GetBytes($"no such token {Secret}"));
        });
        foreach (var (name, value) in receiver.Variables) box.Environment[name] = value;
        box.Environment["THE_SECRET"] = Secret;
        box.Environment["Orchestrator__Telemetry__Prometheus"] = "on";
        var config = box.Write("config/appsettings.json", Configuration("File", $"\"path\": \"{box.PathOf("serve.log")}\", "));
        box.Write("workflows/x.yaml", $$$"""
            name: x
            fail_fast: false
            secrets: {PW: {env: THE_SECRET}}
            tasks:
              - {id: says, env: {PW: "${{ secrets.PW }}"}, run: 'echo "pw is $PW" >&2; exit 4'}
              - {id: leaks, env: {PW: "${{ secrets.PW }}"}, run: 'echo "k=$PW" >> "$ORCHESTRATOR_OUTPUT"'}
              - {id: calls, http: {url: "{{{site.Url}}}/of/${{ secrets.PW }}/a?token=${{ secrets.PW }}", headers: {Authorization: "Bearer ${{ secrets.PW }}"} } }
            """);
        string run;
        await using (var server = await Server.StartAsync(box, "--config", config))
        {
            run = await server.SubmitAsync("x");
            (await server.EndOfAsync(run)).ShouldBe("failed");
            (await server.Http.GetStringAsync("/metrics")).ShouldNotContain("hunter2");
            (await server.GetAsync($"/api/v1/runs/{run}")).ToString().ShouldNotContain("hunter2");
            server.Process.Signal(15);
            (await server.Process.EndAsync()).Exits(0).ToString().ShouldNotContain("hunter2");
        }
        site.Seen.ShouldContain(r => r.Path.Contains("/of/hunter2", StringComparison.Ordinal), "the task did send it");
        receiver.Logs.ShouldContain(l => l.EventName == "orchestrator.task.failed");
        receiver.Spans.ShouldContain(s => s.Name == "RUN x");
        receiver.Points.ShouldContain(p => p.Metric == "orchestrator.task.duration");
        foreach (var exported in (object[])[receiver.Spans, receiver.Logs, receiver.Points]) JsonSerializer.Serialize(exported).ShouldNotContain("hunter2");
        foreach (var file in Directory.EnumerateFiles(box.Data, "*", SearchOption.AllDirectories).Append(box.PathOf("serve.log")))
            File.ReadAllText(file).ShouldNotContain("hunter2", Case.Sensitive, file);
    }

    [Fact(DisplayName = "X31 verbs that change something log their start and end, with ids and time, to the file that `serve` writes too; standard output is theirs")]
    public async Task Verbs()
    {
        await using var box = new Sandbox();
        var config = box.Write("config/appsettings.json", Configuration("File", $"\"path\": \"{box.PathOf("all.log")}\", ")
            .Replace("\"WriteTo\": [", "\"WriteTo\": [{\"Name\": \"Console\"}, ", StringComparison.Ordinal));
        foreach (var folder in (string[])["config/workflows", "workflows"]) box.Write(folder + "/x.yaml", "name: x\ntasks: [{id: a, noop: true}]\n");
        box.Write("workflows/slow.yaml", "name: slow\ntasks: [{id: a, wait: {event: go}}]\n");
        var here = (await box.RunAsync("run", "x", "--param", "p=hunter2", "--json", "--config", config)).Exits(2);
        var alone = (await box.RunAsync("run", "x", "--json", "--config", config)).Exits(0);
        var run = alone.Json().Text("run_id")!;
        string served, waiting;
        await using (var server = await Server.StartAsync(box, "--config", config))
        {
            served = (await box.RunAsync("run", "x", "--json", "--config", config)).Exits(0).Json().Text("run_id")!;
            waiting = await server.SubmitAsync("slow");
            (await box.RunAsync("show", waiting, "--config", config)).Exits(0);
            (await box.RunAsync("signal", waiting, "go", "--config", config)).Exits(0);
            await server.EndOfAsync(waiting);
            (await box.RunAsync("cancel", waiting, "--config", config)).Exits(1);
            (await box.RunAsync("journal", "gc", "--dry-run", "--json", "--config", config)).Exits(0).Output.ShouldBeEmpty();
            server.Process.Signal(15);
            await server.Process.EndAsync();
        }
        here.ToString().ShouldNotContain("VerbStarted");
        var lines = File.ReadAllLines(box.PathOf("all.log")).Select(l => JsonDocument.Parse(l).RootElement).ToList();
        var verbs = lines.Where(l => NameOf(l) is "VerbStarted" or "VerbEnded").ToList();
        verbs.Select(v => $"{Property(v, "Verb")} {NameOf(v)} {Property(v, "Outcome")}".TrimEnd()).ShouldBe(
        [
            "run VerbStarted", "run VerbEnded usage", "run VerbStarted", "run VerbEnded ok", "run VerbStarted", "run VerbEnded ok", "signal VerbStarted", "signal VerbEnded ok",
            "cancel VerbStarted", "cancel VerbEnded failed", "journal gc VerbStarted", "journal gc VerbEnded ok",
        ]);
        verbs.Where((_, i) => i % 2 == 1).ShouldAllBe(v => v.GetProperty("Properties").GetProperty("ElapsedMs").GetDouble() > 0);
        verbs.Select(v => Property(v, "RunId")).ShouldBe([null, null, null, run, null, served, null, waiting, null, waiting, null, null]);
        Property(verbs[3], "Workflow").ShouldBe("x");
        Property(verbs[6], "Given").ShouldBe($"RUN={waiting} EVENT=go");
        Property(verbs[9], "ExitCode").ShouldBe("1");
        lines.Count(l => NameOf(l) == "orchestrator.workflow.completed" && l.GetProperty("Properties").GetProperty("cicd.pipeline.run.id").GetString() == run)
            .ShouldBe(1, "what `run` carries out itself is told as `serve` tells it");
        File.ReadAllText(box.PathOf("all.log")).ShouldNotContain("hunter2");
    }

    [Fact(DisplayName = "X32 a run without a configured log loads nothing of logging: neither Serilog nor a host is there when its first task starts")]
    public async Task NothingLoaded()
    {
        await using var box = new Sandbox();
        var flow = box.Workflow("name: x\ntasks: [{id: a, run: 'grep -oE \"(Serilog|AspNetCore.Server|Quartz)[^ ]*dll\" /proc/$PPID/maps | sort -u > loaded || true'}]\n");
        (await box.RunAsync("run", flow, "--config", Path.Combine(Built.Repository, "config/appsettings.json"))).Exits(0);
        File.ReadAllText(box.PathOf("loaded")).ShouldBeEmpty();
    }

    private static string Configuration(string sink, string arguments) => $$$"""
        {"Serilog": {
          "MinimumLevel": {"Default": "Debug", "Override": {"Microsoft": "Warning", "Quartz": "Warning", "Orchestrator.Lifecycle": "Information"}},
          "WriteTo": [{"Name": "{{{sink}}}", "Args": { {{{arguments}}}"formatter": "Serilog.Formatting.Json.JsonFormatter, Serilog" }}]
        }}
        """;

    private static string NameOf(JsonElement line) =>
        line.TryGetProperty("Properties", out var p) && p.TryGetProperty("EventId", out var id) && id.TryGetProperty("Name", out var name) ? name.GetString()! : "";

    private static string? Property(JsonElement line, string name) => line.GetProperty("Properties").TryGetProperty(name, out var value) ? value.ToString() : null;
}

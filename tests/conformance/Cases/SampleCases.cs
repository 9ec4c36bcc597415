using System.Text.Json;
using Orchestrator.Conformance.Harness;
using Shouldly;
using Xunit;

namespace Orchestrator.Conformance.Cases;

/// <summary>The workflows that ship are run as a stranger would run them.</summary>
public sealed class SampleCases
{
    private static string Sample(string name) => Path.Combine(Built.Repository, "config", "workflows", name);

    [Fact(DisplayName = "E01 hello runs")]
    public async Task Hello()
    {
        await using var box = new Sandbox();
        (await box.RunJsonAsync(Sample("hello.yaml"))).Finished.Exits(0);
    }

    [Fact(DisplayName = "E02 the ETL loads the shipped data, rejects its bad rows and writes what it says")]
    public async Task Etl()
    {
        await using var box = new Sandbox();
        var (finished, json) = await box.RunJsonAsync(Sample("etl-sales.yaml"), "--param", $"out_dir={box.PathOf("out")}");
        finished.Exits(0);
        json.GetProperty("counts").GetProperty("completed").GetInt32().ShouldBe(json.GetProperty("counts").GetProperty("total").GetInt32());
        Directory.GetFiles(box.PathOf("out"), "*.csv", SearchOption.AllDirectories).ShouldNotBeEmpty();
        var summary = Directory.GetFiles(box.PathOf("out"), "*.md", SearchOption.AllDirectories).ShouldHaveSingleItem();
        File.ReadAllText(summary).ShouldContain("|");
        var report = File.ReadAllText(Path.Combine(json.GetProperty("report_dir").GetString()!, "report.md"));
        report.ShouldContain("mermaid");
        report.ShouldContain(json.GetProperty("trace_id").GetString()!);
    }

    [Fact(DisplayName = "E03 flaky shows its retries")]
    public async Task Flaky()
    {
        await using var box = new Sandbox();
        var (finished, json) = await box.RunJsonAsync(Sample("flaky.yaml"));
        finished.Exits(0);
        json.GetProperty("tasks").EnumerateObject().ShouldContain(t => t.Value.GetProperty("attempts").GetInt32() == 3);
    }

    [Fact(DisplayName = "E04 all shipped workflows are valid and the scheduled one has its schedule")]
    public async Task Valid()
    {
        await using var box = new Sandbox();
        (await box.RunAsync("validate", Path.Combine(Built.Repository, "config", "workflows"))).Exits(0);
        (await box.RunAsync("run", Sample("every-minute.yaml"))).Exits(0);
        File.ReadAllText(Sample("every-minute.yaml")).ShouldContain("* * * * *");
    }

    [Fact(DisplayName = "E06 the fan-out gathers its children's results in the order of its items")]
    public async Task FanOut()
    {
        await using var box = new Sandbox();
        var (finished, json) = await box.RunJsonAsync(Sample("fan-out.yaml"), "--param", "words=[\"a\", \"bcd\"]");
        finished.Exits(0);
        var log = (await box.RunAsync("logs", json.GetProperty("run_id").GetString()!, "summary")).Exits(0).Output;
        log.ShouldContain("""letters: [{"letters":1},{"letters":3}]""");
        log.ShouldContain("1 letters; 7 rectangles");
    }

    [Fact(DisplayName = "E07 handlers see what failed, and the folder is gone either way")]
    public async Task Handlers()
    {
        await using var box = new Sandbox();
        var temporary = Directory.CreateDirectory(box.PathOf("tmp")).FullName;
        box.Environment["TMPDIR"] = temporary;
        (await box.RunJsonAsync(Sample("handlers.yaml"))).Finished.Exits(0);
        var (finished, json) = await box.RunJsonAsync(Sample("handlers.yaml"), "--param", "fail=true");
        finished.Exits(1);
        var log = (await box.RunAsync("logs", json.GetProperty("run_id").GetString()!, "tell")).Exits(0).Output;
        log.ShouldContain("failed: work");
        log.ShouldContain($"trace: {json.GetProperty("trace_id").GetString()}");
        Directory.GetFileSystemEntries(temporary).ShouldBeEmpty();
    }

    [Fact(DisplayName = "E08 child runs run, to the depth asked for")]
    public async Task Children()
    {
        await using var box = new Sandbox();
        (await box.RunJsonAsync(Sample("child-runs.yaml"), "--param", "depth=2")).Finished.Exits(0);
        var runs = (await box.RunAsync("runs", "--json")).JsonLines().Select(r => r.GetProperty("workflow").GetString()).ToList();
        runs.Count(r => r == "child-runs").ShouldBe(3);
        runs.Count(r => r == "hello").ShouldBe(9);
    }

    [Fact(DisplayName = "E09 the host report names this host and tidies up")]
    public async Task HostReport()
    {
        await using var box = new Sandbox();
        var temporary = Directory.CreateDirectory(box.PathOf("tmp")).FullName;
        box.Environment["TMPDIR"] = temporary;
        File.WriteAllBytes(box.PathOf("large.bin"), new byte[3 << 20]);
        (await box.RunJsonAsync(Sample("host-report.yaml"), "--param", $"scan={box.Root}", "--param", $"copy_to={box.PathOf("host.md")}")).Finished.Exits(0);
        var page = File.ReadAllText(box.PathOf("host.md"));
        page.ShouldStartWith($"# {Environment.MachineName}: ");
        page.ShouldContain("large.bin` | 3.0 |");
        page.ShouldContain("| Memory |");
        Directory.GetFileSystemEntries(temporary).ShouldBeEmpty();
    }

    [Fact(DisplayName = "E10 the schema that ships is the one the program prints")]
    public async Task Schema()
    {
        await using var box = new Sandbox();
        var printed = (await box.RunAsync("schema")).Exits(0).Output;
        printed.ShouldBe(File.ReadAllText(Path.Combine(Built.Repository, "config", "schema", "workflow.schema.json")));
    }

    [Fact(DisplayName = "E05 reports agree with the summary")]
    public async Task Reports()
    {
        await using var box = new Sandbox();
        var (_, json) = await box.RunJsonAsync(Sample("hello.yaml"));
        using var report = JsonDocument.Parse(File.ReadAllText(Path.Combine(json.GetProperty("report_dir").GetString()!, "report.json")));
        foreach (var key in (string[])["run_id", "workflow", "status", "duration_ms", "trace_id", "counts"])
            JsonElement.DeepEquals(report.RootElement.GetProperty(key), json.GetProperty(key)).ShouldBeTrue(key);
        report.RootElement.TryGetProperty("critical_path", out _).ShouldBeTrue();
    }
}

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

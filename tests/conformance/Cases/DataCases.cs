using Orchestrator.Conformance.Harness;
using Shouldly;
using Xunit;

namespace Orchestrator.Conformance.Cases;

/// <summary>The data directory: what is in it, and what happens when it is not as it should be.</summary>
public sealed class DataCases
{
    private const string Noop = "name: x\ntasks: [{id: a, noop: true}]\n";

    [Fact(DisplayName = "F01 a finished run leaves its archive, reports, definition and no journal segment of its own")]
    public async Task Layout()
    {
        await using var box = new Sandbox();
        var flow = box.Workflow("name: x\ntasks: [{id: a, run: 'echo hello'}]\n");
        var (_, json) = await box.RunJsonAsync(flow);
        var folder = json.GetProperty("report_dir").GetString()!;
        foreach (var file in (string[])["events.jsonl", "report.json", "report.md", "logs/a.1.log"])
            File.Exists(Path.Combine(folder, file)).ShouldBeTrue(file);
        File.ReadAllText(Path.Combine(folder, "logs/a.1.log")).ShouldBe("hello\n");
        Directory.GetFiles(Path.Combine(box.Data, "definitions"), "*.json").Length.ShouldBe(1);
        Directory.GetFiles(Path.Combine(box.Data, "journal"), "*.jsonl", SearchOption.AllDirectories).ShouldBeEmpty();
    }

    [Fact(DisplayName = "F02 a data directory that is a file is refused by name")]
    public async Task NotADirectory()
    {
        await using var box = new Sandbox();
        var flow = box.Workflow(Noop);
        box.Write("data", "I am a file");
        (await box.RunAsync("run", flow)).Refuses(5, box.Data);
    }

    [Fact(DisplayName = "F03 a data directory that cannot be written is refused by name")]
    public async Task ReadOnly()
    {
        await using var box = new Sandbox();
        var flow = box.Workflow(Noop);
        (await box.RunAsync("run", flow, "--data", "/proc/orchestrator")).Refuses(5, "/proc/orchestrator");
        (await box.RunAsync("runs", "--data", box.PathOf("nothing"))).Exits(0);
    }

    [Fact(DisplayName = "F04 an unknown run is not found, an ambiguous prefix lists its candidates")]
    public async Task Unknown()
    {
        await using var box = new Sandbox();
        var flow = box.Workflow(Noop);
        var (_, one) = await box.RunJsonAsync(flow);
        await box.RunJsonAsync(flow);
        foreach (var verb in (string[])["show", "events", "logs", "cancel"])
            (await box.RunAsync(verb, "00000000-0000-0000-0000-000000000000")).Refuses(4, "00000000");
        var id = one.GetProperty("run_id").GetString()!;
        (await box.RunAsync("show", id[..4])).Refuses(2, id);
        (await box.RunAsync("show", id)).Exits(0).Output.ShouldContain("completed");
    }

    [Fact(DisplayName = "F05 a torn last line was never acknowledged and costs nothing")]
    public async Task TornTail()
    {
        await using var box = new Sandbox();
        box.Write("workflows/x.yaml", "name: x\ntasks: [{id: a, run: 'sleep 0.3'}, {id: b, noop: true, depends_on: [a]}]\n");
        string run;
        await using (var server = await Server.StartAsync(box))
        {
            run = await server.SubmitAsync("x");
            server.Process.Signal(9);
            await server.Process.EndAsync();
        }
        var segment = Directory.GetFiles(Path.Combine(box.Data, "journal"), "*.jsonl", SearchOption.AllDirectories).Single();
        File.AppendAllText(segment, "{\"seq\":99,\"type\":\"task.comp");
        await using (var server = await Server.StartAsync(box)) (await server.EndOfAsync(run)).ShouldBe("completed");
    }

    [Fact(DisplayName = "F06 a corrupted segment is refused with its name and offset")]
    public async Task Corruption()
    {
        await using var box = new Sandbox();
        box.Write("workflows/x.yaml", "name: x\ntasks: [{id: a, run: 'sleep 300'}]\n");
        await using (var server = await Server.StartAsync(box))
        {
            await server.SubmitAsync("x");
            await server.SubmitAsync("x");
            server.Process.Signal(9);
            await server.Process.EndAsync();
        }
        var segment = Directory.GetFiles(Path.Combine(box.Data, "journal"), "*.jsonl", SearchOption.AllDirectories).Single();
        var bytes = File.ReadAllBytes(segment);
        var at = bytes.AsSpan().IndexOf("workflow.created"u8);
        bytes[at + 3] ^= 0x20;
        File.WriteAllBytes(segment, bytes);
        (await box.RunAsync("serve")).Refuses(5, Path.GetFileName(segment), "at byte");
        (await box.RunAsync("runs")).Refuses(5, Path.GetFileName(segment), "runs may be missing");
        (await box.RunAsync("show", "00000000-0000-0000-0000-000000000000")).Refuses(5, Path.GetFileName(segment), "at byte");
    }

    [Fact(DisplayName = "F07 a second serve on the same data directory is refused and names the first")]
    public async Task SecondServe()
    {
        await using var box = new Sandbox();
        await using var server = await Server.StartAsync(box);
        (await box.RunAsync("serve")).Refuses(5, server.Process.Pid.ToString(System.Globalization.CultureInfo.InvariantCulture));
    }

    [Fact(DisplayName = "F08 a definition edited while it runs changes the next run, not this one")]
    public async Task EditedWhileRunning()
    {
        await using var box = new Sandbox();
        string Text(string word) => $"name: x\ntasks: [{{id: a, run: 'until test -e {box.Root}/go; do sleep 0.05; done'}}, {{id: b, depends_on: [a], run: 'echo {word}'}}]\n";
        var file = box.Write("workflows/x.yaml", Text("old"));
        await using var server = await Server.StartAsync(box);
        var first = await server.SubmitAsync("x");
        var before = (await server.GetAsync("/api/v1/workflows")).ToString();
        File.WriteAllText(file, Text("new"));
        await Poll.UntilAsync(async () => (await server.GetAsync("/api/v1/workflows")).ToString() != before, "the reload");
        box.Write("go", "");
        (await server.EndOfAsync(first)).ShouldBe("completed");
        (await box.RunAsync("logs", first, "b")).Exits(0).Output.ShouldContain("old");
        var second = await server.SubmitAsync("x");
        (await server.EndOfAsync(second)).ShouldBe("completed");
        (await box.RunAsync("logs", second, "b")).Exits(0).Output.ShouldContain("new");
    }

    [Fact(DisplayName = "F09 several runs and a serve share a data directory")]
    public async Task Shared()
    {
        await using var box = new Sandbox();
        var flow = box.Workflow("name: y\ntasks: [{id: a, run: 'sleep 0.1'}]\n");
        var runs = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => box.RunAsync("run", flow, "--json")));
        foreach (var run in runs) run.Exits(0);
        (await box.RunAsync("runs", "--json")).Exits(0).JsonLines().Count.ShouldBe(5);
    }
}

using Orchestrator.Conformance.Harness;
using Shouldly;
using Xunit;

namespace Orchestrator.Conformance.Cases;

/// <summary>What is said of a task's memory while its processes are smaller than the worker.</summary>
public sealed class UsageCases
{
    [Theory(DisplayName = "TR19 the peak of a task that is looked at while it runs is known though it is below the worker's own, whoever takes its output; that of a short one is absent")]
    [InlineData("")]
    [InlineData("outputs: stdout_json, ")]
    public async Task Peak(string output)
    {
        await using var box = new Sandbox();
        box.Environment["Orchestrator__Processes__LogLimit"] = "64KiB";
        // The look that shortens another task's log looks at the memory of all first: once it is shortened, this task has been seen with all it holds.
        var flow = box.Workflow($$"""
            name: holds
            tasks:
              - {id: holds, {{output}}run: '{ head -c 30m /dev/zero; touch {{box.Root}}/full; until test -e {{box.Root}}/go; do sleep 0.05; done; } | tail > /dev/null; echo "{}"'}
              - {id: says, run: 'until test -e {{box.Root}}/full; do sleep 0.05; done; head -c 300000 /dev/zero | tr "\\0" x; until test -e {{box.Root}}/go; do sleep 0.05; done'}
              - {id: short, depends_on: [says], exec: ["true"]}
            """);
        var run = box.Start("run", flow, "--json");
        await Poll.UntilAsync(() => Directory.Exists(box.Data) && Directory.EnumerateFiles(box.Data, "says.1.log", SearchOption.AllDirectories)
            .Any(log => new FileInfo(log).Length == 300_000 && File.ReadAllBytes(log)[150_000] == 0), "the log being shortened");
        box.Write("go", "");
        var tasks = (await run.EndAsync()).Exits(0).Json().GetProperty("tasks");
        var id = (await box.RunAsync("runs", "--json")).JsonLines().Single().RunId();
        var shown = (await box.RunAsync("show", id, "--json")).Json().GetProperty("tasks");
        shown.GetProperty("holds").GetProperty("usage").GetProperty("peak_memory_bytes").GetInt64().ShouldBeInRange(30 << 20, 60 << 20);
        shown.GetProperty("short").GetProperty("usage").TryGetProperty("peak_memory_bytes", out _).ShouldBeFalse();
        tasks.GetProperty("holds").Status().ShouldBe("completed");
    }
}

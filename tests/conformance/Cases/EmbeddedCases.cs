using Orchestrator.Conformance.Harness;
using Shouldly;
using Xunit;

namespace Orchestrator.Conformance.Cases;

/// <summary>A program with an orchestrator inside, seen from outside: what it prints, what it leaves, how it ends.</summary>
public sealed class EmbeddedCases
{
    [Fact(DisplayName = "Z01 a program with an orchestrator inside runs its own code, a file's workflow and the shell, hears of it and answers by HTTP")]
    public async Task Sample()
    {
        await using var box = new Sandbox();
        var ended = await box.StartOther(Built.EmbeddedSample, box.Data, "Grace").EndAsync();
        ended.ExitCode.ShouldBe(0, ended.ToString());
        var lines = ended.Output.Split('\n');
        lines.ShouldContain("progress 1 of 4 boxes counted");
        lines.ShouldContain("progress 4 of 4 boxes counted");
        lines.Count(l => l.StartsWith("progress", StringComparison.Ordinal)).ShouldBeLessThan(4, "what comes within a second is not all told");
        lines.ShouldContain("boxes workflow.completed");
        lines.ShouldContain("greet workflow.completed");
        lines.ShouldContain("weigh: Completed, value=12.5");
        lines.ShouldContain("By HTTP: boxes, greet");
    }

    [Fact(DisplayName = "Z02 what an orchestrator inside a program did is journaled, logged and reported like any other run")]
    public async Task Record()
    {
        await using var box = new Sandbox();
        (await box.StartOther(Built.EmbeddedSample, box.Data, "Grace").EndAsync()).ExitCode.ShouldBe(0);
        var runs = (await box.RunAsync("runs", "--json")).JsonLines();
        runs.Select(r => r.GetProperty("workflow").GetString()).Order().ShouldBe(["boxes", "greet"]);
        string IdOf(string workflow) => runs.Single(r => r.GetProperty("workflow").GetString() == workflow).GetProperty("run_id").GetString()!;

        var boxes = await box.EventsAsync(IdOf("boxes"));
        boxes.Select(e => e.GetProperty("seq").GetInt64()).ShouldBe(Enumerable.Range(1, boxes.Count).Select(n => (long)n));
        boxes[^1].GetProperty("type").GetString().ShouldBe("workflow.completed");
        var progress = boxes.Where(e => e.GetProperty("type").GetString() == "task.progress").Select(e => e.GetProperty("data").GetProperty("percent").GetDouble()).ToList();
        progress.ShouldBe([25, 100]);
        boxes.Single(e => e.GetProperty("type").GetString() == "task.retrying").GetProperty("data").GetProperty("error").GetString().ShouldBe("the scale is busy");
        (await box.RunAsync("logs", IdOf("boxes"), "count")).Output.ShouldContain("All boxes are counted");
        (await box.RunAsync("logs", IdOf("greet"), "shell")).Output.ShouldContain("the shell says Hello, Grace! Hello, Grace!");
    }

    [Fact(DisplayName = "Z03 a data directory that another worker holds is refused with a remedy")]
    public async Task Held()
    {
        await using var box = new Sandbox();
        await using var server = await Server.StartAsync(box);
        var refused = await box.StartOther(Built.EmbeddedSample, box.Data).EndAsync();
        refused.ExitCode.ShouldNotBe(0);
        refused.Errors.ShouldContain("Give each worker a DataDirectory of its own");
    }

    [Fact(DisplayName = "Z04 the lines of the example in the README are lines of the sample")]
    public void Readme()
    {
        var readme = File.ReadAllText(Path.Combine(Built.Repository, "README.md"));
        var start = readme.IndexOf("```csharp\n", StringComparison.Ordinal) + "```csharp\n".Length;
        var example = readme[start..readme.IndexOf("```", start, StringComparison.Ordinal)];
        var sample = File.ReadAllText(Path.Combine(Built.Repository, "tests", "Orchestrator.EmbeddedSample", "Program.cs")).Split('\n').Select(l => l.Trim()).ToHashSet();
        example.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Trim()).Where(l => !sample.Contains(l)).ShouldBeEmpty();
    }
}

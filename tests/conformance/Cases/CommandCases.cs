using Orchestrator.Conformance.Harness;
using Shouldly;
using Xunit;

namespace Orchestrator.Conformance.Cases;

/// <summary>The command line as people meet it.</summary>
[Trait("Program", "both")]
public sealed class CommandCases
{
    [Theory(DisplayName = "C01 every verb has help with an example")]
    [InlineData("serve"), InlineData("run"), InlineData("validate"), InlineData("plan"), InlineData("runs")]
    [InlineData("show"), InlineData("events"), InlineData("logs"), InlineData("cancel")]
    public async Task Help(string verb)
    {
        await using var box = new Sandbox();
        var finished = (await box.RunAsync(verb, "--help", "--data", box.Data)).Exits(0);
        finished.Output.ShouldContain("orchestrator " + verb);
        finished.Output.ShouldContain("--data");
        finished.Output.ShouldContain("--config");
        finished.Output.ShouldContain("Example", Case.Insensitive);
    }

    [Fact(DisplayName = "C02 an unknown verb or option is exit 2")]
    public async Task Unknown()
    {
        await using var box = new Sandbox();
        (await box.RunAsync("rnu")).Refuses(2, "rnu");
        (await box.RunAsync("run", "--parm", "x=1")).Exits(2);
    }

    [Fact(DisplayName = "C03 a bad settings file is named with its key")]
    public async Task Settings()
    {
        await using var box = new Sandbox();
        var flow = box.Workflow("name: x\ntasks: [{id: a, noop: true}]\n");
        (await box.RunAsync("run", flow, "--config", box.PathOf("no.json"))).Refuses(2, "no.json");
        (await box.RunAsync("run", flow, "--config", box.Write("broken.json", "{"))).Refuses(2, "broken.json");
        (await box.RunAsync("run", flow, "--config", box.Write("slots.json", """{"Orchestrator":{"Runner":{"Slots":0}}}"""))).Refuses(2, "Slots", "0");
    }

    [Fact(DisplayName = "C04 runs lists newest first, filters, and is one JSON line per run")]
    public async Task Runs()
    {
        await using var box = new Sandbox();
        var (_, one) = await box.RunJsonAsync(box.Workflow("name: good\ntasks: [{id: a, noop: true}]\n", "good.yaml"));
        var (_, two) = await box.RunJsonAsync(box.Workflow("name: bad\ntasks: [{id: a, run: 'false'}]\n", "bad.yaml"));
        var rows = (await box.RunAsync("runs", "--json")).Exits(0).JsonLines();
        rows.Select(r => r.GetProperty("run_id").GetString()).ShouldBe([two.GetProperty("run_id").GetString(), one.GetProperty("run_id").GetString()]);
        (await box.RunAsync("runs", "--json", "--status", "failed")).JsonLines().ShouldHaveSingleItem().GetProperty("workflow").GetString().ShouldBe("bad");
        (await box.RunAsync("runs", "--json", "--workflow", "good")).JsonLines().ShouldHaveSingleItem().GetProperty("status").GetString().ShouldBe("completed");
        (await box.RunAsync("runs")).Exits(0).Output.ShouldContain("good");
    }

    [Fact(DisplayName = "C05 piped output is plain lines that name every task")]
    public async Task Plain()
    {
        await using var box = new Sandbox();
        var finished = (await box.RunAsync("run", box.Workflow("name: x\ntasks: [{id: first, noop: true}, {id: second, noop: true, depends_on: [first]}]\n"))).Exits(0);
        finished.Output.ShouldContain("first");
        finished.Output.ShouldContain("second");
        finished.Output.ShouldContain("report", Case.Insensitive);
        finished.Output.ShouldNotContain("\u001b[");
    }

    [Fact(DisplayName = "C06 events are one native envelope per line")]
    public async Task Envelopes()
    {
        await using var box = new Sandbox();
        var (_, json) = await box.RunJsonAsync(box.Workflow("name: x\ntasks: [{id: a, noop: true}]\n"));
        var events = await box.EventsAsync(json.GetProperty("run_id").GetString()!);
        string[] fields = ["specversion", "event_id", "seq", "type", "short_type", "version", "time", "source", "priority", "severity", "correlation_id", "causation_id",
            "run_id", "workflow", "definition_version", "stage", "task", "module", "attempt", "tenant_id", "project_id", "schedule_id", "owner_epoch", "trace", "producer", "data", "stream"];
        foreach (var e in events) e.EnumerateObject().Select(p => p.Name).ShouldBe(fields, ignoreOrder: true);
        events.Select(e => e.GetProperty("producer")).ShouldAllBe(p => p.Text("hostname") == Environment.MachineName && p.Text("version") != null && p.Text("instance_id") != null,
            "every event says who decided it, however long ago");
        var ids = events.Select(e => e.GetProperty("event_id").GetString()).ToHashSet();
        ids.Count.ShouldBe(events.Count);
        foreach (var e in events.Skip(1)) ids.ShouldContain(e.GetProperty("causation_id").GetString(), e.ToString());
        (await box.EventsAsync(json.GetProperty("run_id").GetString()!)).Select(e => e.ToString()).ShouldBe(events.Select(e => e.ToString()), "the same question, another answer");
    }

    [Fact(DisplayName = "C07 a run killed with -9 is resumed by hand and repeats no completed task")]
    public async Task ResumeByHand()
    {
        await using var box = new Sandbox();
        var flow = box.Workflow($"name: x\ntasks: [{{id: first, run: 'echo x >> {box.Root}/first'}}, {{id: a, depends_on: [first], run: 'touch {box.Root}/started; until test -e {box.Root}/go; do sleep 0.02; done'}}]\n");
        var run = box.Start("run", flow);
        await Poll.UntilAsync(() => File.Exists(box.PathOf("started")));
        run.Signal(9);
        await run.EndAsync();
        var id = (await box.RunAsync("runs", "--json")).JsonLines().Single().GetProperty("run_id").GetString()!;
        box.Write("go", "");
        var json = (await box.RunAsync("run", "--resume", id, "--json")).Exits(0).Json();
        json.GetProperty("run_id").GetString().ShouldBe(id);
        json.GetProperty("tasks").GetProperty("a").GetProperty("attempts").GetInt32().ShouldBe(2);
        File.ReadAllLines(box.PathOf("first")).Length.ShouldBe(1);
    }

    [Fact(DisplayName = "C08 SIGTERM interrupts a run resumably and says how to go on")]
    public async Task Terminate()
    {
        await using var box = new Sandbox();
        var flow = box.Workflow($"name: x\ntasks: [{{id: a, run: 'touch {box.Root}/started; until test -e {box.Root}/go; do sleep 0.02; done'}}]\n");
        var run = box.Start("run", flow);
        await Poll.UntilAsync(() => File.Exists(box.PathOf("started")));
        run.Signal(15);
        (await run.EndAsync()).Refuses(5, "--resume");
        box.Write("go", "");
        var id = (await box.RunAsync("runs", "--json")).JsonLines().Single().GetProperty("run_id").GetString()!;
        (await box.RunAsync("run", "--resume", id, "--json")).Exits(0);
    }

    [Fact(DisplayName = "C09 `dotnet run` starts the program where its caller stands, as the README says")]
    public async Task FromSource()
    {
        await using var box = new Sandbox();
        box.Workflow("name: here\ntasks:\n  - {id: a, exec: [touch, made-here]}\n");
        // Built with the suite: this is about how it is started, not about building it once more under the other cases.
        var ran = await box.StartOther("dotnet", "run", "--no-build", "-c", Built.Configuration, "--project", Path.Combine(Built.Repository, "src", "Orchestrator.Worker"),
            "--", "run", "flow.yaml", "--data", "data", "--json").EndAsync();
        ran.Exits(0).Json().GetProperty("status").GetString().ShouldBe("completed");
        File.Exists(box.PathOf("made-here")).ShouldBeTrue();
        Directory.Exists(box.Data).ShouldBeTrue();
    }
}

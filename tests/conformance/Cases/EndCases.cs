using System.Text.Json;
using System.Text.RegularExpressions;
using Orchestrator.Conformance.Harness;
using Shouldly;
using Xunit;

namespace Orchestrator.Conformance.Cases;

/// <summary>What is told of how things ended, and of what they were.</summary>
public sealed class EndCases
{
    [Fact(DisplayName = "LE01 a stage in which the run was cancelled or took too long has not completed, in events, report and every form")]
    public async Task StagesCutShort()
    {
        await using var box = new Sandbox();
        const string Tasks = "stages: [one, two]\ntasks: [{id: a, stage: one, run: 'true'}, {id: b, stage: one, run: 'touch started; sleep 300'}, {id: c, stage: two, depends_on: [b], noop: true}]\n";
        var slow = await box.RunAsync("run", box.Workflow($"name: slow\ntimeout: 1s\n{Tasks}", "slow.yaml"), "--json");
        await StageEnds(box, slow.Json().RunId(), "timeout", "failed");
        File.Delete(box.PathOf("started"));
        var off = box.Start("run", box.Workflow($"name: off\n{Tasks}", "off.yaml"), "--json");
        await Poll.UntilAsync(() => File.Exists(box.PathOf("started")), "the task");
        off.Signal(2);
        await StageEnds(box, (await off.EndAsync()).Exits(3).Json().RunId(), "cancelled", "cancelled");
    }

    private static async Task StageEnds(Sandbox box, string run, string kind, string status)
    {
        var events = await box.EventsAsync(run);
        events.Of("stage.completed").ShouldBeEmpty();
        var end = events.Of("stage.failed").ShouldHaveSingleItem();
        end.Data().Text("stage_name").ShouldBe("one");
        end.Data().Text("error_type").ShouldBe(kind == "cancelled" ? null : kind);
        end.Data().Text("cancel_reason").ShouldBe(kind == "cancelled" ? "run_cancelled" : "run_timeout");
        var shape = (await box.RunAsync("events", run, "--format", "omninode")).JsonLines().Single(m => m.Text("event_type") == "STAGE_FAILED");
        shape.GetProperty("payload").Text("error_type").ShouldBe(kind);
        var shown = (await box.RunAsync("show", run, "--json")).Json();
        shown.GetProperty("stages").EnumerateArray().Select(s => $"{s.Text("name")} {s.Status()}").ShouldBe([$"one {status}", "two skipped"]);
        (await box.RunAsync("replay", run)).Exits(0);
        (await box.RunAsync("reconcile")).Exits(0);
    }

    [Fact(DisplayName = "LE02 labels, tags and metadata are shown: by show, in both reports and by the API")]
    public async Task Notes()
    {
        await using var box = new Sandbox();
        box.Write("workflows/noted.yaml", """
            name: noted
            labels: {team: data, tier: "1"}
            tasks:
              - {id: a, tags: [nightly, io], metadata: {runbook: "https://wiki.example/a", cost: 3}, noop: true}
              - {id: each, depends_on: [a], foreach: [x, y], tags: [many], noop: true}
              - {id: plain, noop: true}
            handlers: {finally: [{id: tidy, tags: [last], noop: true}]}
            """);
        await using var server = await Server.StartAsync(box);
        var run = await server.SubmitAsync("noted");
        (await server.EndOfAsync(run)).ShouldBe("completed");
        foreach (var json in new[] { await server.GetAsync($"/api/v1/runs/{run}"), (await box.RunAsync("show", run, "--json")).Json() })
        {
            json.GetProperty("labels").ToString().ShouldBe("""{"team":"data","tier":"1"}""");
            (Tags(json, "a"), Tags(json, "each"), Tags(json, "each[1]"), Tags(json, "plain"), Tags(json, "tidy")).ShouldBe(("nightly io", "many", "many", "", "last"));
            JsonElement.DeepEquals(json.Task("a").GetProperty("metadata"), JsonElement.Parse("""{"runbook": "https://wiki.example/a", "cost": 3}""")).ShouldBeTrue();
        }
        var shown = (await box.RunAsync("show", run)).Exits(0).Output.Split('\n');
        foreach (var line in (string[])["labels: team=data, tier=1", "tags of a: nightly, io", "metadata of a: cost=3, runbook=https://wiki.example/a", "tags of each: many", "tags of tidy: last"]) shown.ShouldContain(line);
        await Poll.UntilAsync(() => File.Exists(Path.Combine(box.RunFolder(run), "report.md")), "the report");
        var report = Cells(box, run);
        foreach (var part in (string[])["| Labels | team=data, tier=1 |", "## Tags and metadata", "| a | nightly, io | cost: `3`, runbook: `\"https://wiki.example/a\"` |"]) report.ShouldContain(part);
        File.ReadAllText(Path.Combine(box.RunFolder(run), "report.json")).ShouldContain("\"nightly\"");
    }

    // The report without what aligns its tables.
    private static string Cells(Sandbox box, string run) => Regex.Replace(File.ReadAllText(Path.Combine(box.RunFolder(run), "report.md")), " +", " ");

    private static string Tags(JsonElement run, string task) => string.Join(' ', run.Task(task).GetProperty("tags").EnumerateArray().Select(t => t.GetString()));

    [Fact(DisplayName = "LE03 children of fan-outs carry the names of their items: in events, show and reports")]
    public async Task Items()
    {
        await using var box = new Sandbox();
        var (finished, json) = await box.RunJsonAsync(box.Workflow("""
            name: named
            fail_fast: false
            tasks:
              - {id: each, foreach: [eu, 3.10, {host: db, port: 5432}, {deep: {}}], exec: [test, "${{ item }}", "!=", eu]}
              - {id: grid, matrix: {os: [linux], py: [3.9, 3.10]}, noop: true}
            """));
        finished.Exits(1);
        var run = json.RunId();
        var names = new Dictionary<string, string?>
        {
            ["each[0]"] = "eu", ["each[1]"] = "3.10", ["each[2]"] = "host=db, port=5432", ["each[3]"] = null, ["grid[0]"] = "os=linux, py=3.9", ["grid[1]"] = "os=linux, py=3.10", ["each"] = null,
        };
        var full = (await box.RunAsync("show", run, "--json")).Json();
        var events = await box.EventsAsync(run);
        foreach (var (task, name) in names)
        {
            full.Task(task).Text("item").ShouldBe(name, task);
            events.Where(e => e.Text("task") == task).ShouldAllBe(e => e.Text("module") == (task == "each" ? null : name ?? task), task);
        }
        (await box.RunAsync("show", run)).Output.ShouldSatisfyAllConditions(o => o.ShouldMatch("each\\[0\\] .* eu: "), o => o.ShouldContain("os=linux, py=3.10"));
        Cells(box, run).ShouldSatisfyAllConditions(r => r.ShouldContain("### each\\[0\\]: eu"), r => r.ShouldContain("| grid\\[1\\]: os=linux, py=3.10 |"));
    }

    [Theory(DisplayName = "LE04 one failed child of a fan-out is one failure: in the lists, the report and the metrics")]
    [InlineData("foreach: [x, y, z]", "test ${{ item }} != y", "each[1]", "exit_code")]
    [InlineData("matrix: {a: [x, y]}", "test ${{ matrix.a }} != y", "each[1]", "exit_code")]
    [InlineData("foreach: [x, y, z]", "test ${{ item }} = x", "each[1] each[2]", "exit_code")]
    [InlineData("foreach: \"${{ json('nothing') }}\"", "true", "each", "condition_error")]
    public async Task OneFailure(string items, string command, string failed, string kind)
    {
        await using var box = new Sandbox();
        box.Write("workflows/many.yaml", $"name: many\nfail_fast: false\ntasks: [{{id: each, {items}, run: \"{command}\"}}]\nhandlers: {{on_failure: [{{id: told, exec: [echo, \"${{{{ join(run.failed_tasks, ' ') }}}}\"]}}]}}\n");
        await using var server = await Server.StartAsync(box);
        var run = await server.SubmitAsync("many");
        (await server.EndOfAsync(run)).ShouldBe("failed");
        var n = failed.Split(' ').Length;
        (await box.EventsAsync(run)).Of("workflow.failed").Single().Data().GetProperty("failed_tasks").EnumerateArray().Select(t => t.GetString()).ShouldBe(failed.Split(' '), ignoreOrder: true);
        (await box.RunAsync("logs", run, "told")).Output.TrimEnd().Split(' ').ShouldBe(failed.Split(' '), ignoreOrder: true);
        var errors = (await server.Http.GetStringAsync("/metrics")).Split('\n').Single(l => l.StartsWith("cicd_pipeline_run_errors_total{", StringComparison.Ordinal));
        errors.ShouldContain($"error_type=\"{kind}\"");
        errors.ShouldEndWith($" {n}");
        await Poll.UntilAsync(() => File.Exists(Path.Combine(box.RunFolder(run), "report.md")), "the report");
        File.ReadAllLines(Path.Combine(box.RunFolder(run), "report.md")).Count(l => l.StartsWith("### ", StringComparison.Ordinal)).ShouldBe(n);
        (await box.RunAsync("replay", run)).Exits(0);
        (await box.RunAsync("reconcile")).Exits(0);
    }
}

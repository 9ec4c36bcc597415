using System.Text.Json;
using Orchestrator.Conformance.Harness;
using Orchestrator.TestKit.Http;
using Shouldly;
using Xunit;

namespace Orchestrator.Conformance.Cases;

/// <summary>What tasks hand on to those after them, however they ended.</summary>
public sealed class HandedOnCases
{
    private static string Log(JsonElement json, string task) => File.ReadAllText(Path.Combine(json.GetProperty("report_dir").GetString()!, $"logs/{task}.1.log")).TrimEnd('\n');

    [Fact(DisplayName = "LH01 results and exit code of failed, allowed and timed-out tasks can be read by those after them, and by handlers")]
    public async Task Failed()
    {
        await using var site = await LoopbackSite.StartAsync(c => LoopbackSite.TextAsync(c, 404, "no"));
        await using var box = new Sandbox();
        var (finished, json) = await box.RunJsonAsync(box.Workflow($$$"""
            name: handed
            fail_fast: false
            tasks:
              - {id: bad, run: 'echo "rows=3" >> "$ORCHESTRATOR_OUTPUT"; exit 7'}
              - {id: may, allow_failure: true, outputs: stdout_json, run: 'echo "{\"seen\": [1, 2]}"; exit 8'}
              - {id: slow, timeout: 1s, grace: 100ms, run: 'echo "begun=yes" >> "$ORCHESTRATOR_OUTPUT"; sleep 60'}
              - {id: ask, http: "{{{site.Url}}}/x"}
              - id: read
                depends_on: [bad, may, slow, ask]
                run_when: all_done
                run: 'echo "${{ tasks.bad.status }} ${{ tasks.bad.exit_code }} ${{ tasks.bad.outputs.rows }} ${{ tasks.may.exit_code }} ${{ tasks.may.outputs.seen[1] }} ${{ tasks.slow.outputs.begun }} ${{ tasks.ask.outputs.status }} $bad__rows"'
            handlers:
              on_failure: [{id: page, exec: [echo, "${{ tasks.bad.outputs.rows }} ${{ tasks.slow.outputs.begun }}"]}]
            """));
        finished.Exits(1);
        Log(json, "read").ShouldBe("failed 7 3 8 2 yes 404 3");
        Log(json, "page").ShouldBe("3 yes");
        json.GetProperty("tasks").GetProperty("bad").GetProperty("outputs").GetProperty("rows").GetString().ShouldBe("3");
        (await box.RunAsync("replay", json.GetProperty("run_id").GetString()!)).Exits(0);
        (await box.RunAsync("reconcile")).Exits(0);
    }

    [Fact(DisplayName = "LH02 a failed fan-out hands on results, count, completed, failed and skipped")]
    public async Task FanOut()
    {
        await using var box = new Sandbox();
        var (finished, json) = await box.RunJsonAsync(box.Workflow("""
            name: many
            fail_fast: false
            tasks:
              - id: each
                foreach: [1, 2, 3, 4]
                if: item != 4
                run: 'echo "n=${{ item }}" >> "$ORCHESTRATOR_OUTPUT"; test ${{ item }} != 2'
              - id: read
                depends_on: [each]
                run_when: all_done
                exec: [echo, "${{ tasks.each.outputs.count }} ${{ tasks.each.outputs.completed }} ${{ tasks.each.outputs.failed }} ${{ tasks.each.outputs.skipped }} ${{ tasks.each.outputs.results[2].n }} ${{ tasks.each.outputs.results[1].n }} ${{ tasks.each.outputs.results[3] == null }}"]
            """));
        finished.Exits(1);
        Log(json, "read").ShouldBe("4 2 1 1 3 2 true");
        (await box.RunAsync("replay", json.GetProperty("run_id").GetString()!)).Exits(0);
    }

    [Fact(DisplayName = "LH03 what a cancelled task wrote can be read by the handlers; a secret among it is not kept")]
    public async Task Cancelled()
    {
        await using var box = new Sandbox();
        box.Environment["THE_SECRET"] = "hunter2-hunter2";
        var (finished, json) = await box.RunJsonAsync(box.Workflow("""
            name: stopped
            on_fail_fast: cancel
            secrets: {S: {env: THE_SECRET}}
            tasks:
              - {id: long, run: 'echo "at=page 3" >> "$ORCHESTRATOR_OUTPUT"; touch "$ORCHESTRATOR_RUN_DIR/begun"; sleep 60'}
              - {id: leak, env: {S: "${{ secrets.S }}"}, run: 'while [ ! -e "$ORCHESTRATOR_RUN_DIR/begun" ]; do sleep 0.05; done; echo "s=$S" >> "$ORCHESTRATOR_OUTPUT"; exit 4'}
            handlers:
              on_failure: [{id: page, env: {AT: "${{ tasks.long.outputs.at }}"}, run: 'echo "${{ tasks.long.status }} $AT ${{ default(tasks.leak.outputs.s, "none") }}"'}]
            """));
        finished.Exits(1);
        Log(json, "page").ShouldBe("cancelled page 3 none");
        json.GetProperty("tasks").GetProperty("leak").GetProperty("error").GetString().ShouldNotBeNull().ShouldContain("not kept");
        foreach (var file in Directory.EnumerateFiles(box.Data, "*", SearchOption.AllDirectories)) File.ReadAllText(file).ShouldNotContain("hunter2", Case.Sensitive, file);
    }

    [Fact(DisplayName = "LH04 large results of a failed task are read from their file, after a restart too")]
    public async Task Large()
    {
        await using var box = new Sandbox();
        var (finished, json) = await box.RunJsonAsync(box.Workflow("""
            name: large
            fail_fast: false
            tasks:
              - {id: bad, run: 'printf "v=" >> "$ORCHESTRATOR_OUTPUT"; head -c 20000 /dev/zero | tr "\0" x >> "$ORCHESTRATOR_OUTPUT"; exit 1'}
              - {id: read, depends_on: [bad], run_when: all_done, exec: [echo, "${{ length(tasks.bad.outputs.v) }}"]}
            """));
        finished.Exits(1);
        Log(json, "read").ShouldBe("20000");
        (await box.RunAsync("show", json.GetProperty("run_id").GetString()!, "--json")).Exits(0).Output.ShouldContain("outputs/bad.json");
    }

    [Fact(DisplayName = "LH05 results may be JSON over several lines and end lines with CRLF; what is malformed is said in plain words")]
    public async Task Formats()
    {
        await using var box = new Sandbox();
        var (finished, json) = await box.RunJsonAsync(box.Workflow("""
            name: formats
            fail_fast: false
            tasks:
              - {id: pretty, run: 'printf "{\n  \"a\": {\n    \"b\": [1,\n 2]\n  }\n}\nc=d\n" >> "$ORCHESTRATOR_OUTPUT"'}
              - {id: crlf, run: 'printf "a=1\r\nb<<END\r\nx\r\ny\r\nEND\r\n{\"c\": 3}\r\n{\r\n \"d\": 4\r\n}\r\n" >> "$ORCHESTRATOR_OUTPUT"'}
              - {id: open, run: 'printf "{\n  \"a\": 1\n" >> "$ORCHESTRATOR_OUTPUT"'}
              - {id: trailing, run: 'printf "{\"a\": 1} x\n" >> "$ORCHESTRATOR_OUTPUT"'}
            """));
        finished.Exits(1);
        var tasks = json.GetProperty("tasks");
        tasks.GetProperty("pretty").GetProperty("outputs").GetRawText().Replace(" ", "", StringComparison.Ordinal).Replace("\n", "", StringComparison.Ordinal).ShouldBe("""{"a":{"b":[1,2]},"c":"d"}""");
        tasks.GetProperty("crlf").GetProperty("outputs").GetRawText().Replace(" ", "", StringComparison.Ordinal).Replace("\n", "", StringComparison.Ordinal).ShouldBe("""{"a":"1","b":"x\ny","c":3,"d":4}""");
        foreach (var (task, word) in new[] { ("open", "no whole JSON object"), ("trailing", "text follows") })
            tasks.GetProperty(task).GetProperty("error").GetString().ShouldNotBeNull().ShouldSatisfyAllConditions(e => e.ShouldContain(word), e => e.ShouldNotContain("LineNumber"));
    }
}

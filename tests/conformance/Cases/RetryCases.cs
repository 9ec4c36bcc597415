using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Orchestrator.Conformance.Harness;
using Shouldly;
using Xunit;

namespace Orchestrator.Conformance.Cases;

/// <summary>A finished run is repeated in part: what completed is kept, its results with it, and nothing of it is executed again.</summary>
public sealed class RetryCases
{
    [Fact(DisplayName = "RT01 retry runs what did not complete and what comes after it; kept results, small and large, reach the tasks that run")]
    public async Task Default()
    {
        await using var box = new Sandbox();
        var flow = Flow(box);
        var first = await FailAsync(box, flow);

        var preview = (await box.RunAsync("retry", first, "--dry-run", "--json")).Exits(0).Json();
        Steps(preview).ShouldBe("small kept, large kept, each kept, check runs, last runs");
        preview.GetProperty("running").GetInt32().ShouldBe(2);
        (await box.RunAsync("runs", "--json")).JsonLines().Count.ShouldBe(1, "a dry run starts nothing");

        File.WriteAllText(box.PathOf("mended"), "");
        var json = (await box.RunAsync("retry", first, "--json")).Exits(0).Json();
        json.GetProperty("status").GetString().ShouldBe("completed");
        var tasks = json.GetProperty("tasks");
        tasks.GetProperty("small").GetProperty("attempts").GetInt32().ShouldBe(0);
        tasks.GetProperty("large").GetProperty("outputs").GetProperty("text").GetString()!.Length.ShouldBe(6000);
        tasks.GetProperty("last").GetProperty("outputs").GetProperty("seen").GetString().ShouldBe("7 6000 2");
        File.ReadAllLines(box.PathOf("ledger")).Order().ShouldBe(["check", "check", "each", "each", "large", "last", "small"]);

        var second = json.GetProperty("run_id").GetString()!;
        var shown = (await box.RunAsync("show", second, "--json")).Exits(0).Json();
        shown.GetProperty("retry_of").GetString().ShouldBe(first);
        shown.GetProperty("trigger").GetString().ShouldBe("retry");
        shown.GetProperty("tasks").GetProperty("small").GetProperty("reused_from").GetString().ShouldBe(first);
        (await box.RunAsync("show", second)).Exits(0).Output.ShouldContain($"kept from {first}");
        var events = await box.EventsAsync(second);
        var earlier = await box.EventsAsync(first);
        events[0].GetProperty("data").GetProperty("correlation_id").GetString().ShouldBe(earlier[0].GetProperty("data").GetProperty("correlation_id").GetString());
        File.ReadAllText(Path.Combine(json.GetProperty("report_dir").GetString()!, "report.md")).ShouldContain(first);
        foreach (var run in new[] { first, second }) (await box.RunAsync("replay", run)).Exits(0);
    }

    [Fact(DisplayName = "RT02 --from, --only and --downstream choose; what cannot be is refused with the names")]
    public async Task Selection()
    {
        await using var box = new Sandbox();
        var first = await FailAsync(box, Flow(box));
        Steps((await box.RunAsync("retry", first, "--from", "small", "--dry-run", "--json")).Exits(0).Json()).ShouldBe("small runs, large kept, each kept, check runs, last runs");
        Steps((await box.RunAsync("retry", first, "--only", "check", "--downstream", "--dry-run", "--json")).Exits(0).Json()).ShouldBe("small kept, large kept, each kept, check runs, last runs");
        (await box.RunAsync("retry", first, "--only", "check")).Refuses(2, "'last'", "--downstream");
        (await box.RunAsync("retry", first, "--from", "chek")).Refuses(2, "no task 'chek'", "'check'");
        (await box.RunAsync("retry", first, "--from", "each[0]")).Refuses(2, "run together");
        (await box.RunAsync("retry", first, "--from", "small", "--only", "large")).Refuses(2, "exclude each other");
        (await box.RunAsync("retry", first, "--definition", "old")).Refuses(2, "--definition");
        (await box.RunAsync("retry", "00000000-0000-7000-8000-000000000000")).Refuses(4, "no run");

        File.WriteAllText(box.PathOf("mended"), "");
        var second = (await box.RunAsync("retry", first, "--json")).Exits(0).Json().GetProperty("run_id").GetString()!;
        (await box.RunAsync("retry", second)).Refuses(1, "nothing to run again", "--from");
        (await box.RunAsync("retry", second, "--only", "large", "--json")).Exits(0);
        File.ReadAllLines(box.PathOf("ledger")).Count(l => l == "large").ShouldBe(2);
    }

    [Fact(DisplayName = "RT03 a results file that is gone makes its task run again, and the preview says so")]
    public async Task Lost()
    {
        await using var box = new Sandbox();
        var first = await FailAsync(box, Flow(box));
        foreach (var file in Directory.EnumerateFiles(Path.Combine(box.Data, "runs"), "large.json", SearchOption.AllDirectories)) File.Delete(file);
        var preview = (await box.RunAsync("retry", first, "--dry-run")).Exits(0);
        preview.Output.ShouldContain("its results are missing");
        File.WriteAllText(box.PathOf("mended"), "");
        (await box.RunAsync("retry", first)).Exits(0);
        File.ReadAllLines(box.PathOf("ledger")).Count(l => l == "large").ShouldBe(2);
    }

    [Fact(DisplayName = "RT04 --definition current runs changed and new tasks, and leaves out what is gone")]
    public async Task Current()
    {
        await using var box = new Sandbox();
        var flow = Flow(box);
        var first = await FailAsync(box, flow);
        File.WriteAllText(flow, File.ReadAllText(flow).Replace("test -e", "true || test -e", StringComparison.Ordinal) + "  - {id: extra, noop: true}\n");
        var preview = (await box.RunAsync("retry", first, "--definition", "current", "--dry-run", "--json")).Exits(0).Json();
        Steps(preview).ShouldBe("small kept, large kept, each kept, check runs, last runs, extra runs");
        (await box.RunAsync("retry", first, "--definition", "run", "--json")).Exits(1);
        var json = (await box.RunAsync("retry", first, "--definition", "current", "--json")).Exits(0).Json();
        json.GetProperty("counts").GetProperty("total").GetInt32().ShouldBe(6);
    }

    [Fact(DisplayName = "RT05 through serve: preview, retry, refusals; an open run is refused; a retry killed with serve is finished by the next one")]
    public async Task Served()
    {
        await using var box = new Sandbox();
        Flow(box, "workflows/flow.yaml", tail: $"test ! -e {box.PathOf("slow")} || sleep 30");
        string second;
        await using (var server = await Server.StartAsync(box))
        {
            var first = await server.SubmitAsync("flow");
            (await server.EndOfAsync(first)).ShouldBe("failed");
            Steps(await server.GetAsync($"/api/v1/runs/{first}/retry")).ShouldBe("small kept, large kept, each kept, check runs, last runs");
            Steps(await server.GetAsync($"/api/v1/runs/{first}/retry?from=large&definition=current")).ShouldBe("small kept, large runs, each kept, check runs, last runs");
            (await server.Http.GetAsync($"/api/v1/runs/{first}/retry?only=small")).StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
            (await server.Http.GetAsync("/api/v1/runs/00000000-0000-7000-8000-000000000000/retry")).StatusCode.ShouldBe(HttpStatusCode.NotFound);

            File.WriteAllText(box.PathOf("mended"), "");
            File.WriteAllText(box.PathOf("slow"), "");
            using var answer = await server.Http.PostAsJsonAsync($"/api/v1/runs/{first}/retry", new { });
            answer.StatusCode.ShouldBe(HttpStatusCode.Accepted, await answer.Content.ReadAsStringAsync());
            second = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("run_id").GetString()!;
            (await server.Http.PostAsJsonAsync($"/api/v1/runs/{second}/retry", new { })).StatusCode.ShouldBe(HttpStatusCode.Conflict);
            (await box.RunAsync("retry", second)).Refuses(1, "only a finished run");
            await Poll.UntilAsync(() => File.ReadAllLines(box.PathOf("ledger")).Contains("last"), "the last task");
            server.Process.Signal(9);
            await server.Process.EndAsync();
        }
        File.Delete(box.PathOf("slow"));
        await using var next = await Server.StartAsync(box);
        (await next.EndOfAsync(second)).ShouldBe("completed");
        var tasks = (await next.GetAsync($"/api/v1/runs/{second}")).GetProperty("tasks");
        tasks.GetProperty("last").GetProperty("outputs").GetProperty("seen").GetString().ShouldBe("7 6000 2");
        tasks.GetProperty("large").GetProperty("attempts").GetInt32().ShouldBe(0);
        File.ReadAllLines(box.PathOf("ledger")).Count(l => l is "small" or "large").ShouldBe(2, "what was kept is not executed");
        (await box.RunAsync("replay", second)).Exits(0);
        (await box.RunAsync("retry", second, "--from", "check", "--definition", "current", "--json")).Exits(0).Json().GetProperty("status").GetString().ShouldBe("completed");
    }

    private static string Flow(Sandbox box, string file = "flow.yaml", string tail = "true") => box.Workflow($$$"""
        name: flow
        tasks:
          - {id: small, run: "echo small >> {{{box.PathOf("ledger")}}}; echo n=7 >> $ORCHESTRATOR_OUTPUT"}
          - {id: large, run: "echo large >> {{{box.PathOf("ledger")}}}; echo text=$(head -c 6000 /dev/zero | tr '\\0' x) >> $ORCHESTRATOR_OUTPUT"}
          - {id: each, foreach: {items: [1, 2], as: i}, run: "echo each >> {{{box.PathOf("ledger")}}}; echo i=${{ i }} >> $ORCHESTRATOR_OUTPUT"}
          - {id: check, depends_on: [small, large, each], run: "echo check >> {{{box.PathOf("ledger")}}}; test -e {{{box.PathOf("mended")}}}"}
          - id: last
            depends_on: [check]
            env: {TEXT: "${{ tasks.large.outputs.text }}", N: "${{ tasks.small.outputs.n }}", I: "${{ tasks.each.outputs.count }}"}
            run: |
              echo last >> {{{box.PathOf("ledger")}}}
              echo "seen=$N $(printf %s "$TEXT" | wc -c) $I" >> $ORCHESTRATOR_OUTPUT
              {{{tail}}}

        """, file);

    private static async Task<string> FailAsync(Sandbox box, string flow)
    {
        var (finished, json) = await box.RunJsonAsync(flow);
        finished.Exits(1);
        return json.GetProperty("run_id").GetString()!;
    }

    private static string Steps(JsonElement preview) => string.Join(", ", preview.GetProperty("tasks").EnumerateArray().Select(t => $"{t.GetProperty("id").GetString()} {(t.GetProperty("runs").GetBoolean() ? "runs" : "kept")}"));
}

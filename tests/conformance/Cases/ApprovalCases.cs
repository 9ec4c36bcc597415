using Orchestrator.Conformance.Harness;
using Shouldly;
using Xunit;

namespace Orchestrator.Conformance.Cases;

/// <summary>Tasks that ask people.</summary>
public sealed class ApprovalCases
{
    private const string Ship = """
        name: ship
        params: {version: "1.4"}
        tasks:
          - {id: build, run: 'echo "size=7" >> "$ORCHESTRATOR_OUTPUT"'}
          - id: ask
            depends_on: [build]
            approval:
              prompt: "Ship ${{ params.version }} of ${{ tasks.build.outputs.size }} MB?"
              fields: {percent: {type: integer, required: true}, when: {type: date, default: 2026-01-31}, how: {type: enum, values: [slow, fast], default: slow}}
          - id: after
            depends_on: [ask]
            env: {R: "${{ tasks.ask.outputs.percent + 1 }} ${{ tasks.ask.outputs.how }} ${{ tasks.ask.outputs.when }} ${{ tasks.ask.outputs.approved_by[0] }} ${{ default(tasks.ask.outputs.comment, '-') }}"}
            run: 'echo "seen=$R" >> "$ORCHESTRATOR_OUTPUT"'
        """;

    [Fact(DisplayName = "W10 a question is shown with its text, its values are checked, and what was entered goes on downstream")]
    public async Task ByCommand()
    {
        await using var box = new Sandbox();
        (await box.RunAsync("approve")).Exits(0).Output.ShouldContain("No task waits");
        var run = box.Start("run", box.Workflow(Ship), "--json");
        var id = await AskingAsync(box);
        var listed = (await box.RunAsync("approve", "--json")).Exits(0).JsonLines().ShouldHaveSingleItem();
        (listed.RunId(), listed.Text("task"), listed.Text("prompt"), listed.GetProperty("required").GetInt32()).ShouldBe((id, "ask", "Ship 1.4 of 7 MB?", 1));
        (await box.RunAsync("approve")).Exits(0).Output.ShouldContain("Ship 1.4 of 7 MB?");
        (await box.RunAsync("show", id)).Exits(0).Output.ShouldContain("asks: Ship 1.4 of 7 MB?");
        (await box.RunAsync("approve", id)).Refuses(2, "percent", "--value");
        (await box.RunAsync("approve", id, "--value", "percent=half")).Refuses(2, "percent", "half");
        (await box.RunAsync("approve", id, "--value", "percent=5", "--value", "how=never")).Refuses(2, "how", "slow");
        (await box.RunAsync("approve", id, "--value", "percent=5", "--value", "percnt=6")).Refuses(2, "percnt", "percent");
        (await box.RunAsync("approve", id, "build", "--value", "percent=5")).Refuses(1, "build");
        (await box.RunAsync("approve", id, "nothing")).Refuses(4, "nothing");
        var said = (await box.RunAsync("approve", id, "--value", "percent=5", "--value", "how=fast", "--as", "ada", "--comment", "go on", "--json")).Exits(0).Json();
        (said.Text("task"), said.Text("decision"), said.Text("by")).ShouldBe(("ask", "approved", "ada"));
        var json = (await run.EndAsync()).Exits(0).Json();
        json.Output("after", "seen").GetString().ShouldBe("6 fast 2026-01-31 ada go on");
        (await box.RunAsync("approve", id)).Refuses(1, "completed");
        var events = await box.EventsAsync(id);
        events.Of("checkpoint.pending").ShouldHaveSingleItem().Data().Text("prompt").ShouldBe("Ship 1.4 of 7 MB?");
        events.Of("checkpoint.approved").ShouldHaveSingleItem().Data().Text("by").ShouldBe("ada");
    }

    [Fact(DisplayName = "W11 by API: listed, wrong values 422, not waiting 409, unknown 404, a wrong decision 400; the answer is durable when it returns")]
    public async Task ByApi()
    {
        await using var box = new Sandbox();
        box.Write("workflows/ship.yaml", Ship);
        await using var server = await Server.StartAsync(box);
        var run = await server.SubmitAsync("ship", new { version = "2.0" });
        await server.StatusAsync(run, "paused");
        var listed = (await server.GetAsync("/api/v1/approvals")).GetProperty("approvals").EnumerateArray().ShouldHaveSingleItem();
        (listed.RunId(), listed.Text("task"), listed.Text("prompt")).ShouldBe((run, "ask", "Ship 2.0 of 7 MB?"));
        var path = $"/api/v1/runs/{run}/approvals/ask";
        (await server.PostAsync(path, new { decision = "approve", values = new { percent = "half" } })).Status.ShouldBe(422);
        (await server.PostAsync(path, new { decision = "approve" })).Status.ShouldBe(422);
        (await server.PostAsync(path, new { decision = "perhaps" })).Status.ShouldBe(400);
        (await server.PostAsync($"/api/v1/runs/{run}/approvals/build", new { decision = "approve" })).Status.ShouldBe(409);
        (await server.PostAsync($"/api/v1/runs/{run}/approvals/nothing", new { decision = "approve" })).Status.ShouldBe(404);
        (await server.PostAsync(path, new { decision = "approve", by = "ada", values = new { percent = 5 } })).Status.ShouldBe(200);
        server.Process.Signal(9);
        await server.Process.EndAsync();
        await using var again = await Server.StartAsync(box);
        (await again.EndOfAsync(run)).ShouldBe("completed");
        (await again.GetAsync($"/api/v1/runs/{run}")).Output("after", "seen").GetString().ShouldBe("6 slow 2026-01-31 ada -");
        (await again.PostAsync(path, new { decision = "approve", values = new { percent = 5 } })).Status.ShouldBe(409);
        (await again.GetAsync("/api/v1/approvals")).GetProperty("approvals").GetArrayLength().ShouldBe(0);
    }

    [Fact(DisplayName = "W12 several approvals are by different people, of those who may: the same one again 409, others 403")]
    public async Task Several()
    {
        await using var box = new Sandbox();
        box.Write("workflows/two.yaml", "name: two\ntasks: [{id: ask, approval: {prompt: sure?, required: 2, approvers: [ada, bob, eve]}}]\n");
        await using var server = await Server.StartAsync(box);
        var run = await server.SubmitAsync("two");
        await server.StatusAsync(run, "paused");
        var path = $"/api/v1/runs/{run}/approvals/ask";
        (await server.PostAsync(path, new { decision = "approve", by = "mallory" })).Status.ShouldBe(403);
        (await server.PostAsync(path, new { decision = "reject", by = "mallory" })).Status.ShouldBe(403);
        (await box.RunAsync("approve", run, "--as", "mallory")).Refuses(1, "mallory");
        (await server.PostAsync(path, new { decision = "approve", by = "ada" })).Status.ShouldBe(200);
        (await server.PostAsync(path, new { decision = "approve", by = "ada" })).Status.ShouldBe(409);
        var listed = (await server.GetAsync("/api/v1/approvals")).GetProperty("approvals").EnumerateArray().ShouldHaveSingleItem();
        listed.GetProperty("approved_by").EnumerateArray().Select(a => a.GetString()).ShouldBe(["ada"]);
        (await server.GetAsync($"/api/v1/runs/{run}")).Status().ShouldBe("paused");
        (await box.RunAsync("approve", run, "--as", "bob")).Exits(0);
        (await server.EndOfAsync(run)).ShouldBe("completed");
        (await server.GetAsync($"/api/v1/runs/{run}")).Output("ask", "approved_by").ToString().ShouldBe("""["ada","bob"]""");
    }

    [Fact(DisplayName = "W13 one rejection fails the task with who and why; its results stay empty and nothing behind it runs")]
    public async Task Rejected()
    {
        await using var box = new Sandbox();
        var run = box.Start("run", box.Workflow(Ship), "--json");
        var id = await AskingAsync(box);
        (await box.RunAsync("approve", id, "--reject", "--as", "eve", "--comment", "not on a Friday")).Exits(0).Output.ShouldContain("rejected by eve");
        var json = (await run.EndAsync()).Exits(1).Json();
        json.Fate("ask").ShouldBe("failed rejected");
        json.Task("ask").Text("error")!.ShouldContain("eve");
        json.Task("ask").Text("error")!.ShouldContain("not on a Friday");
        json.Fate("after").ShouldBe("skipped dependency_failed");
        (await box.EventsAsync(id)).Of("checkpoint.rejected").ShouldHaveSingleItem();
    }

    [Fact(DisplayName = "W14 a question that nobody answers expires")]
    public async Task Expired()
    {
        await using var box = new Sandbox();
        var (finished, json) = await box.RunJsonAsync(box.Workflow("name: x\ntasks: [{id: ask, retry: {max_attempts: 3, initial_delay: 10ms}, approval: {prompt: sure?, expires: 1s}}]\n"));
        finished.Exits(1);
        json.Fate("ask").ShouldBe("failed expired");
        var events = await box.EventsAsync(json.RunId());
        events.Of("checkpoint.expired").ShouldHaveSingleItem();
        events.Of("checkpoint.pending").ShouldHaveSingleItem();
    }

    [Theory(DisplayName = "W15 a question as the last task survives kill -9 of serve and of run, and is answered after")]
    [InlineData("serve")]
    [InlineData("run")]
    public async Task Survives(string who)
    {
        await using var box = new Sandbox();
        var flow = box.Write("workflows/x.yaml", $"name: x\ntasks: [{{id: a, run: 'echo ran >> {box.Root}/ran'}}, {{id: ask, depends_on: [a], approval: {{prompt: sure?, required: 2}}}}]\n");
        string run;
        if (who == "serve")
        {
            await using var server = await Server.StartAsync(box);
            run = await server.SubmitAsync("x");
            await server.StatusAsync(run, "paused");
            (await box.RunAsync("approve", run, "--as", "ada")).Exits(0);
            server.Process.Signal(9);
            await server.Process.EndAsync();
            await using var again = await Server.StartAsync(box);
            await again.StatusAsync(run, "paused");
            (await again.PostAsync($"/api/v1/runs/{run}/approvals/ask", new { decision = "approve", by = "ada" })).Status.ShouldBe(409, "she has, before the crash");
            (await again.PostAsync($"/api/v1/runs/{run}/approvals/ask", new { decision = "approve", by = "bob" })).Status.ShouldBe(200);
            (await again.EndOfAsync(run)).ShouldBe("completed");
        }
        else
        {
            var first = box.Start("run", flow, "--json");
            run = await AskingAsync(box);
            (await box.RunAsync("approve", run, "--as", "ada")).Exits(0);
            first.Signal(9);
            await first.EndAsync();
            var second = box.Start("run", "--resume", run, "--json");
            await Poll.UntilAsync(async () => (await box.EventsAsync(run)).Of("workflow.recovered").Any(), "the resumption");
            (await box.RunAsync("approve", run, "--as", "bob")).Exits(0);
            (await second.EndAsync()).Exits(0).Json().Output("ask", "approved_by").ToString().ShouldBe("""["ada","bob"]""");
        }
        File.ReadAllLines(box.PathOf("ran")).Length.ShouldBe(1);
        var events = await box.EventsAsync(run);
        events.Of("checkpoint.pending").ShouldHaveSingleItem();
        events.Count(e => e.IsEnd()).ShouldBe(1);
        events.Select(e => e.GetProperty("seq").GetInt64()).ShouldBe(Enumerable.Range(1, events.Count).Select(n => (long)n));
    }

    [Theory(DisplayName = "W16 an answer left while nobody carries the run out is taken when somebody does")]
    [InlineData("serve")]
    [InlineData("run")]
    public async Task LeftMeanwhile(string who)
    {
        await using var box = new Sandbox();
        var first = box.Start("run", box.Workflow("name: x\ntasks: [{id: ask, approval: sure?}]\n"), "--json");
        var run = await AskingAsync(box);
        first.Signal(9);
        await first.EndAsync();
        (await box.RunAsync("approve", run, "--as", "ada")).Refuses(5, "kept", "--resume");
        if (who == "run") (await box.RunAsync("run", "--resume", run, "--json")).Exits(0).Json().Output("ask", "approved_by").ToString().ShouldBe("""["ada"]""");
        else
        {
            await using var server = await Server.StartAsync(box);
            (await server.EndOfAsync(run)).ShouldBe("completed");
        }
        (await box.EventsAsync(run)).Of("checkpoint.approved").ShouldHaveSingleItem().Data().Text("by").ShouldBe("ada");
    }

    private static async Task<string> AskingAsync(Sandbox box)
    {
        var id = "";
        await Poll.UntilAsync(async () =>
        {
            if ((await box.RunAsync("runs", "--json")).JsonLines() is not [var run] || run.Status() != "paused") return false;
            id = run.RunId();
            return true;
        }, "the question");
        return id;
    }
}

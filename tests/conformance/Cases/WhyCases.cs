using System.Text.Json;
using Orchestrator.Conformance.Harness;
using Shouldly;
using Xunit;

namespace Orchestrator.Conformance.Cases;

/// <summary><c>orchestrator why</c>: every gate with its value, for what waits, runs, ended, or never started.</summary>
public sealed class WhyCases
{
    private static JsonElement Gate(JsonElement why, string name) => why.GetProperty("gates").EnumerateArray().Single(g => g.GetProperty("name").GetString() == name);

    private static bool? Passes(JsonElement why, string name) => Gate(why, name).GetProperty("passes") is { ValueKind: not JsonValueKind.Null } passes ? passes.GetBoolean() : null;

    private static async Task<JsonElement> WhyAsync(Sandbox box, params string[] args) => (await box.RunAsync(["why", .. args, "--json"])).Exits(0).Json();

    [Fact(DisplayName = "WY01 a task that was skipped is explained by its condition with the operands")]
    [Trait("Program", "both")]
    public async Task Condition()
    {
        await using var box = new Sandbox();
        var flow = box.Workflow("""
            name: sales
            fail_fast: false
            tasks:
              - {id: check, run: "echo '{\"rows\": 0}'", outputs: stdout_json}
              - {id: load, depends_on: [check], if: "${{ tasks.check.outputs.rows > 0 }}", noop: true}
              - {id: bad, run: exit 3}
              - {id: after, depends_on: [bad], noop: true}
              - {id: off, enabled: false, noop: true}
            """);
        var (finished, json) = await box.RunJsonAsync(flow);
        finished.Exits(1);
        var run = json.GetProperty("run_id").GetString()!;
        var why = await WhyAsync(box, $"{run}/load");
        (why.GetProperty("kind").GetString(), why.GetProperty("status").GetString()).ShouldBe(("task", "skipped"));
        why.GetProperty("answer").GetString()!.ShouldContain("tasks.check.outputs.rows is 0");
        Passes(why, "condition").ShouldBe(false);
        Gate(why, "condition").GetProperty("facts")[0].GetProperty("value").GetString().ShouldBe("0");
        Passes(why, "dependencies").ShouldBe(true);

        why = await WhyAsync(box, $"{run}/after");
        Passes(why, "run_when").ShouldBe(false);
        why.GetProperty("answer").GetString()!.ShouldContain("bad");
        Passes(await WhyAsync(box, $"{run}/off"), "enabled").ShouldBe(false);

        why = await WhyAsync(box, run[..13]);
        (why.GetProperty("kind").GetString(), why.GetProperty("status").GetString()).ShouldBe(("run", "failed"));
        why.GetProperty("parts").GetArrayLength().ShouldBe(4);

        var text = (await box.RunAsync("why", $"{run}/load")).Exits(0).Output;
        text.ShouldStartWith("Task load was skipped");
        text.Split('\n').ShouldAllBe(line => line.Length <= 80);
    }

    [Fact(DisplayName = "WY02 a run behind its concurrency group and a task without a slot are explained by who holds them")]
    public async Task Waiting()
    {
        await using var box = new Sandbox();
        box.Environment["Orchestrator__Runner__Slots"] = "1";
        box.Environment["Orchestrator__Pools__db"] = "1";
        box.Write("workflows/one.yaml", $"name: one\nconcurrency: {{group: load}}\ntasks: [{{id: a, pool: db, run: 'touch {box.Root}/began; until test -e {box.Root}/go; do sleep 0.02; done'}}]\n");
        box.Write("workflows/two.yaml", "name: two\ntasks: [{id: b, run: 'true'}, {id: c, depends_on: [b], noop: true}]\n");
        await using var server = await Server.StartAsync(box);
        var one = await server.SubmitAsync("one");
        await Poll.UntilAsync(() => Task.FromResult(File.Exists(box.PathOf("began"))), "the start of the task");
        var (next, two) = (await server.SubmitAsync("one"), await server.SubmitAsync("two"));
        await server.StatusAsync(two, "running");

        var why = await WhyAsync(box, next);
        why.GetProperty("status").GetString().ShouldBe("queued");
        Passes(why, "concurrency").ShouldBe(false);
        Gate(why, "concurrency").GetProperty("facts")[0].GetProperty("name").GetString().ShouldBe(one);
        Passes(why, "place").ShouldBe(true);
        Passes(why, "worker").ShouldBe(true);

        why = await WhyAsync(box, $"{two}/b");
        Passes(why, "slot").ShouldBe(false);
        Gate(why, "slot").GetProperty("facts")[0].GetProperty("name").GetString().ShouldBe($"{one}/a");
        why.GetProperty("answer").GetString()!.ShouldContain("All 1 slots");
        Passes(await WhyAsync(box, $"{two}/c"), "dependencies").ShouldBe(false);
        var then = TimeProvider.System.GetUtcNow();

        box.Write("go", "");
        (await server.EndOfAsync(next)).ShouldBe("completed");
        (await server.EndOfAsync(two)).ShouldBe("completed");

        // The same question about the past has the same answer, from the journal.
        why = await WhyAsync(box, next, "--at", then.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", System.Globalization.CultureInfo.InvariantCulture));
        why.GetProperty("status").GetString().ShouldBe("queued");
        Passes(why, "concurrency").ShouldBe(false);
        Gate(why, "concurrency").GetProperty("facts")[0].GetProperty("name").GetString().ShouldBe(one);
    }

    [Fact(DisplayName = "WY03 a run whose process was killed is explained by that, until another takes it over")]
    public async Task Killed()
    {
        await using var box = new Sandbox();
        box.Write("workflows/long.yaml", $"name: long\ntasks: [{{id: slow, run: 'touch {box.Root}/began; until test -e {box.Root}/go; do sleep 0.02; done'}}]\n");
        string run;
        await using (var first = await Server.StartAsync(box))
        {
            run = await first.SubmitAsync("long");
            await Poll.UntilAsync(() => Task.FromResult(File.Exists(box.PathOf("began"))), "the start of the task");
            Passes(await WhyAsync(box, run), "worker").ShouldBe(true);
            first.Process.Signal(9);
            await first.Process.EndAsync();
        }
        var why = await WhyAsync(box, run);
        Passes(why, "worker").ShouldBe(false);
        why.GetProperty("answer").GetString()!.ShouldContain("No process is executing the run");
        box.Write("go", "");
        await using var second = await Server.StartAsync(box);
        (await second.EndOfAsync(run)).ShouldBe("completed");
    }

    [Theory(DisplayName = "WY04 what cannot be explained is told in one sentence with its exit code")]
    [InlineData(4, "no-such-run")]
    [InlineData(4, "01990000-0000-7000-8000-000000000000")]
    [InlineData(4, "{run}/nope")]
    [InlineData(4, "{run}/no such")]
    [InlineData(4, "{run}", "--at", "1h")]
    [InlineData(2, "{run}", "--at", "2999-01-01T00:00:00Z")]
    [InlineData(2, "{run}", "--at", "yesterday")]
    public async Task Unknown(int code, params string[] args)
    {
        await using var box = new Sandbox();
        var (_, json) = await box.RunJsonAsync(box.Workflow("name: one\ntasks: [{id: a, noop: true}]\n"));
        var finished = await box.RunAsync(["why", .. args.Select(a => a.Replace("{run}", json.GetProperty("run_id").GetString(), StringComparison.Ordinal))]);
        finished.Exits(code);
        finished.Errors.ShouldNotBeEmpty();
        finished.Errors.ShouldNotContain("   at ");
    }

    [Fact(DisplayName = "WY05 a schedule is explained by what it did, by its pause or its definition, and by the service that is down")]
    [Trait("Program", "both")]
    public async Task Schedules()
    {
        await using var box = new Sandbox();
        var today = TimeProvider.System.GetUtcNow();
        box.Environment["Orchestrator__Workflows__Path"] = box.PathOf("workflows");
        box.Write("workflows/tick.yaml", $$$"""
            name: tick
            calendars:
              move: {ranges: ["{{{today.AddDays(-1):yyyy-MM-dd}}}..{{{today.AddDays(2):yyyy-MM-dd}}}"]}
            schedules:
              - {id: fast, cron: "* * * * * *"}
              - {id: off, cron: "0 2 * * *", enabled: false}
              - {id: never, cron: "* * * * * *", calendars: {exclude: move}}
              - {id: far, at: ["2999-01-01T00:00:00Z"]}
            tasks: [{id: a, noop: true}]
            """);
        JsonElement why;
        await using (await Server.StartAsync(box))
        {
            await Poll.UntilAsync(async () => (await box.RunAsync("runs", "--json")).JsonLines().Count > 0, "a run of the schedule");
            why = await WhyAsync(box, "tick/fast");
            (why.GetProperty("kind").GetString(), why.GetProperty("status").GetString()).ShouldBe(("schedule", "waiting"));
            Passes(why, "service").ShouldBe(true);
            Passes(why, "dispatch").ShouldNotBeNull();
            why.GetProperty("answer").GetString()!.ShouldContain("started run");

            why = await WhyAsync(box, "tick/off");
            (why.GetProperty("status").GetString(), Passes(why, "definition"), Passes(why, "in_force")).ShouldBe(("disabled", false, false));
            why = await WhyAsync(box, "tick/never");
            (why.GetProperty("status").GetString(), Passes(why, "calendar")).ShouldBe(("excluded", false));
            why.GetProperty("answer").GetString()!.ShouldContain("'move'");
            (await WhyAsync(box, "tick/far")).GetProperty("answer").GetString()!.ShouldContain("2999-01-01");

            why = await WhyAsync(box, "tick");
            why.GetProperty("kind").GetString().ShouldBe("workflow");
            why.GetProperty("gates").EnumerateArray().Count(g => g.GetProperty("name").GetString() == "schedule").ShouldBe(4);
        }
        var down = TimeProvider.System.GetUtcNow();
        await Poll.UntilAsync(() => TimeProvider.System.GetUtcNow() >= down.AddSeconds(2.5), "2.5 s");
        why = await WhyAsync(box, "tick/fast");
        Passes(why, "service").ShouldBe(false);
        why.GetProperty("status").GetString().ShouldBe("missed");

        // After a restart the same instant is explained by what was decided since: missed, and not made up for.
        await using var again = await Server.StartAsync(box);
        await Poll.UntilAsync(async () => (await WhyAsync(box, "tick/fast")).GetProperty("status").GetString() == "waiting", "the schedule going on");
        var text = (down + TimeSpan.FromSeconds(1.2)).ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", System.Globalization.CultureInfo.InvariantCulture);
        why = await WhyAsync(box, "tick/fast", "--at", text);
        Gate(why, "decision").GetProperty("value").GetString().ShouldBe("schedule.skipped");
        why.GetProperty("answer").GetString()!.ShouldContain("missed while the service was down");
        Passes(why, "service").ShouldBe(false);
        (await box.RunAsync("why", "tick/fast", "--at", text)).Exits(0).Output.Split('\n').ShouldAllBe(line => line.Length <= 80);
    }

    [Theory(DisplayName = "WY08 a schedule that stops or restarts is explained by what its next due time does and to which run, by those whose end it waits for, and by why the last one did nothing")]
    [InlineData("stop", "stops nothing", "")]
    [InlineData("restart", "starts one and stops none", " and starts a run when it has ended")]
    public async Task Actions(string action, string idle, string then)
    {
        await using var box = new Sandbox();
        box.Environment["Orchestrator__Workflows__Path"] = box.PathOf("workflows");
        box.Environment["Orchestrator__Processes__KillGrace"] = "60s";
        string Flow(string rule) => $"name: day\nschedules: [{{id: two, {rule}, action: {action}}}]\ntasks: [{{id: a, run: \"trap '' TERM; until test -e {box.PathOf("go")}; do sleep 0.05; done\"}}]\n";
        box.Write("workflows/day.yaml", Flow("cron: '@yearly'"));
        await using var server = await Server.StartAsync(box);
        var why = await WhyAsync(box, "day/two");
        Gate(why, "action").GetProperty("value").GetString().ShouldBe(action);
        Passes(why, "action").ShouldBe(action == "stop" ? null : true);
        why.GetProperty("answer").GetString()!.ShouldContain(idle);

        var run = await server.SubmitAsync("day");
        await server.StatusAsync(run, "running");
        why = await WhyAsync(box, "day/two");
        why.GetProperty("answer").GetString()!.ShouldContain($"The next due time cancels run {run}{then}, if still open then.");
        Passes(why, "action").ShouldBe(true);
        Gate(why, "action").GetProperty("facts").EnumerateArray().Single().GetProperty("name").GetString().ShouldBe(run);

        box.Write("workflows/day.yaml", Flow($"at: ['{TimeProvider.System.GetUtcNow().AddSeconds(3):yyyy-MM-dd'T'HH:mm:ss'Z'}', '2999-01-01T00:00:00Z']"));
        await Poll.UntilAsync(async () => Passes(await WhyAsync(box, "day/two"), "action") == false, "runs that are asked to end");
        why = await WhyAsync(box, "day/two");
        why.GetProperty("status").GetString().ShouldBe(action == "stop" ? "stopping" : "queued");
        why.GetProperty("answer").GetString()!.ShouldContain($"has asked run {run} to end; it has not ended yet.");
        box.Write("go", "");
        (await server.EndOfAsync(run)).ShouldBe("cancelled");
        await Poll.UntilAsync(async () => Passes(await WhyAsync(box, "day/two"), "action") != false, "their end");
        if (action == "restart") return;
        (await WhyAsync(box, "day/two")).GetProperty("answer").GetString()!.ShouldContain("(action stop); it had ended at");

        box.Write("workflows/day.yaml", Flow($"at: ['{TimeProvider.System.GetUtcNow().AddSeconds(3):yyyy-MM-dd'T'HH:mm:ss'Z'}', '2999-01-01T00:00:00Z']"));
        await Poll.UntilAsync(async () => (await WhyAsync(box, "day/two")).GetProperty("answer").GetString()!.Contains("did nothing", StringComparison.Ordinal), "a due time without a run");
        (await WhyAsync(box, "day/two")).GetProperty("answer").GetString()!.ShouldContain("did nothing: no run of the workflow was open (action stop). It is next due at 2999-01-01 00:00:00Z.");
    }

    [Theory(DisplayName = "WY06 a workflow is explained by its definition, its schedules and its runs; what has no name here exits 4")]
    [InlineData("good", 0, "idle")]
    [InlineData("broken", 0, "undefined")]
    [InlineData("nothing", 4, null)]
    [InlineData("good/nothing", 4, null)]
    [InlineData("nothing/nothing", 4, null)]
    public async Task Workflows(string subject, int code, string? status)
    {
        await using var box = new Sandbox();
        box.Environment["Orchestrator__Workflows__Path"] = box.PathOf("workflows");
        box.Write("workflows/good.yaml", "name: good\ntasks: [{id: a, noop: true}]\n");
        box.Write("workflows/broken.yaml", "name: broken\ntasks: [{id: a, depends_on: [b], noop: true}]\n");
        var finished = (await box.RunAsync("why", subject, "--json")).Exits(code);
        if (status is null)
        {
            finished.Errors.ShouldNotBeEmpty();
            return;
        }
        var why = finished.Json();
        why.GetProperty("status").GetString().ShouldBe(status);
        Passes(why, "definition").ShouldBe(subject == "good");
    }

    [Fact(DisplayName = "WY07 the API answers what the verb does, and says what it cannot")]
    public async Task Api()
    {
        await using var box = new Sandbox();
        box.Write("workflows/wait.yaml", "name: wait\nschedules: [{id: far, at: ['2999-01-01T00:00:00Z']}]\ntasks: [{id: a, wait: {event: go}}, {id: b, depends_on: [a], noop: true}]\n");
        await using var server = await Server.StartAsync(box);
        var run = await server.SubmitAsync("wait");
        await server.StatusAsync(run, "paused");
        foreach (var subject in (string[])[run, $"{run}/b", "wait/far", "wait"])
        {
            var (api, verb) = (await server.GetAsync($"/api/v1/why?subject={Uri.EscapeDataString(subject)}"), await WhyAsync(box, subject));
            foreach (var member in (string[])["kind", "subject", "status"]) api.GetProperty(member).GetString().ShouldBe(verb.GetProperty(member).GetString());
            api.GetProperty("gates").EnumerateArray().Select(g => (g.GetProperty("name").GetString(), g.GetProperty("passes").ToString()))
                .ShouldBe(verb.GetProperty("gates").EnumerateArray().Select(g => (g.GetProperty("name").GetString(), g.GetProperty("passes").ToString())));
        }
        (await server.GetAsync($"/api/v1/why?subject={run}/b")).GetProperty("answer").GetString()!.ShouldContain("It waits for a (running).");
        (await server.AskAsync("/api/v1/why?subject=nothing")).Status.ShouldBe(404);
        (await server.AskAsync("/api/v1/why")).Status.ShouldBe(400);
        (await server.AskAsync($"/api/v1/why?subject={run}&at=2999-01-01T00:00:00Z")).Status.ShouldBe(400);
        (await server.AskAsync($"/api/v1/why?subject={run}&when=1h")).Status.ShouldBe(400);
    }
}

using System.Text.Json;
using Orchestrator.Conformance.Harness;
using Shouldly;
using Xunit;

namespace Orchestrator.Conformance.Cases;

/// <summary>What rules a run from outside its tasks: failing fast, handlers, whole-run retries, expected times.</summary>
public sealed class ControlCases
{
    [Fact(DisplayName = "J02 an allowed failure fails nothing behind it, and is counted apart")]
    public async Task AllowedFailure()
    {
        await using var box = new Sandbox();
        var (finished, json) = await box.RunJsonAsync(box.Workflow("""
            name: allowed
            tasks:
              - {id: a, run: "exit 4", allow_failure: true}
              - {id: b, depends_on: [a], if: "${{ tasks.a.status == 'failed' && tasks.a.exit_code == 4 }}", noop: true}
              - {id: c, depends_on: [a], run_when: one_failed, noop: true}
            """));
        finished.Exits(0);
        (json.Fate("a"), json.Fate("b"), json.Task("c").Status()).ShouldBe(("failed exit_code", "completed", "skipped"));
        (json.Count("failed"), json.Count("failed_allowed"), json.Count("completed"), json.Count("skipped")).ShouldBe((0, 1, 1, 1));
    }

    [Theory(DisplayName = "J03 the first failure ends what has not started; drain lets the others end, cancel stops them, and clean-up runs in both")]
    [InlineData("drain", "completed")]
    [InlineData("cancel", "cancelled fail_fast")]
    public async Task FailFast(string rule, string fate)
    {
        await using var box = new Sandbox();
        var (finished, json) = await box.RunJsonAsync(box.Workflow($$"""
            name: fast
            on_fail_fast: {{rule}}
            tasks:
              - {id: long, run: 'echo $$ > {{box.Root}}/pid; touch {{box.Root}}/started; until test -e {{box.Root}}/go; do sleep 0.02; done'}
              - {id: breaks, run: 'until test -e {{box.Root}}/started; do sleep 0.02; done; exit 1'}
              - {id: later, depends_on: [long], noop: true}
              - {id: behind, depends_on: [breaks], noop: true}
              - {id: clean, depends_on: [breaks, long], run_when: all_done, run: 'touch {{box.Root}}/cleaned'}
              - {id: call, depends_on: [breaks], run_when: one_failed, run: 'sleep 0.5; touch {{box.Root}}/go'}
            """));
        finished.Exits(1);
        json.Fate("long").ShouldBe(fate);
        json.Fate("later").ShouldBe("cancelled fail_fast");
        json.Fate("behind").ShouldBe("skipped dependency_failed");
        (json.Fate("clean"), json.Fate("call")).ShouldBe(("completed", "completed"));
        File.Exists(box.PathOf("cleaned")).ShouldBeTrue();
        json.Count("total").ShouldBe(6);
        Expect.IsAlive(File.ReadAllText(box.PathOf("pid"))).ShouldBeFalse();
        (await box.EventsAsync(json.RunId())).Count(e => e.IsEnd()).ShouldBe(1);
    }

    [Theory(DisplayName = "J04 the handlers of an outcome run in their order, then the final ones; they see how the run ended and change nothing")]
    [InlineData("true", 0, "completed", "ok;last;", "completed||[]|completed")]
    [InlineData("echo broken >&2; exit 3", 1, "failed", "bad1;bad2;last;", "failed|broken|[\"work\"]|failed")]
    public async Task Handlers(string work, int code, string status, string order, string seen)
    {
        await using var box = new Sandbox();
        var (finished, json) = await box.RunJsonAsync(box.Workflow($$$"""
            name: handled
            tasks:
              - {id: work, run: '{{{work}}}'}
            handlers:
              on_success: [{id: ok, run: 'echo -n "ok;" >> {{{box.Root}}}/order'}]
              on_failure:
                - {id: bad1, run: 'echo -n "bad1;" >> {{{box.Root}}}/order; exit 9'}
                - {id: bad2, run: 'test $ORCHESTRATOR_ATTEMPT = 2; echo -n "bad2;" >> {{{box.Root}}}/order', retry: {max_attempts: 2, initial_delay: 10ms}}
              on_cancel: [{id: off, run: 'echo -n "off;" >> {{{box.Root}}}/order'}]
              finally:
                - id: last
                  env: {OUTCOME: "${{ run.outcome }}", ERROR: "${{ default(run.error, '') }}", FAILED: "${{ to_json(run.failed_tasks) }}", WORK: "${{ tasks.work.status }}"}
                  run: 'echo -n "last;" >> {{{box.Root}}}/order; echo "$OUTCOME|$ERROR|$FAILED|$WORK" > {{{box.Root}}}/seen'
            """));
        finished.Exits(code);
        json.Status().ShouldBe(status);
        File.ReadAllText(box.PathOf("order")).ShouldBe(order);
        var told = File.ReadAllText(box.PathOf("seen")).Trim().Split('|');
        var expected = seen.Split('|');
        (told[0], told[^2], told[^1]).ShouldBe((expected[0], expected[^2], expected[^1]));
        told[1].ShouldContain(expected[1]);
        json.Count("total").ShouldBe(1, "handlers are not counted");
        var events = await box.EventsAsync(json.RunId());
        var finalizing = events.Of("workflow.finalizing").ShouldHaveSingleItem();
        finalizing.Data().Text("outcome").ShouldBe(status);
        foreach (var e in events.Where(e => e.Text("task") is "ok" or "bad1" or "bad2" or "off" or "last"))
        {
            e.Data().Text("role").ShouldBe("handler", e.ToString());
            e.GetProperty("seq").GetInt64().ShouldBeGreaterThan(finalizing.GetProperty("seq").GetInt64());
        }
        events.Where(e => e.Text("task") == "work").ShouldAllBe(e => e.Data().Text("role") == null);
        events[^1].IsEnd().ShouldBeTrue();
        if (code == 0) return;
        events[^1].Data().GetProperty("handlers_failed").GetInt32().ShouldBe(1);
        events.Of("task.failed", "bad1").ShouldHaveSingleItem();
        events.Of("task.retrying", "bad2").ShouldHaveSingleItem();
        (await box.RunAsync("show", json.RunId())).Exits(0).Output.ShouldContain("; handler ");
    }

    [Fact(DisplayName = "J05 handlers of a run that took too long have a time budget of their own")]
    public async Task HandlersAfterTimeout()
    {
        await using var box = new Sandbox();
        var (finished, json) = await box.RunJsonAsync(box.Workflow($$"""
            name: late
            timeout: 1500ms
            tasks: [{id: work, run: sleep 300}]
            handlers:
              on_failure: [{id: page, run: 'sleep 0.5; touch {{box.Root}}/paged'}]
              finally: [{id: forever, run: sleep 300}, {id: never, run: 'touch {{box.Root}}/never'}]
            """));
        finished.Exits(1);
        (json.Status(), json.Fate("work")).ShouldBe(("failed", "cancelled run_timeout"));
        File.Exists(box.PathOf("paged")).ShouldBeTrue();
        File.Exists(box.PathOf("never")).ShouldBeFalse();
        var events = await box.EventsAsync(json.RunId());
        events.Of("task.cancelled", "forever").ShouldHaveSingleItem().Data().Text("reason").ShouldBe("run_timeout");
        events.Of("workflow.failed").ShouldHaveSingleItem().Data().Text("error")!.ShouldContain("timeout");
        (await box.RunAsync("show", json.RunId())).Exits(0).Output.ShouldContain("; handler 'forever' was stopped; handler 'never' never started.");
        events.Count(e => e.IsEnd()).ShouldBe(1);
    }

    [Fact(DisplayName = "J05b finally starts though the handlers before it used up the run's time")]
    public async Task FinallyAfterSlowHandler()
    {
        await using var box = new Sandbox();
        var (finished, json) = await box.RunJsonAsync(box.Workflow($$"""
            name: slow
            timeout: 1s
            tasks: [{id: work, noop: true}]
            handlers:
              on_success: [{id: publish, run: sleep 300}]
              finally: [{id: tidy, run: 'touch {{box.Root}}/tidied'}]
            """));
        finished.Exits(0);
        File.Exists(box.PathOf("tidied")).ShouldBeTrue();
        (json.Fate("publish"), json.Fate("tidy")).ShouldBe(("cancelled run_timeout", "completed"));
        (await box.RunAsync("show", json.RunId())).Exits(0).Output.ShouldContain("; handler 'publish' was stopped.");
        (await box.RunAsync("replay", json.RunId())).Exits(0);
    }

    [Fact(DisplayName = "J06 a cancelled run has its handlers run; a second cancel ends those, and the outcome stays")]
    public async Task CancelDuringHandlers()
    {
        await using var box = new Sandbox();
        box.Write("workflows/off.yaml", $$"""
            name: off
            tasks: [{id: work, run: 'touch {{box.Root}}/started; sleep 300'}]
            handlers:
              on_cancel: [{id: told, run: 'echo $$ > {{box.Root}}/pid; touch {{box.Root}}/telling; sleep 300'}]
              on_failure: [{id: wrong, run: 'touch {{box.Root}}/wrong'}]
              finally: [{id: tidy, run: 'touch {{box.Root}}/tidied'}]
            """);
        await using var server = await Server.StartAsync(box);
        var run = await server.SubmitAsync("off");
        await Poll.UntilAsync(() => File.Exists(box.PathOf("started")), "the task");
        (await box.RunAsync("cancel", run)).Exits(0);
        await Poll.UntilAsync(() => File.Exists(box.PathOf("telling")), "the handler");
        (await server.GetAsync($"/api/v1/runs/{run}")).Status().ShouldBe("running");
        (await box.RunAsync("cancel", run)).Exits(0);
        (await server.EndOfAsync(run)).ShouldBe("cancelled");
        File.Exists(box.PathOf("wrong")).ShouldBeFalse();
        File.Exists(box.PathOf("tidied")).ShouldBeTrue("finally starts whatever ended the handlers before it");
        Expect.IsAlive(File.ReadAllText(box.PathOf("pid"))).ShouldBeFalse();
        var events = await box.EventsAsync(run);
        events.Of("workflow.finalizing").ShouldHaveSingleItem().Data().Text("outcome").ShouldBe("cancelled");
        events.Of("task.cancelled", "told").ShouldHaveSingleItem();
        events.Count(e => e.IsEnd()).ShouldBe(1);
    }

    [Theory(DisplayName = "J07 a failed run is started anew after its delays; the exit code is the last attempt's")]
    [InlineData(3, 0, "completed")]
    [InlineData(9, 1, "failed")]
    public async Task RunRetry(int succeedsAt, int code, string status)
    {
        await using var box = new Sandbox();
        var (finished, json) = await box.RunJsonAsync(box.Workflow($$$"""
            name: again
            params: {who: nobody}
            retry: {max_attempts: 3, initial_delay: 100ms, backoff: 2}
            tasks:
              - {id: work, env: {N: "${{ run.attempt }}"}, run: 'echo "$N ${{ params.who }}" >> {{{box.Root}}}/tries; test "$N" = {{{succeedsAt}}}'}
            """), "--param", "who=me");
        finished.Exits(code);
        json.Status().ShouldBe(status);
        File.ReadAllLines(box.PathOf("tries")).ShouldBe(["1 me", "2 me", "3 me"]);
        var runs = (await box.RunAsync("runs", "--json")).JsonLines().Select(r => r.RunId()).Order().ToList();
        runs.Count.ShouldBe(3);
        var histories = new List<List<JsonElement>>();
        foreach (var run in runs) histories.Add(await box.EventsAsync(run));
        histories.ShouldAllBe(h => h.Count(e => e.IsEnd()) == 1 && h.Last().IsEnd());
        var ordered = histories.OrderBy(h => h[0].Data().TryGetProperty("run_attempt", out var n) ? n.GetInt32() : 1).ToList();
        json.RunId().ShouldBe(ordered[2][0].Text("run_id"));
        ordered.Select(h => h[0].Text("correlation_id")).Distinct().ShouldHaveSingleItem();
        for (var i = 1; i < 3; i++)
        {
            ordered[i][0].Data().Text("retry_of").ShouldBe(ordered[i - 1][0].Text("run_id"));
            var retrying = ordered[i - 1].Of("workflow.retrying").ShouldHaveSingleItem();
            (retrying.Data().GetProperty("delay_ms").GetDouble(), retrying.Data().Text("next_run_id")).ShouldBe((100d * i, ordered[i][0].Text("run_id")));
            ordered[i].Of("workflow.started").Single().Time().ShouldBeGreaterThanOrEqualTo(retrying.Data().GetProperty("not_before").GetDateTimeOffset());
        }
        ordered[2].Of("workflow.retrying").ShouldBeEmpty();
    }

    [Theory(DisplayName = "J08 a run is started anew only for the kinds of failure its retry names")]
    [InlineData("exit 1", 1)]
    [InlineData("sleep 300", 2)]
    public async Task RunRetryKinds(string work, int runs)
    {
        await using var box = new Sandbox();
        var (finished, _) = await box.RunJsonAsync(box.Workflow($$"""
            name: again
            retry: {max_attempts: 2, initial_delay: 10ms, on: {kinds: [timeout]} }
            tasks:
              - {id: work, timeout: 300ms, run: "{{work}}"}
            """));
        finished.Exits(1);
        (await box.RunAsync("runs", "--json")).JsonLines().Count.ShouldBe(runs);
    }

    [Fact(DisplayName = "J09 expected times of a run and a task are told once at risk and once exceeded, and stop nothing")]
    public async Task Sla()
    {
        await using var box = new Sandbox();
        var (finished, json) = await box.RunJsonAsync(box.Workflow("""
            name: slow
            sla: {expected: 600ms, at_risk: 0.5}
            tasks:
              - {id: work, sla: {expected: 400ms, at_risk: 0.5}, run: sleep 1.5}
              - {id: quick, sla: 1h, noop: true}
            """));
        finished.Exits(0);
        json.Status().ShouldBe("completed");
        var events = await box.EventsAsync(json.RunId());
        foreach (var type in (string[])["sla.at_risk", "sla.exceeded"])
        {
            var told = events.Of(type).ToList();
            told.Select(e => e.Data().Text("sla_task") ?? "run").Order().ToList().ShouldBe(["run", "work"], type);
            foreach (var e in told) e.Data().GetProperty("elapsed_ms").GetDouble().ShouldBeGreaterThanOrEqualTo(e.Data().GetProperty("expected_ms").GetDouble() * (type == "sla.at_risk" ? 0.5 : 1));
        }
    }

    [Fact(DisplayName = "J10 a task that is not enabled is skipped as such, and so is what needs it")]
    public async Task Disabled()
    {
        await using var box = new Sandbox();
        var (finished, json) = await box.RunJsonAsync(box.Workflow("""
            name: off
            tasks:
              - {id: off, enabled: false, run: "exit 1"}
              - {id: behind, depends_on: [off], noop: true}
              - {id: anyway, depends_on: [off], run_when: none_failed, noop: true}
            """));
        finished.Exits(0);
        (json.Fate("off"), json.Fate("behind"), json.Fate("anyway")).ShouldBe(("skipped disabled", "skipped dependency_skipped", "completed"));
    }
}

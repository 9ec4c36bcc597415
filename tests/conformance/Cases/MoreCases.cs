using System.Text.Json;
using Orchestrator.Conformance.Harness;
using Shouldly;
using Xunit;

namespace Orchestrator.Conformance.Cases;

/// <summary>Gates, limits and the view of a run from outside, end to end.</summary>
public sealed class MoreCases
{
    [Fact(DisplayName = "M01 the six run_when rules decide as documented")]
    public async Task RunWhen()
    {
        await using var box = new Sandbox();
        var flow = box.Workflow("""
            name: gates
            fail_fast: false
            tasks:
              - {id: good, noop: true}
              - {id: bad, run: "false"}
              - {id: left_out, if: "${{ false }}", noop: true}
              - {id: all_success_no, depends_on: [good, bad], noop: true}
              - {id: none_failed_yes, depends_on: [good, left_out], run_when: none_failed, noop: true}
              - {id: none_failed_no, depends_on: [good, bad], run_when: none_failed, noop: true}
              - {id: none_skipped_yes, depends_on: [good, bad], run_when: none_skipped, noop: true}
              - {id: none_skipped_no, depends_on: [good, left_out], run_when: none_skipped, noop: true}
              - {id: one_success_yes, depends_on: [good, bad], run_when: one_success, noop: true}
              - {id: one_success_no, depends_on: [bad, left_out], run_when: one_success, noop: true}
              - {id: one_failed_yes, depends_on: [good, bad], run_when: one_failed, noop: true}
              - {id: one_failed_no, depends_on: [good, left_out], run_when: one_failed, noop: true}
              - {id: one_failed_alone, run_when: one_failed, noop: true}
              - {id: all_done_yes, depends_on: [good, bad, left_out], run_when: all_done, noop: true}
            """);
        var (finished, json) = await box.RunJsonAsync(flow);
        finished.Exits(1);
        var tasks = json.GetProperty("tasks").EnumerateObject().ToDictionary(t => t.Name, t => t.Value);
        foreach (var (id, task) in tasks.Where(t => t.Key.EndsWith("_yes", StringComparison.Ordinal))) task.GetProperty("status").GetString().ShouldBe("completed", id);
        foreach (var (id, task) in tasks.Where(t => t.Key.EndsWith("_no", StringComparison.Ordinal) || t.Key == "one_failed_alone")) task.GetProperty("status").GetString().ShouldBe("skipped", id);
        tasks["all_success_no"].GetProperty("reason").GetString().ShouldBe("dependency_failed");
        tasks["none_skipped_no"].GetProperty("reason").GetString().ShouldBe("dependency_skipped");
        tasks["left_out"].GetProperty("reason").GetString().ShouldBe("condition");
        Counts(json).ShouldBe("total 14 = completed 6, failed 1, failed_allowed 0, skipped 7, cancelled 0");
    }

    [Fact(DisplayName = "M02 an allowed failure is counted apart, triggers nothing and lets dependants start")]
    public async Task AllowFailure()
    {
        await using var box = new Sandbox();
        var flow = box.Workflow("""
            name: allowed
            tasks:
              - {id: may_fail, allow_failure: true, run: exit 3}
              - {id: after, depends_on: [may_fail], noop: true}
              - {id: alarm, depends_on: [may_fail], run_when: one_failed, noop: true}
            """);
        var (finished, json) = await box.RunJsonAsync(flow);
        finished.Exits(0);
        json.GetProperty("status").GetString().ShouldBe("completed");
        json.GetProperty("tasks").GetProperty("may_fail").GetProperty("exit_code").GetInt32().ShouldBe(3);
        Counts(json).ShouldBe("total 3 = completed 1, failed 0, failed_allowed 1, skipped 1, cancelled 0");
    }

    [Fact(DisplayName = "M03 on_fail_fast: cancel stops what runs")]
    public async Task FailFastCancel()
    {
        await using var box = new Sandbox();
        var flow = box.Workflow($$"""
            name: fast
            on_fail_fast: cancel
            tasks:
              - {id: long, run: 'echo $$ > {{box.Root}}/pid; sleep 300'}
              - {id: bad, run: 'until test -s {{box.Root}}/pid; do sleep 0.02; done; exit 1'}
              - {id: behind, depends_on: [bad], noop: true}
            """);
        var (finished, json) = await box.RunJsonAsync(flow);
        finished.Exits(1);
        json.GetProperty("status").GetString().ShouldBe("failed");
        var stopped = json.GetProperty("tasks").GetProperty("long");
        (stopped.GetProperty("status").GetString(), stopped.GetProperty("reason").GetString()).ShouldBe(("cancelled", "fail_fast"));
        Expect.IsAlive(File.ReadAllText(box.PathOf("pid"))).ShouldBeFalse();
        Counts(json).ShouldBe("total 3 = completed 0, failed 1, failed_allowed 0, skipped 1, cancelled 1");
    }

    [Fact(DisplayName = "M04 max_parallel is kept and used, as the events tell")]
    public async Task MaxParallel()
    {
        await using var box = new Sandbox();
        var flow = box.Workflow("name: narrow\nmax_parallel: 3\ntasks:\n" + string.Concat(Enumerable.Range(0, 9).Select(n => $"  - {{id: t{n}, run: 'sleep 0.02'}}\n")));
        var (finished, json) = await box.RunJsonAsync(flow);
        finished.Exits(0);
        var (now, most) = (0, 0);
        foreach (var e in await box.EventsAsync(json.GetProperty("run_id").GetString()!))
        {
            now += e.GetProperty("type").GetString() switch { "task.started" => 1, "task.completed" => -1, _ => 0 };
            most = Math.Max(most, now);
        }
        (now, most).ShouldBe((0, 3));
    }

    [Fact(DisplayName = "M05 a script runs under its own interpreter and leaves no file behind")]
    public async Task Script()
    {
        await using var box = new Sandbox();
        var flow = box.Workflow("""
            name: script
            tasks:
              - id: a
                script: |
                  #!/usr/bin/awk -f
                  BEGIN { printf "sum=%d\n", 40 + 2 >> ENVIRON["ORCHESTRATOR_OUTPUT"] }
            """);
        var (finished, json) = await box.RunJsonAsync(flow);
        finished.Exits(0);
        json.GetProperty("tasks").GetProperty("a").GetProperty("outputs").GetProperty("sum").GetString().ShouldBe("42");
        Directory.GetFiles(json.GetProperty("report_dir").GetString()!, "a.1", SearchOption.AllDirectories).ShouldBeEmpty();
    }

    [Fact(DisplayName = "M06 exec hands every argument over as it is")]
    public async Task Exec()
    {
        await using var box = new Sandbox();
        var flow = box.Workflow("""
            name: exec
            tasks:
              - {id: a, exec: [printf, "%s\n", "$HOME", "a; touch done", "`id` && *", "", "two words"]}
            """);
        var (finished, json) = await box.RunJsonAsync(flow);
        finished.Exits(0);
        (await box.RunAsync("logs", json.GetProperty("run_id").GetString()!, "a")).Exits(0).Output.ShouldBe("$HOME\na; touch done\n`id` && *\n\ntwo words\n");
        File.Exists(box.PathOf("done")).ShouldBeFalse();
    }

    [Fact(DisplayName = "M07 what is not idempotent is not repeated after kill -9: it fails with worker_lost")]
    public async Task NotIdempotent()
    {
        await using var box = new Sandbox();
        var flow = box.Workflow($"name: once\ntasks:\n  - {{id: pay, idempotent: false, retry: {{max_attempts: 5}}, run: 'echo paid >> {box.Root}/ledger; kill -9 $PPID'}}\n  - {{id: after, depends_on: [pay], noop: true}}\n");
        (await box.RunAsync("run", flow)).Exits(137);
        var json = (await box.RunAsync("run", "--resume", await box.OnlyRunAsync(), "--json")).Exits(1).Json();
        json.GetProperty("tasks").GetProperty("pay").GetProperty("reason").GetString().ShouldBe("worker_lost");
        Counts(json).ShouldBe("total 2 = completed 0, failed 1, failed_allowed 0, skipped 1, cancelled 0");
        File.ReadAllLines(box.PathOf("ledger")).Length.ShouldBe(1);
    }

    [Fact(DisplayName = "M08 a run that is not over can be listed, shown and followed to its last event")]
    public async Task SeenFromOutside()
    {
        await using var box = new Sandbox();
        var flow = box.Workflow($"name: open\ntasks:\n  - {{id: first, noop: true}}\n  - {{id: waits, depends_on: [first], run: 'until test -e {box.Root}/go; do sleep 0.02; done'}}\n  - {{id: last, depends_on: [waits], noop: true}}\n");
        var run = box.Start("run", flow);
        await run.LineAsync(l => l.Contains("waits started", StringComparison.Ordinal));
        var id = await box.OnlyRunAsync();

        var row = (await box.RunAsync("runs", "--json", "--status", "running")).Exits(0).JsonLines().ShouldHaveSingleItem();
        (row.GetProperty("tasks_done").GetInt32(), row.GetProperty("tasks_total").GetInt32()).ShouldBe((1, 3));
        (await box.RunAsync("runs")).Exits(0).Output.ShouldContain("running");
        var shown = (await box.RunAsync("show", id)).Exits(0).Output;
        shown.ShouldContain($"Run {id} of open is running: 1 completed");
        shown.ShouldStartWith("TASK");
        (await box.RunAsync("show", id[..18], "--json")).Exits(0).Json().GetProperty("status").GetString().ShouldBe("running");

        var follow = box.Start("events", id, "--follow");
        await follow.LineAsync(l => l.Contains("\"task.started\"", StringComparison.Ordinal) && l.Contains("\"waits\"", StringComparison.Ordinal));
        follow.HasExited.ShouldBeFalse();
        box.Write("go", "");
        var events = (await follow.EndAsync()).Exits(0).JsonLines();
        (await run.EndAsync()).Exits(0);
        events[^1].GetProperty("type").GetString().ShouldBe("workflow.completed");
        events.Select(e => e.ToString()).ShouldBe((await box.EventsAsync(id)).Select(e => e.ToString()));
    }

    [Fact(DisplayName = "M09 the run's timeout also ends a wait for the next attempt, and every task has an end")]
    public async Task TimeoutWhileWaiting()
    {
        await using var box = new Sandbox();
        var flow = box.Workflow("""
            name: late
            timeout: 1s
            tasks:
              - {id: again, run: "false", retry: {max_attempts: 2, initial_delay: 1h, max_delay: 1h}}
              - {id: behind, depends_on: [again], noop: true}
              - {id: always, depends_on: [again], run_when: all_done, noop: true}
            """);
        var (finished, json) = await box.RunJsonAsync(flow);
        finished.Exits(1);
        json.GetProperty("status").GetString().ShouldBe("failed");
        json.GetProperty("tasks").EnumerateObject().ShouldAllBe(t => t.Value.GetProperty("reason").GetString() == "run_timeout");
        Counts(json).ShouldBe("total 3 = completed 0, failed 0, failed_allowed 0, skipped 0, cancelled 3");
    }

    [Fact(DisplayName = "M10 nothing asks for PowerShell")]
    public async Task NoPowerShell()
    {
        await using var box = new Sandbox();
        foreach (var name in (string[])["pwsh", "powershell"])
            if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(box.Write($"bin/{name}", $"#!/bin/sh\ntouch {box.Root}/asked\n"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
        box.Environment["PATH"] = box.PathOf("bin") + ":/usr/local/bin:/usr/bin:/bin";
        var (finished, _) = await box.RunJsonAsync(box.Workflow("name: plain\ntasks: [{id: a, run: 'command -v pwsh'}, {id: b, script: \"#!/bin/sh\\ntrue\\n\"}]\n"));
        finished.Exits(0);
        File.Exists(box.PathOf("asked")).ShouldBeFalse();
    }

    [Fact(DisplayName = "M11 a folder that does not exist is not a valid one")]
    public async Task NoFolder()
    {
        await using var box = new Sandbox();
        (await box.RunAsync("validate", box.PathOf("nowhere"))).Refuses(4, "nowhere");
    }

    private static string Counts(JsonElement run)
    {
        var counts = run.GetProperty("counts").EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetInt32());
        counts.Remove("total", out var total);
        counts.Values.Sum().ShouldBe(total);
        return $"total {total} = {string.Join(", ", counts.Select(c => $"{c.Key} {c.Value}"))}";
    }
}

/// <summary>Short ways for the cases above.</summary>
internal static class SandboxRuns
{
    /// <summary>The id of the one run there is.</summary>
    public static async Task<string> OnlyRunAsync(this Sandbox box) => (await box.RunAsync("runs", "--json")).JsonLines().Single().GetProperty("run_id").GetString()!;
}

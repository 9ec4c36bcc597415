using System.Text.Json;
using Orchestrator.Conformance.Harness;
using Shouldly;
using Xunit;

namespace Orchestrator.Conformance.Cases;

/// <summary>Why a run failed, in one summary at the end of <c>show</c>.</summary>
public sealed class RootCauseCases
{
    private static async Task<JsonElement> CauseAsync(Sandbox box, JsonElement run) =>
        (await box.RunAsync("show", run.GetProperty("run_id").GetString()!, "--json")).Exits(0).Json().GetProperty("root_cause");

    private static string Tasks(JsonElement cause, string name) => string.Join(' ', cause.GetProperty(name).GetProperty("tasks").EnumerateArray().Select(t => t.GetString()));

    [Fact(DisplayName = "RC21 a failed run says what failed first, what that took with it and how its log ends")]
    [Trait("Program", "both")]
    public async Task Summary()
    {
        await using var box = new Sandbox();
        var flow = box.Workflow("""
            name: sales
            tasks:
              - {id: note, run: exit 1, allow_failure: true}
              - {id: load, depends_on: [note], run: "printf 'connecting\\n\\033[31mno such table\\033[0m\\n'; exit 7"}
              - {id: check, depends_on: [load], noop: true}
              - {id: tell, depends_on: [check], noop: true}
              - {id: clean, depends_on: [load], run_when: all_done, run: exit 9}
              - {id: slow, depends_on: [clean], noop: true}
            handlers:
              on_failure: [{id: page, run: exit 2}]
            """);
        var (_, run) = await box.RunJsonAsync(flow);
        var cause = await CauseAsync(box, run);
        (cause.GetProperty("task").GetString(), cause.GetProperty("error_class").GetString(), cause.GetProperty("kind").GetString(), cause.GetProperty("exit_code").GetInt32()).ShouldBe(("load", "task", "exit_code", 7));
        Tasks(cause, "skipped").ShouldContain("check");
        Tasks(cause, "skipped").ShouldContain("tell");
        Tasks(cause, "failed_later").ShouldBe("clean");
        cause.GetProperty("log_end").EnumerateArray().Last().GetString()!.ShouldContain("no such table");
        cause.GetProperty("since_success").ValueKind.ShouldBe(JsonValueKind.Null);
        cause.GetProperty("similar").GetProperty("count").GetInt32().ShouldBe(0);

        var text = (await box.RunAsync("show", run.GetProperty("run_id").GetString()!)).Exits(0).Output;
        text.ShouldContain("Root cause: task load failed at ");
        text.ShouldContain("(task, exit_code, exit code 7)");
        text.ShouldContain("no such table");
        text.ShouldNotContain('\u001B');
    }

    [Fact(DisplayName = "RC22 a failed run says what has changed since the last success and how often it failed like this")]
    [Trait("Program", "both")]
    public async Task Changes()
    {
        await using var box = new Sandbox();
        string Flow(string more) => box.Workflow($$$"""
            name: sales
            params: {code: {type: integer, default: 0}}
            tasks:
              - {id: load, run: "exit ${{ params.code }}"{{{more}}}}
            """);
        var flow = Flow("");
        var good = (await box.RunJsonAsync(flow)).Json.GetProperty("run_id").GetString();
        var other = box.Workflow("{name: other, tasks: [{id: load, run: exit 3}]}", "other.yaml");
        (await box.RunAsync("run", other)).Exits(1);
        var first = (await box.RunJsonAsync(flow, "--param", "code=3")).Json;
        flow = Flow(", tags: [changed]");
        var (_, run) = await box.RunJsonAsync(flow, "--param", "code=4");

        var cause = await CauseAsync(box, run);
        var since = cause.GetProperty("since_success");
        since.GetProperty("run_id").GetString().ShouldBe(good);
        since.GetProperty("definition_version").GetProperty("before").GetString().ShouldNotBe(since.GetProperty("definition_version").GetProperty("after").GetString());
        var changed = since.GetProperty("params")[0];
        (changed.GetProperty("name").GetString(), changed.GetProperty("before").GetInt32(), changed.GetProperty("after").GetInt32()).ShouldBe(("code", 0, 4));
        since.GetProperty("host").ValueKind.ShouldBe(JsonValueKind.Null);
        var similar = cause.GetProperty("similar");
        (similar.GetProperty("count").GetInt32(), similar.GetProperty("of_runs").GetInt32(), similar.GetProperty("last_run").GetString()).ShouldBe((1, 2, first.GetProperty("run_id").GetString()));

        var text = (await box.RunAsync("show", run.GetProperty("run_id").GetString()!)).Exits(0).Output;
        text.ShouldContain("the definition has changed; parameter code 0 -> 4");
        text.ShouldContain($"Earlier runs that failed like this: 1 of 2, last run {first.GetProperty("run_id").GetString()}");
    }

    [Fact(DisplayName = "RC23 a run that had no time left failed itself, a completed one has no cause, and a secret does not come out")]
    [Trait("Program", "both")]
    public async Task Others()
    {
        await using var box = new Sandbox();
        var (_, late) = await box.RunJsonAsync(box.Workflow("{name: late, timeout: 300ms, tasks: [{id: wait, run: sleep 60}, {id: after, depends_on: [wait], noop: true}]}"));
        var cause = await CauseAsync(box, late);
        (cause.GetProperty("task").ValueKind, cause.GetProperty("error_class").GetString(), cause.GetProperty("kind").GetString()).ShouldBe((JsonValueKind.Null, "timeout", "timeout"));
        Tasks(cause, "cancelled").ShouldContain("wait");
        (await box.RunAsync("show", late.GetProperty("run_id").GetString()!)).Exits(0).Output.ShouldContain("Root cause: the run itself failed");

        var (_, good) = await box.RunJsonAsync(box.Workflow("{name: good, tasks: [{id: a, noop: true}]}"));
        (await box.RunAsync("show", good.GetProperty("run_id").GetString()!, "--json")).Json().TryGetProperty("root_cause", out _).ShouldBeFalse();

        box.Environment["KEY"] = "hunter2hunter2";
        var (_, secret) = await box.RunJsonAsync(box.Workflow("{name: keyed, secrets: {KEY: {env: KEY}}, env: {KEY: '${{ secrets.KEY }}'}, tasks: [{id: a, run: 'echo \"it is $KEY\"; exit 1'}]}"));
        var shown = await box.RunAsync("show", secret.GetProperty("run_id").GetString()!);
        shown.Output.ShouldContain("it is ");
        shown.Output.ShouldNotContain("hunter2");
    }
}

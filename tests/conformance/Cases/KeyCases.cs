using System.Text.Json;
using Orchestrator.Conformance.Harness;
using Shouldly;
using Xunit;

namespace Orchestrator.Conformance.Cases;

/// <summary>Keys of the language, as what they do to a run.</summary>
public sealed class KeyCases
{
    private static string Folder(JsonElement json) => json.GetProperty("report_dir").GetString()!;

    private static string Log(JsonElement json, string task, string end = "log") => File.ReadAllText(Path.Combine(Folder(json), $"logs/{task}.1.{end}")).TrimEnd('\n');

    private static string Of(JsonElement json, string task, string member) => json.GetProperty("tasks").GetProperty(task).GetProperty(member).GetString()!;

    [Fact(DisplayName = "LK01 dotenv files are variables beneath the declared ones, read for each run; what is wrong with one is named without its values")]
    public async Task Dotenv()
    {
        await using var box = new Sandbox();
        box.Write(".env", "# values\nexport A=one\nB='two words'\nC=base\n");
        box.Write("eu.env", "C=eu\n");
        var flow = box.Workflow("""
            name: env
            params: {region: eu}
            dotenv: [.env, "${{ params.region }}.env"]
            env: {B: declared}
            tasks: [{id: a, run: 'echo "$A|$B|$C"'}]
            """);
        var (finished, json) = await box.RunJsonAsync(flow);
        finished.Exits(0);
        Log(json, "a").ShouldBe("one|declared|eu");
        box.Write("eu.env", "C=changed\n");
        Log((await box.RunJsonAsync(flow)).Json, "a").ShouldBe("one|declared|changed");
        box.Write("eu.env", "ok=1\nhunter2 is no variable\n");
        var (_, bad) = await box.RunJsonAsync(flow);
        Of(bad, "a", "error").ShouldSatisfyAllConditions(e => e.ShouldContain("eu.env"), e => e.ShouldContain("line 2"), e => e.ShouldNotContain("hunter2"));
        Of((await box.RunJsonAsync(flow, "--param", "region=us")).Json, "a", "error").ShouldContain("us.env");
    }

    [Fact(DisplayName = "LK02 log_output: separate keeps standard output and standard error apart, and logs shows both")]
    public async Task LogOutput()
    {
        await using var box = new Sandbox();
        box.Environment["THE_SECRET"] = "hunter2-hunter2";
        var (finished, json) = await box.RunJsonAsync(box.Workflow("""
            name: streams
            log_output: separate
            fail_fast: false
            secrets: {S: {env: THE_SECRET}}
            tasks:
              - {id: plain, run: 'echo out; echo err >&2'}
              - {id: masked, env: {S: "${{ secrets.S }}"}, run: 'echo "out $S"; echo "err $S" >&2'}
              - {id: json, outputs: stdout_json, run: 'echo "{\"a\": 1}"; echo err >&2'}
              - {id: both, log_output: combined, run: 'echo out; echo err >&2'}
              - {id: bad, run: 'echo out; echo why >&2; exit 3'}
            """));
        finished.Exits(1);
        (Log(json, "plain", "out"), Log(json, "plain", "err")).ShouldBe(("out", "err"));
        (Log(json, "masked", "out"), Log(json, "masked", "err")).ShouldBe(("out ***", "err ***"));
        (Log(json, "json", "err"), json.GetProperty("tasks").GetProperty("json").GetProperty("outputs").GetProperty("a").GetInt32()).ShouldBe(("err", 1));
        Log(json, "both").ShouldBe("out\nerr");
        Of(json, "bad", "error").ShouldContain("why");
        (await box.RunAsync("logs", json.GetProperty("run_id").GetString()!, "plain")).Exits(0).Output.ShouldBe("out\nerr\n");
    }

    [Fact(DisplayName = "LK03 success_exit_codes are a success, and the exit code can be read")]
    public async Task ExitCodes()
    {
        await using var box = new Sandbox();
        var (finished, json) = await box.RunJsonAsync(box.Workflow("""
            name: codes
            fail_fast: false
            tasks:
              - {id: a, run: exit 3, success_exit_codes: [3, 4]}
              - {id: b, run: exit 5, success_exit_codes: [3, 4]}
              - {id: c, depends_on: [a], exec: [echo, "${{ tasks.a.status }} ${{ tasks.a.exit_code }}"]}
            """));
        finished.Exits(1);
        (Of(json, "a", "status"), Of(json, "b", "status"), Log(json, "c")).ShouldBe(("completed", "failed", "completed 3"));
        (await box.RunAsync("reconcile")).Exits(0);
    }

    [Theory(DisplayName = "LK04 tasks of a run share $ORCHESTRATOR_RUN_DIR; it ends with a run that completed, unless the workflow keeps it")]
    [InlineData("", "true", false), InlineData("", "false", true), InlineData("keep_run_dir: always", "true", true), InlineData("keep_run_dir: never", "false", false)]
    public async Task Scratch(string key, string last, bool stays)
    {
        await using var box = new Sandbox();
        var (_, json) = await box.RunJsonAsync(box.Workflow($$"""
            name: scratch
            {{key}}
            tasks:
              - {id: a, run: 'mkdir "$ORCHESTRATOR_RUN_DIR/deep"; echo shared > "$ORCHESTRATOR_RUN_DIR/deep/x"'}
              - {id: b, depends_on: [a], run: 'cat "$ORCHESTRATOR_RUN_DIR/deep/x"'}
              - {id: c, depends_on: [b], run: "{{last}}"}
            """));
        Log(json, "b").ShouldBe("shared");
        File.Exists(Path.Combine(Folder(json), "scratch/deep/x")).ShouldBe(stays);
    }

    [Fact(DisplayName = "LK05 inherit_env: [*] is all of the worker's variables but its settings and the workflow's secrets")]
    public async Task InheritAll()
    {
        await using var box = new Sandbox();
        foreach (var (name, value) in new[] { ("MINE", "yes"), ("THE_SECRET", "hunter2-hunter2"), ("Orchestrator__Runner__Slots", "2"), ("OTEL_SERVICE_NAME", "worker") }) box.Environment[name] = value;
        var (finished, json) = await box.RunJsonAsync(box.Workflow("""
            name: all
            inherit_env: ["*"]
            secrets: {S: {env: THE_SECRET}}
            tasks: [{id: a, exec: [env]}]
            """));
        finished.Exits(0);
        var lines = Log(json, "a").Split('\n');
        lines.ShouldContain("MINE=yes");
        lines.ShouldNotContain(l => l.StartsWith("THE_SECRET", StringComparison.Ordinal) || l.StartsWith("Orchestrator__", StringComparison.Ordinal) || l.StartsWith("OTEL_", StringComparison.Ordinal));
    }

    [Fact(DisplayName = "LK06 run --target runs one task and what it needs, here and beside a serve")]
    public async Task Target()
    {
        await using var box = new Sandbox();
        var flow = box.Workflow("""
            name: goal
            outputs: {d: "${{ tasks.d.outputs.x }}"}
            tasks:
              - {id: a, run: 'true'}
              - {id: b, depends_on: [a], run: 'true'}
              - {id: c, run: 'false'}
              - {id: d, depends_on: [b, c], run: 'false'}
            """);
        var (finished, json) = await box.RunJsonAsync(flow, "--target", "b");
        finished.Exits(0);
        new[] { "a", "b", "c", "d" }.Select(t => Of(json, t, "status")).ShouldBe(["completed", "completed", "skipped", "skipped"]);
        (await box.RunAsync("run", flow, "--target", "bb")).Refuses(2, "'bb'", "'b'");
        await using var server = await Server.StartAsync(box);
        (await box.RunJsonAsync(flow, "--target", "b")).Finished.Exits(0);
    }

    [Fact(DisplayName = "LK07 switch chooses among its dependants: exact values, patterns, a default")]
    public async Task Switch()
    {
        await using var box = new Sandbox();
        var flow = box.Workflow("""
            name: route
            params: {region: eu}
            tasks:
              - {id: s, switch: {value: "${{ params.region }}", cases: [{is: [eu, de], then: eu}, {matches: "^us-", then: [us, log]}], default: other}}
              - {id: eu, depends_on: [s], noop: true}
              - {id: us, depends_on: [s], noop: true}
              - {id: log, depends_on: [s], noop: true}
              - {id: other, depends_on: [s], noop: true}
              - {id: always, depends_on: [s], noop: true}
              - {id: join, depends_on: [eu, us, log, other], run_when: none_failed, exec: [echo, "${{ tasks.s.outputs.value }} ${{ join(tasks.s.outputs.chosen, '+') }}"]}
            """);
        foreach (var (region, chosen) in new[] { ("de", "eu"), ("us-1", "us+log"), ("xx", "other") })
        {
            var (finished, json) = await box.RunJsonAsync(flow, "--param", $"region={region}");
            finished.Exits(0);
            Log(json, "join").ShouldBe($"{region} {chosen}");
            new[] { "eu", "us", "log", "other" }.Where(t => Of(json, t, "status") == "completed").ShouldBe(chosen.Split('+'));
            Of(json, "always", "status").ShouldBe("completed");
            (await box.RunAsync("replay", json.GetProperty("run_id").GetString()!)).Exits(0);
        }
        (await box.RunAsync("plan", flow)).Exits(0).Output.ShouldContain("switch ${{ params.region }}");
    }

    [Fact(DisplayName = "LK08 a parameter of type secret comes from the worker's environment and reaches nothing that is kept")]
    public async Task SecretParameter()
    {
        await using var box = new Sandbox();
        box.Environment["API_KEY"] = "hunter2-hunter2";
        var flow = box.Workflow("""
            name: secret
            params: {key: {type: secret, env: API_KEY}, n: {type: integer, min: 1, max: 3, default: 1}, code: {pattern: "^[a-z]+$", default: abc}}
            tasks: [{id: a, env: {KEY: "${{ params.key }}"}, run: 'echo "got $KEY"; test ${#KEY} = 15'}]
            """);
        var (finished, json) = await box.RunJsonAsync(flow);
        finished.Exits(0);
        Log(json, "a").ShouldBe("got ***");
        (await box.RunAsync("run", flow, "--param", "key=hunter3")).Refuses(2, "secret", "API_KEY").Errors.ShouldNotContain("hunter3");
        (await box.RunAsync("run", flow, "--param", "n=4")).Refuses(2, "at most 3");
        (await box.RunAsync("run", flow, "--param", "code=A1")).Refuses(2, "^[a-z]+$");
        foreach (var file in Directory.EnumerateFiles(box.Data, "*", SearchOption.AllDirectories)) File.ReadAllText(file).ShouldNotContain("hunter", Case.Sensitive, file);
    }
}

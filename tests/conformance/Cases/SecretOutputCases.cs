using System.Text;
using System.Text.Json;
using Orchestrator.Conformance.Harness;
using Orchestrator.TestKit.Http;
using Orchestrator.TestKit.Telemetry;
using Shouldly;
using Xunit;

namespace Orchestrator.Conformance.Cases;

/// <summary>Results that are secret: later tasks read them, and nothing keeps or shows them.</summary>
[Trait("Program", "both")]
public sealed class SecretOutputCases
{
    private const string Token = "tok-Quicksilver/42&x";

    [Fact(DisplayName = "SR01 a secret result of a process reaches the tasks that read it, and no file, answer, report or log")]
    public async Task Process()
    {
        await using var box = new Sandbox();
        box.Environment["MADE"] = Token;
        var (finished, json) = await box.RunJsonAsync(box.Workflow("""
            name: x
            inherit_env: [MADE]
            tasks:
              - id: login
                secret_outputs: [token]
                run: |
                  echo "printed: $MADE"; echo "$MADE" >&2
                  echo "token=$MADE" >> "$ORCHESTRATOR_OUTPUT"
                  echo "user=app" >> "$ORCHESTRATOR_OUTPUT"
              - id: uses
                depends_on: [login]
                env: {T: "${{ tasks.login.outputs.token }}", U: "${{ upper(tasks.login.outputs.token) }}", WHO: "${{ tasks.login.outputs.user }}"}
                run: |
                  [ "$T" = "$MADE" ] && [ -z "${login__token-}" ] && echo "is it, for $WHO"
                  echo "T=$T U=$U"; printf '%q\n' "$T"; printf '%s' "$T" | base64
              - id: later
                depends_on: [uses]
                exec: [printenv, T]
                env: {T: "x${{ tasks.login.outputs.token }}y"}
            """));
        finished.Exits(0);
        var run = json.RunId();
        File.ReadAllText(Path.Combine(box.RunFolder(run), "logs/uses.1.log")).ShouldStartWith("is it, for app\nT=*** U=***\n***\n");
        File.ReadAllText(Path.Combine(box.RunFolder(run), "logs/login.1.log")).ShouldBe("printed: ********************\n********************\n");
        json.Task("login").GetProperty("outputs").EnumerateObject().Select(o => o.Name).ShouldBe(["user"]);
        (await box.RunAsync("events", run)).Output.ShouldNotContain("uicksilver");
        await NowhereAsync(box, run);
    }

    [Fact(DisplayName = "SR02 secret results of http, by transform, go into headers and bodies of later requests")]
    public async Task Http()
    {
        await using var site = await LoopbackSite.StartAsync(c => c.Request.Path == "/login"
            ? LoopbackSite.TextAsync(c, 200, $$"""{"access_token": "{{Token}}", "expires": 60}""", "application/json") : LoopbackSite.TextAsync(c, 200, "ok"));
        await using var box = new Sandbox();
        var (finished, json) = await box.RunJsonAsync(box.Workflow($$$"""
            name: x
            tasks:
              - id: login
                http: {url: "{{{site.Url}}}/login"}
                transform: {token: "${{ outputs.body.access_token }}", expires: "${{ outputs.body.expires }}"}
                secret_outputs: [token]
              - id: whole
                http: {url: "{{{site.Url}}}/login"}
                secret_outputs: [body]
              - id: calls
                depends_on: [login, whole]
                http:
                  method: POST
                  url: "{{{site.Url}}}/data"
                  headers: {Authorization: "Bearer ${{ tasks.login.outputs.token }}"}
                  json: {again: "${{ tasks.whole.outputs.body.access_token }}", n: "${{ tasks.login.outputs.expires }}"}
            """));
        finished.Exits(0);
        var call = site.Seen.Single(r => r.Path.EndsWith("/data", StringComparison.Ordinal));
        call.Headers["Authorization"].ShouldBe($"Bearer {Token}");
        JsonDocument.Parse(call.Body).RootElement.GetProperty("again").GetString().ShouldBe(Token);
        json.Task("login").GetProperty("outputs").ToString().ShouldContain("60");
        await NowhereAsync(box, json.RunId());
    }

    [Fact(DisplayName = "SR03 handed on as a result that is not secret, it fails the task; of a failed attempt nothing secret is kept")]
    public async Task HandedOn()
    {
        await using var box = new Sandbox();
        box.Environment["MADE"] = Token;
        var (finished, json) = await box.RunJsonAsync(box.Workflow("""
            name: x
            fail_fast: false
            inherit_env: [MADE]
            tasks:
              - {id: login, secret_outputs: token, run: 'echo "token=$MADE" >> "$ORCHESTRATOR_OUTPUT"'}
              - {id: again, depends_on: [login], secret_outputs: [t], env: {T: "${{ tasks.login.outputs.token }}"}, run: 'echo "t=$T" >> "$ORCHESTRATOR_OUTPUT"'}
              - {id: reads, depends_on: [again], env: {T: "${{ tasks.again.outputs.t }}"}, run: '[ "$T" = "$MADE" ]'}
              - {id: open, depends_on: [login], env: {T: "${{ upper(tasks.login.outputs.token) }}"}, run: 'echo "t=$T" >> "$ORCHESTRATOR_OUTPUT"'}
              - {id: twice, secret_outputs: [token], run: 'echo "token=$MADE" >> "$ORCHESTRATOR_OUTPUT"; echo "copy=<$MADE>" >> "$ORCHESTRATOR_OUTPUT"'}
              - {id: fails, secret_outputs: [token], run: 'echo "token=$MADE" >> "$ORCHESTRATOR_OUTPUT"; echo "n=1" >> "$ORCHESTRATOR_OUTPUT"; echo "about $MADE" >&2; exit 3'}
              - {id: unnamed, secret_outputs: [other], run: 'echo "n=1" >> "$ORCHESTRATOR_OUTPUT"'}
              - {id: misses, depends_on: [unnamed], env: {T: "${{ tasks.unnamed.outputs.other }}"}, run: 'true'}
            """));
        finished.Exits(1);
        json.Fate("reads").ShouldBe("completed");
        json.Fate("open").ShouldBe("failed secret_in_output");
        json.Fate("twice").ShouldBe("failed secret_in_output");
        json.Fate("fails").ShouldBe("failed exit_code");
        json.Task("fails").Text("error")!.ShouldContain("***");
        json.Task("fails").GetProperty("outputs").EnumerateObject().Select(o => o.Name).ShouldBe(["n"]);
        json.Task("misses").Text("error")!.ShouldContain("There is no output of task 'unnamed' named 'other'");
        await NowhereAsync(box, json.RunId());
    }

    [Theory(DisplayName = "SR04 where a secret result would be seen, or could not be kept secret, the definition is refused with place and remedy")]
    [InlineData("- {id: b, depends_on: [a], run: 'curl -H ${{ tasks.a.outputs.t }} x'}", "list of processes", "Pass it by env")]
    [InlineData("- {id: b, depends_on: [a], exec: [x, '${{ upper(tasks.a.outputs.t) }}']}", "list of processes", "Pass it by env")]
    [InlineData("- {id: b, depends_on: [a], env: {V: '${{ tasks.a.outputs.t }}'}, exec: [x, '${{ env.V }}']}", "env.V holds a secret", "Write $V")]
    [InlineData("- {id: b, depends_on: [a], if: \"${{ tasks.a.outputs.t == 'x' }}\", noop: {}}", "decisions are made without secrets", "Compare in the task itself")]
    [InlineData("- {id: b, depends_on: [a], foreach: '${{ tasks.a.outputs.t }}', noop: {}}", "items are kept in the journal", "Pass it by env")]
    [InlineData("- {id: b, depends_on: [a], workflow: {name: y, params: {p: '${{ tasks.a.outputs.t }}'}}}", "kept in the journal", "Pass it by env")]
    [InlineData("- {id: b, depends_on: [a], approval: {prompt: 'ok ${{ tasks.a.outputs.t }}?'}}", "kept in the journal", "Pass it by env")]
    [InlineData("- {id: b, depends_on: [a], noop: {}, transform: {v: '${{ to_json(tasks.a.outputs) }}'}}", "results are kept in the journal", "secret_outputs")]
    [InlineData("- {id: b, secret_outputs: [x], foreach: [1, 2], run: 'true'}", "passes on one list", "a task of its own")]
    [InlineData("- {id: b, secret_outputs: [x], matrix: {k: [1, 2]}, run: 'true'}", "passes on one list", "a task of its own")]
    [InlineData("- {id: b, secret_outputs: [x], outputs: stdout_json, run: 'true'}", "appear in the log", "$ORCHESTRATOR_OUTPUT")]
    [InlineData("- {id: b, secret_outputs: [x], workflow: {name: y}}", "written to the journal", "run, exec, script")]
    [InlineData("- {id: b, secret_outputs: [x], approval: {prompt: ok}}", "written to the journal", "run, exec, script")]
    [InlineData("- {id: b, secret_outputs: ['1 x'], run: 'true'}", "not the name of a result", "letters")]
    [InlineData("- {id: b, secret_outputs: [x], transform: {y: '${{ outputs.z }}'}, run: 'true'}", "`x` is not a result", "Add it to `transform`")]
    [InlineData("handlers: {finally: [{id: h, secret_outputs: [x], run: 'true'}]}", "cannot have `secret_outputs`", "make it a task")]
    [InlineData("outputs: {o: '${{ tasks.a.outputs.t }}'}", "results are kept in the journal", "Pass it by env")]
    public async Task Refused(string part, string why, string remedy)
    {
        await using var box = new Sandbox();
        var isTask = part[0] == '-';
        var refused = await box.RunAsync("validate", box.Workflow($$"""
            name: x
            tasks:
              - {id: a, secret_outputs: [t], run: 'true'}
              {{(isTask ? part : "- {id: c, noop: {}}")}}
            {{(isTask ? "" : part)}}
            """));
        refused.Exits(2);
        var said = string.Join(' ', refused.ToString().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        said.ShouldContain(why);
        said.ShouldContain(remedy);
        said.ShouldMatch(@"\.ya?ml:\d+:\d+");
    }

    [Fact(DisplayName = "SR05 killed between producer and consumer, the producer runs again within the attempt that needs it; its ends and counts stay as they were")]
    public async Task Killed()
    {
        await using var box = new Sandbox();
        var run = await KilledAsync(box, """
            - {id: seed, secret_outputs: [s], run: 'echo x >> seeds; echo "s=$MADE-s" >> "$ORCHESTRATOR_OUTPUT"'}
            - id: login
              depends_on: [seed]
              secret_outputs: [token]
              env: {S: "${{ tasks.seed.outputs.s }}"}
              run: |
                [ "$S" = "$MADE-s" ]; echo x >> logins; echo "n=$(wc -l < logins)" >> "$ORCHESTRATOR_OUTPUT"
                echo "token=$MADE" >> "$ORCHESTRATOR_OUTPUT"
            - id: gate
              depends_on: [login]
              run: 'touch reached; while [ ! -e open ]; do sleep 0.05; done'
            - {id: uses, depends_on: [gate], env: {T: "${{ tasks.login.outputs.token }}"}, run: '[ "$T" = "$MADE" ]; echo "has $T"'}
            - {id: other, depends_on: [gate], env: {T: "${{ tasks.login.outputs.token }}"}, run: '[ "$T" = "$MADE" ]'}
            - {id: plain, depends_on: [gate], env: {N: "${{ tasks.login.outputs.n }}"}, run: 'echo "n is $N"'}
            """);
        (await box.RunAsync("run", "--resume", run)).Exits(0);
        var shown = (await box.RunAsync("show", run, "--json")).Json();
        foreach (var task in (string[])["seed", "login", "uses", "other", "plain"]) shown.Fate(task).ShouldBe("completed", task);
        shown.Task("login").GetProperty("outputs").GetProperty("n").ToString().ShouldBe("1");
        File.ReadAllLines(box.PathOf("logins")).Length.ShouldBe(2);
        var events = (await box.RunAsync("events", run)).Output.Split('\n');
        events.Count(e => e.Contains("task.renewing", StringComparison.Ordinal)).ShouldBe(2);
        events.Count(e => e.Contains("task.renewed", StringComparison.Ordinal)).ShouldBe(2);
        (await box.RunAsync("replay", run)).Exits(0);
        (await box.RunAsync("reconcile")).Exits(0);
        await NowhereAsync(box, run);
    }

    [Fact(DisplayName = "SR06 the API, its streams, logs of the server, metrics and what OTLP exports hold no secret result")]
    public async Task Served()
    {
        await using var box = new Sandbox();
        await using var receiver = await OtlpReceiver.StartAsync();
        foreach (var (name, value) in receiver.Variables) box.Environment[name] = value;
        box.Environment["Orchestrator__Telemetry__Prometheus"] = "on";
        box.Environment["MADE"] = Token;
        box.Write("workflows/x.yaml", """
            name: x
            fail_fast: false
            inherit_env: [MADE]
            tasks:
              - {id: login, secret_outputs: [token], run: 'echo "token=$MADE" >> "$ORCHESTRATOR_OUTPUT"; echo "$MADE"'}
              - {id: calls, depends_on: [login], http: {url: "http://127.0.0.1:9/${{ tasks.login.outputs.token }}?q=${{ tasks.login.outputs.token }}", headers: {A: "${{ tasks.login.outputs.token }}"} } }
              - {id: says, depends_on: [login], env: {T: "${{ tasks.login.outputs.token }}"}, run: 'echo "about $T" >&2; exit 4'}
            """);
        string run;
        await using (var server = await Server.StartAsync(box))
        {
            run = await server.SubmitAsync("x");
            (await server.EndOfAsync(run)).ShouldBe("failed");
            foreach (var path in (string[])["", "/events", "/tasks", "/tasks/login", "/report", "/tasks/login/logs", "/tasks/says/logs"])
                (await server.Http.GetAsync($"/api/v1/runs/{run}{path}") is var answer ? await answer.Content.ReadAsStringAsync() : "").ShouldNotContain("uicksilver", Case.Insensitive, path);
            (await server.GetAsync($"/api/v1/runs/{run}")).GetProperty("tasks").ToString().ShouldContain("about ***");
            (await server.Http.GetStringAsync("/metrics")).ShouldNotContain("uicksilver", Case.Insensitive);
            server.Process.Signal(15);
            (await server.Process.EndAsync()).Exits(0).ToString().ShouldNotContain("uicksilver", Case.Insensitive);
        }
        receiver.Spans.ShouldContain(s => s.Name == "RUN x");
        foreach (var exported in (object[])[receiver.Spans, receiver.Logs, receiver.Points]) JsonSerializer.Serialize(exported).ShouldNotContain("uicksilver", Case.Insensitive);
        await NowhereAsync(box, run);
    }

    [Fact(DisplayName = "SR07 a retry of a finished run runs the producer again; alone, the task that needs its secret result cannot")]
    public async Task Retried()
    {
        await using var box = new Sandbox();
        box.Environment["MADE"] = Token;
        var (first, json) = await box.RunJsonAsync(box.Workflow("""
            name: x
            inherit_env: [MADE]
            tasks:
              - {id: login, secret_outputs: [token], run: 'echo "token=$MADE" >> "$ORCHESTRATOR_OUTPUT"'}
              - {id: other, run: 'true'}
              - {id: uses, depends_on: [login, other], env: {T: "${{ tasks.login.outputs.token }}"}, run: '[ -e open ]; [ "$T" = "$MADE" ]'}
            """));
        first.Exits(1);
        var run = json.RunId();
        (await box.RunAsync("retry", run, "--only", "uses")).Exits(2).ToString().ShouldContain("its secret results are not kept");
        box.Write("open", "");
        (await box.RunAsync("retry", run, "--dry-run", "--json")).Exits(0).Json().GetProperty("running").GetInt32().ShouldBe(2);
        var again = (await box.RunAsync("retry", run, "--json")).Exits(0).Json();
        again.Task("other").GetProperty("attempts").GetInt32().ShouldBe(0);
        again.Task("login").GetProperty("attempts").GetInt32().ShouldBe(1);
        await NowhereAsync(box, again.RunId());
    }

    [Fact(DisplayName = "SR08 what cannot be run again for its secret result fails the attempt that needs it with secret_lost, which its retries may mend")]
    public async Task NotThereAgain()
    {
        await using var box = new Sandbox();
        var run = await KilledAsync(box, """
            - {id: once, idempotent: false, secret_outputs: [token], run: 'echo "token=$MADE" >> "$ORCHESTRATOR_OUTPUT"'}
            - {id: shaky, secret_outputs: [token], run: 'echo x >> tries; n=$(wc -l < tries); echo "token=$MADE" >> "$ORCHESTRATOR_OUTPUT"; [ "$n" != 2 ]'}
            - {id: gate, depends_on: [once, shaky], run: 'touch reached; while [ ! -e open ]; do sleep 0.05; done'}
            - {id: a, depends_on: [gate], env: {T: "${{ tasks.once.outputs.token }}"}, run: 'true'}
            - {id: b, depends_on: [gate], retry: {max_attempts: 2, initial_delay: 10ms}, env: {T: "${{ tasks.shaky.outputs.token }}"}, run: '[ "$T" = "$MADE" ]'}
            """);
        (await box.RunAsync("run", "--resume", run)).Exits(1);
        var shown = (await box.RunAsync("show", run, "--json")).Json();
        shown.Fate("a").ShouldBe("failed secret_lost");
        shown.Task("a").Text("error")!.ShouldContain("'once' (token)");
        shown.Fate("b").ShouldBe("completed");
        shown.Task("b").GetProperty("attempts").GetInt32().ShouldBe(2);
        File.ReadAllLines(box.PathOf("tries")).Length.ShouldBe(3);
        (await box.RunAsync("replay", run)).Exits(0);
        await NowhereAsync(box, run);
    }

    /// <summary>Runs tasks until one of them says so in a file, ends the program with -9, and opens the gate.</summary>
    private static async Task<string> KilledAsync(Sandbox box, string tasks)
    {
        box.Environment["MADE"] = Token;
        var running = box.Start("run", box.Workflow($"name: x\nfail_fast: false\ninherit_env: [MADE]\ntasks:\n{tasks}\n"));
        await Poll.UntilAsync(() => File.Exists(box.PathOf("reached")));
        running.Signal(9);
        await running.EndAsync();
        box.Write("open", "");
        return (await box.RunAsync("runs", "--json")).JsonLines().Single().GetProperty("run_id").GetString()!;
    }

    private static async Task NowhereAsync(Sandbox box, string run)
    {
        var said = string.Join('\n', await Task.WhenAll(((string[][])[["show", run], ["show", run, "--json"], ["events", run], ["logs", run], ["runs", "--json"], ["report", run]]).Select(async v => (await box.RunAsync(v)).ToString())));
        said.ShouldNotContain("uicksilver", Case.Insensitive);
        foreach (var file in Directory.EnumerateFiles(box.Data, "*", SearchOption.AllDirectories)) Encoding.UTF8.GetString(File.ReadAllBytes(file)).ShouldNotContain("uicksilver", Case.Insensitive, file);
    }
}

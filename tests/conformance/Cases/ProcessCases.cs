using Orchestrator.Conformance.Harness;
using Shouldly;
using Xunit;

namespace Orchestrator.Conformance.Cases;

/// <summary>What a task's process gets, what it may do, and what is left of it.</summary>
public sealed class ProcessCases
{
    [Fact(DisplayName = "P01 a child's environment is exactly what is documented")]
    public async Task Environment()
    {
        await using var box = new Sandbox();
        box.Environment["NOT_FOR_CHILDREN"] = "1";
        box.Environment["FOR_CHILDREN"] = "2";
        var flow = box.Workflow("""
            name: env
            inherit_env: [FOR_CHILDREN]
            env: {ONE: "1"}
            tasks:
              - {id: a, env: {TWO: "2"}, exec: [env]}
            """);
        var (_, json) = await box.RunJsonAsync(flow);
        var names = File.ReadAllLines(Path.Combine(json.GetProperty("report_dir").GetString()!, "logs/a.1.log")).Select(l => l[..l.IndexOf('=', StringComparison.Ordinal)]).ToList();
        names.ShouldNotContain("NOT_FOR_CHILDREN");
        string[] allowed = ["PATH", "HOME", "USER", "LANG", "TZ", "TMPDIR", "FOR_CHILDREN", "ONE", "TWO", "TRACEPARENT", "TRACESTATE", "BAGGAGE",
            "ORCHESTRATOR_RUN_ID", "ORCHESTRATOR_WORKFLOW", "ORCHESTRATOR_TASK_ID", "ORCHESTRATOR_ATTEMPT", "ORCHESTRATOR_OUTPUT", "ORCHESTRATOR_ARTIFACTS", "ORCHESTRATOR_RUN_DIR"];
        names.Except(allowed).ShouldBeEmpty();
        foreach (var must in (string[])["PATH", "FOR_CHILDREN", "ONE", "TWO", "TRACEPARENT", "BAGGAGE", "ORCHESTRATOR_RUN_ID", "ORCHESTRATOR_WORKFLOW", "ORCHESTRATOR_TASK_ID", "ORCHESTRATOR_ATTEMPT", "ORCHESTRATOR_OUTPUT"])
            names.ShouldContain(must);
    }

    [Fact(DisplayName = "P02 descendants that left the group with setsid or a double fork are ended with a timeout")]
    public async Task Descendants()
    {
        await using var box = new Sandbox();
        var flow = box.Workflow($$"""
            name: escape
            tasks:
              - id: a
                timeout: 1s
                run: |
                  setsid sh -c 'echo $$ >> {{box.Root}}/pids; exec sleep 300' &
                  ( ( sh -c 'echo $$ >> {{box.Root}}/pids; trap "" TERM; while :; do sleep 1; done' & ) & )
                  sleep 300
            """);
        (await box.RunJsonAsync(flow)).Finished.Exits(1);
        var pids = File.ReadAllLines(box.PathOf("pids"));
        pids.Length.ShouldBe(2);
        foreach (var pid in pids) Expect.IsAlive(pid).ShouldBeFalse($"process {pid} lives on");
    }

    [Fact(DisplayName = "P03 a secret is masked wherever it would appear, also encoded")]
    public async Task Secrets()
    {
        await using var box = new Sandbox();
        box.Write("secret", "hunter2-hunter2\n");
        var flow = box.Workflow($$$"""
            name: secretive
            secrets: {PW: {file: {{{box.Root}}}/secret}}
            tasks:
              - id: a
                env: {PW: "${{ secrets.PW }}"}
                run: 'echo "pw is $PW"; printf %s "$PW" | base64; echo "$PW" >&2; exit 4'
            """);
        var (finished, json) = await box.RunJsonAsync(flow);
        finished.Exits(1);
        var id = json.GetProperty("run_id").GetString()!;
        finished.Output.ShouldNotContain("hunter2");
        (await box.RunAsync("logs", id)).Output.ShouldNotContain("hunter2");
        foreach (var file in Directory.EnumerateFiles(box.Data, "*", SearchOption.AllDirectories))
        {
            var text = File.ReadAllText(file);
            text.ShouldNotContain("hunter2", Case.Sensitive, file);
            text.ShouldNotContain("aHVudGVyMi1odW50ZXIy", Case.Sensitive, file);
        }
    }

    [Fact(DisplayName = "P04 a secret in an output fails the task")]
    public async Task SecretInOutput()
    {
        await using var box = new Sandbox();
        box.Environment["THE_SECRET"] = "hunter2-hunter2";
        var flow = box.Workflow("""
            name: leak
            secrets: {PW: {env: THE_SECRET}}
            tasks:
              - id: a
                env: {PW: "${{ secrets.PW }}"}
                run: 'echo "token=$PW" >> "$ORCHESTRATOR_OUTPUT"'
            """);
        var (finished, json) = await box.RunJsonAsync(flow);
        finished.Exits(1);
        json.GetProperty("tasks").GetProperty("a").GetProperty("reason").GetString().ShouldBe("secret_in_output");
        finished.Output.ShouldNotContain("hunter2");
    }

    [Fact(DisplayName = "P05 data cannot become shell text")]
    public async Task Injection()
    {
        await using var box = new Sandbox();
        var flow = box.Workflow($$$"""
            name: inject
            params: {name: {type: string, default: "x; touch {{{box.Root}}}/owned"}}
            tasks:
              - {id: a, run: "echo ${{ params.name }}"}
            """);
        var (finished, json) = await box.RunJsonAsync(flow);
        finished.Exits(1);
        json.GetProperty("tasks").GetProperty("a").GetProperty("error").GetString()!.ShouldContain("env");
        File.Exists(box.PathOf("owned")).ShouldBeFalse();
    }

    [Theory(DisplayName = "P06 a missing program, shell directory or interpreter is named")]
    [InlineData("{id: a, exec: [no-such-program-anywhere]}", "no-such-program-anywhere")]
    [InlineData("{id: a, run: 'true', working_dir: /no/such/folder}", "/no/such/folder")]
    [InlineData("{id: a, script: \"#!/no/such/interpreter\\ntrue\\n\"}", "/no/such/interpreter")]
    public async Task Missing(string task, string named)
    {
        await using var box = new Sandbox();
        var (finished, json) = await box.RunJsonAsync(box.Workflow($"name: x\ntasks: [{task}]\n"));
        finished.Exits(1);
        var a = json.GetProperty("tasks").GetProperty("a");
        a.GetProperty("reason").GetString().ShouldBe("spawn_error");
        a.GetProperty("error").GetString()!.ShouldContain(named);
    }

    [Fact(DisplayName = "P07 logs keep invalid UTF-8 and are capped with a mark; the beginning and the end stay")]
    public async Task Logs()
    {
        await using var box = new Sandbox();
        box.Environment["Orchestrator__Processes__LogLimit"] = "64KiB";
        var (finished, json) = await box.RunJsonAsync(box.Workflow("""
            name: x
            tasks:
              - {id: raw, run: 'printf "a\377b\n"'}
              - {id: flood, run: 'echo first; head -c 3000000 /dev/zero | tr "\0" x; sleep 1.5; head -c 1000000 /dev/zero | tr "\0" y; echo; echo last'}
            """));
        finished.Exits(0);
        var folder = json.GetProperty("report_dir").GetString()!;
        File.ReadAllBytes(Path.Combine(folder, "logs/raw.1.log")).ShouldBe([(byte)'a', 0xFF, (byte)'b', (byte)'\n']);
        var blocks = (await box.StartOther("/usr/bin/stat", "-c", "%b", Path.Combine(folder, "logs/flood.1.log")).EndAsync()).Exits(0).Output;
        (int.Parse(blocks, System.Globalization.CultureInfo.InvariantCulture) * 512).ShouldBeLessThanOrEqualTo(64 << 10);
        var flood = (await box.RunAsync("logs", json.RunId(), "flood")).Exits(0).Output;
        flood.Length.ShouldBeInRange(50_000, 66_000);
        flood.ShouldStartWith("first\nxxx");
        flood.ShouldEndWith("yyy\nlast\n");
        flood.ShouldContain("\n[orchestrator: the log passed its limit; ");
    }

    [Fact(DisplayName = "P08 logs --follow shows a running task as it writes")]
    public async Task Follow()
    {
        await using var box = new Sandbox();
        box.Write("workflows/x.yaml", $"name: x\ntasks: [{{id: a, run: 'echo one; until test -e {box.Root}/go; do sleep 0.02; done; echo two'}}]\n");
        await using var server = await Server.StartAsync(box);
        var run = await server.SubmitAsync("x");
        await Poll.UntilAsync(() => Directory.Exists(box.Data) && Directory.EnumerateFiles(box.Data, "a.1.log", SearchOption.AllDirectories).Any());
        var follow = box.Start("logs", run, "a", "--follow");
        await follow.LineAsync(l => l.EndsWith("one", StringComparison.Ordinal));
        box.Write("go", "");
        (await follow.EndAsync()).Exits(0).Output.ShouldContain("two");
    }

    [Fact(DisplayName = "P09 results that are too large fail the task; those over 4 KiB are kept in a file and usable")]
    public async Task Outputs()
    {
        await using var box = new Sandbox();
        var (finished, json) = await box.RunJsonAsync(box.Workflow("""
            name: x
            fail_fast: false
            tasks:
              - {id: big, run: 'printf "v=" >> "$ORCHESTRATOR_OUTPUT"; head -c 8000 /dev/zero | tr "\0" x >> "$ORCHESTRATOR_OUTPUT"'}
              - {id: uses, depends_on: [big], if: "${{ length(tasks.big.outputs.v) == 8000 }}", noop: true}
              - {id: huge, run: 'printf "v=" >> "$ORCHESTRATOR_OUTPUT"; head -c 2000000 /dev/zero | tr "\0" x >> "$ORCHESTRATOR_OUTPUT"'}
            """));
        finished.Exits(1);
        json.GetProperty("tasks").GetProperty("uses").GetProperty("status").GetString().ShouldBe("completed");
        json.GetProperty("tasks").GetProperty("huge").GetProperty("reason").GetString().ShouldBe("output_limit");
        File.Exists(Path.Combine(json.GetProperty("report_dir").GetString()!, "outputs/big.json")).ShouldBeTrue();
    }

    [Fact(DisplayName = "P10 what a failed attempt left behind has ended before the next attempt starts")]
    public async Task LeftBehindByAFailure()
    {
        await using var box = new Sandbox();
        var flow = box.Workflow($$"""
            name: leftover
            tasks:
              - id: a
                retry: {max_attempts: 2, initial_delay: 10ms}
                run: |
                  if [ "$ORCHESTRATOR_ATTEMPT" = 1 ]; then
                    setsid sleep 300 > /dev/null 2>&1 & echo $! > {{box.Root}}/pid
                    exit 1
                  fi
                  read -r state < /proc/$(cat {{box.Root}}/pid)/stat && case "$state" in *') Z '*) ;; *) exit 7 ;; esac || true
            """);
        var (finished, json) = await box.RunJsonAsync(flow);
        finished.Exits(0);
        json.GetProperty("tasks").GetProperty("a").GetProperty("attempts").GetInt32().ShouldBe(2);
        Expect.IsAlive(File.ReadAllText(box.PathOf("pid"))).ShouldBeFalse("the first attempt's child lives on");
    }

    [Fact(DisplayName = "P11 no process outlives a run that is interrupted, however long it takes to end")]
    public async Task NothingOutlivesAnInterruption()
    {
        await using var box = new Sandbox();
        box.Environment["Orchestrator__Processes__KillGrace"] = "1s";
        var flow = box.Workflow($$"""
            name: stubborn
            tasks:
              - id: a
                run: |
                  trap "" TERM
                  echo $$ > {{box.Root}}/pid.new; mv {{box.Root}}/pid.new {{box.Root}}/pid
                  while :; do sleep 0.1; done
            """);
        var run = box.Start("run", flow);
        await Poll.UntilAsync(() => File.Exists(box.PathOf("pid")));
        run.Signal(15);
        (await run.EndAsync()).Exits(5);
        Expect.IsAlive(File.ReadAllText(box.PathOf("pid"))).ShouldBeFalse("it lives on without anybody who knows of it");
        var id = (await box.RunAsync("runs", "--json")).JsonLines().Single().GetProperty("run_id").GetString()!;
        (await box.EventsAsync(id)).Last().GetProperty("data").GetProperty("error_type").GetString().ShouldBe("worker_lost", "the end of its attempt must be in the journal");
    }

    [Theory(DisplayName = "P12 what a killed worker's attempts kept in files is gone once another worker has taken the run over, secrets with it")]
    [InlineData(3)]
    [InlineData(0)]
    public async Task LeftInFiles(int losses)
    {
        await using var box = new Sandbox();
        box.Write("secret", "hunter2-hunter2\n");
        var flow = box.Workflow($$$"""
            name: leaky
            max_worker_losses: {{{losses}}}
            fail_fast: false
            secrets: {PW: {file: {{{box.Root}}}/secret}}
            tasks:
              - id: script
                script: |
                  #!/bin/sh
                  # ${{ secrets.PW }}
                  test -e {{{box.Root}}}/one && exit 0
                  touch {{{box.Root}}}/one
                  exec sleep 300
              - id: results
                env: {PW: "${{ secrets.PW }}"}
                run: |
                  test -e {{{box.Root}}}/two && exit 0
                  echo "pw=$PW" >> "$ORCHESTRATOR_OUTPUT"
                  "{{{Built.Program}}}" span event "$PW"
                  touch {{{box.Root}}}/two
                  exec sleep 300
            """);
        var run = box.Start("run", flow);
        await Poll.UntilAsync(() => File.Exists(box.PathOf("one")) && File.Exists(box.PathOf("two")));
        run.Signal(9);
        await run.EndAsync();
        Holding("hunter2").Length.ShouldBeGreaterThanOrEqualTo(3, "the script, the results and the note of a span");

        var id = (await box.RunAsync("runs", "--json")).JsonLines().Single().GetProperty("run_id").GetString()!;
        (await box.RunAsync("run", "--resume", id)).Exits(losses > 0 ? 0 : 1);
        Holding("hunter2").ShouldBeEmpty();

        string[] Holding(string secret) => [.. Directory.EnumerateFiles(box.Data, "*", SearchOption.AllDirectories).Where(f => File.ReadAllText(f).Contains(secret, StringComparison.Ordinal))];
    }
}

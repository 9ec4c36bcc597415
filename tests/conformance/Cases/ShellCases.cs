using System.Text.Json;
using Orchestrator.Conformance.Harness;
using Orchestrator.TestKit.Telemetry;
using Shouldly;
using Xunit;

namespace Orchestrator.Conformance.Cases;

/// <summary>`shell`: which program interprets the text of `run`, and that one can see which it was.</summary>
public sealed class ShellCases
{
    [Fact(DisplayName = "SH01 bash and sh stop at the first failure and at variables that are not set; only bash looks into pipes")]
    public async Task Strictness()
    {
        await using var box = new Sandbox();
        string[] shells = ["bash", "sh"];
        (string Id, string Text, int Bash, int Sh)[] rows =
        [
            ("plain", "exit 7", 7, 7),
            ("first", "false; exit 0", 1, 1),
            ("unset", "echo $NO_SUCH_VARIABLE", 1, 2),
            ("pipe", "(exit 5) | cat", 5, 0),
            ("lines", "true\nfalse\ntrue", 1, 1),
        ];
        var flow = box.Workflow($"name: strict\nfail_fast: false\ntasks:\n{string.Concat(shells.SelectMany(shell => rows.Select(r =>
            $"  - {{id: {r.Id}_{shell}, shell: {shell}, run: {JsonSerializer.Serialize(r.Text)}}}\n")))}");
        var (finished, json) = await box.RunJsonAsync(flow);
        finished.Exits(1);
        foreach (var row in rows)
            foreach (var (shell, code) in (IEnumerable<(string, int)>)[("bash", row.Bash), ("sh", row.Sh)])
            {
                var exit = json.GetProperty("tasks").GetProperty($"{row.Id}_{shell}").GetProperty("exit_code").GetInt32();
                if (row.Id == "unset") exit.ShouldNotBe(0, $"{row.Id} {shell}");   // which code is the shell's own affair
                else exit.ShouldBe(code, $"{row.Id} {shell}");
            }
    }

    [Fact(DisplayName = "SH02 the task's shell goes before the defaults' and theirs before the workflow's, in plan, journal, report and trace")]
    public async Task Precedence()
    {
        await using var box = new Sandbox();
        await using var receiver = await OtlpReceiver.StartAsync();
        foreach (var (name, value) in receiver.Variables) box.Environment[name] = value;
        var plain = box.Workflow("name: one\nshell: sh\ntasks:\n  - {id: a, run: 'true'}\n  - {id: b, run: 'true', shell: bash}\n  - {id: c, exec: ['true']}\n", "one.yaml");
        var both = box.Workflow("""
            name: two
            shell: bash
            defaults: {shell: sh}
            tasks:
              - {id: a, run: 'true'}
              - {id: b, run: 'exit 0', shell: [perl, -e]}
              - {id: each, foreach: [1, 2], run: 'true'}
              - {id: poll, wait: {poll: {run: 'true', shell: bash, interval: 100ms}}}
            handlers: {finally: [{id: tidy, run: 'true'}]}
            """, "two.yaml");
        (await RunAsync(box, plain)).ShouldBe(["a sh", "b bash", "c true"]);
        (await RunAsync(box, both)).ShouldBe(["a sh", "b perl", "each[0] sh", "each[1] sh", "poll bash", "tidy sh"], ignoreOrder: true);

        var plan = (await box.RunAsync("plan", both)).Exits(0).Output;
        foreach (var words in (string[])["a (run with sh -eu -c)", "b (run with perl -e)", "poll run with bash -eu -o pipefail -c", "tidy (run with sh -eu -c)"]) plan.ShouldContain(words);
        var tasks = (await box.RunAsync("plan", plain, "--json")).Exits(0).Json().GetProperty("tasks");
        tasks.EnumerateArray().Select(t => t.GetProperty("shell").GetRawText()).ShouldBe(["""["sh","-eu","-c"]""", """["bash","-eu","-o","pipefail","-c"]""", "null"]);

        await receiver.WaitForAsync(r => r.Spans.Any(s => s.Name == "RUN two"), Running.Patience);
        foreach (var (attempt, program) in (IEnumerable<(string, string)>)[("attempt a", "sh"), ("attempt b", "perl"), ("attempt poll", "bash")])
        {
            var parent = receiver.Spans.Single(s => s.Name == attempt && receiver.Spans.Any(c => c.ParentId == s.SpanId && c.TraceId == TraceOf(receiver, "RUN two"))).SpanId;
            var child = receiver.Spans.Single(s => s.ParentId == parent);
            (child.Name, child.Attributes.Text("process.executable.name")).ShouldBe((program, program));
        }
    }

    [Fact(DisplayName = "SH03 a command line of another interpreter gets the text as its last argument, with exit codes and results as usual")]
    public async Task Interpreters()
    {
        await using var box = new Sandbox();
        var flow = box.Workflow("""
            name: tongues
            fail_fast: false
            params: {day: {type: date, default: 2026-03-08}}
            tasks:
              - id: perl
                shell: [perl, -e]
                run: |
                  open(my $out, '>>', $ENV{ORCHESTRATOR_OUTPUT}) or die;
                  print $out "day=", '${{ params.day }}', "\n";
                  print "it's \"quoted\" \$ENV\n";
              - {id: awk, shell: [awk], run: 'BEGIN { print "rows=" 6 * 7 > ENVIRON["ORCHESTRATOR_OUTPUT"] }'}
              - {id: path, shell: [/bin/sh, -c], run: 'false; echo "went=on" > $ORCHESTRATOR_OUTPUT'}
              - {id: dies, shell: [perl, -e], run: 'exit 23'}
            """);
        var (finished, json) = await box.RunJsonAsync(flow);
        finished.Exits(1);
        var tasks = json.GetProperty("tasks");
        tasks.GetProperty("perl").GetProperty("outputs").GetProperty("day").GetString().ShouldBe("2026-03-08");
        tasks.GetProperty("awk").GetProperty("outputs").GetProperty("rows").GetString().ShouldBe("42");
        tasks.GetProperty("path").GetProperty("outputs").GetProperty("went").GetString().ShouldBe("on", "no option is added to a command line");
        tasks.GetProperty("dies").GetProperty("exit_code").GetInt32().ShouldBe(23);
        File.ReadAllText(Path.Combine(json.GetProperty("report_dir").GetString()!, "logs/perl.1.log")).ShouldBe("it's \"quoted\" $ENV\n");
    }

    [Fact(DisplayName = "SH04 without bash the default is sh, and a shell that is missing is a spawn error that names the way out")]
    public async Task Missing()
    {
        await using var box = new Sandbox();
        Directory.CreateDirectory(box.PathOf("bin"));
        foreach (var program in (string[])["sh", "cat"]) File.CreateSymbolicLink(box.PathOf("bin/" + program), "/bin/" + program);
        box.Environment["PATH"] = box.PathOf("bin");
        var flow = box.Workflow("""
            name: bare
            fail_fast: false
            tasks:
              - {id: default, run: '(exit 3) | cat'}
              - {id: bash, run: 'true', shell: bash}
              - {id: python, run: 'pass', shell: [no-such-python, -c]}
              - {id: own, run: 'true', shell: bash, env: {PATH: /usr/bin:/bin}}
            """);
        (await box.RunAsync("plan", flow, "--json")).Json().GetProperty("tasks")[0].GetProperty("shell").GetRawText().ShouldBe("""["sh","-eu","-c"]""");
        var (finished, json) = await box.RunJsonAsync(flow);
        finished.Exits(1);
        (await ProgramsAsync(box, json)).ShouldBe(["default sh", "own bash"]);
        foreach (var (task, words) in (IEnumerable<(string, string[])>)[("bash", ["'bash'", "write `shell: sh`"]), ("python", ["'no-such-python'", "correct `shell`"])])
        {
            json.GetProperty("tasks").GetProperty(task).GetProperty("reason").GetString().ShouldBe("spawn_error");
            foreach (var word in words) json.GetProperty("tasks").GetProperty(task).GetProperty("error").GetString()!.ShouldContain(word);
        }
    }

    [Fact(DisplayName = "SH05 a shell that cannot be is refused by validate and run with what to write instead")]
    public async Task Refused()
    {
        await using var box = new Sandbox();
        var flow = box.Workflow("""
            name: wrong
            shell: zsh
            defaults: {shell: []}
            tasks:
              - {id: a, run: 'true', shell: "${{ params.shell }}"}
              - {id: b, exec: ['true'], shell: sh}
            """);
        foreach (var verb in (string[])["validate", "run"])
            (await box.RunAsync(verb, flow)).Refuses(2, "ORC113", "[zsh, -eu, -c]", "`shell` is empty", "Expressions are not allowed here", "ORC115", "`shell` belongs to `run`; task 'b' has `exec`", "flow.yaml:2:8");
    }

    [Fact(DisplayName = "SH06 values that could be code stay out of the text of every interpreter")]
    public async Task Substitution()
    {
        await using var box = new Sandbox();
        var flow = box.Workflow("""
            name: safe
            params: {p: x}
            tasks:
              - {id: a, shell: [perl, -e], run: "print '${{ params.p }}'"}
            """);
        (await box.RunJsonAsync(flow, "--param", "p=eu-1")).Finished.Exits(0);
        var (finished, json) = await box.RunJsonAsync(flow, "--param", $"p='; open(F, '>', '{box.Root}/owned'); '");
        finished.Exits(1);
        json.GetProperty("tasks").GetProperty("a").GetProperty("error").GetString()!.ShouldContain("Pass it by env");
        File.Exists(box.PathOf("owned")).ShouldBeFalse();
    }

    private static string TraceOf(OtlpReceiver receiver, string run) => receiver.Spans.Single(s => s.Name == run).TraceId;

    private static async Task<List<string>> RunAsync(Sandbox box, string flow)
    {
        var (finished, json) = await box.RunJsonAsync(flow);
        finished.Exits(0);
        return await ProgramsAsync(box, json);
    }

    /// <summary>The program of each task's last attempt as `show` has it; the report says the same.</summary>
    private static async Task<List<string>> ProgramsAsync(Sandbox box, JsonElement run)
    {
        var shown = (await box.RunAsync("show", run.GetProperty("run_id").GetString()!, "--json")).Exits(0).Json();
        var programs = shown.GetProperty("tasks").EnumerateObject().Where(t => t.Value.GetProperty("history").GetArrayLength() > 0)
            .Select(t => (t.Name, Program: t.Value.GetProperty("history").EnumerateArray().Last().GetProperty("executable").GetString())).Where(t => t.Program is not null).ToList();
        var report = File.ReadAllLines(Path.Combine(run.GetProperty("report_dir").GetString()!, "report.md")).Select(l => l.Replace("\\", "", StringComparison.Ordinal)).ToArray();   // brackets are escaped
        foreach (var (task, program) in programs) report.ShouldContain(l => l.StartsWith($"| {task}", StringComparison.Ordinal) && l.Contains($"| {program} ", StringComparison.Ordinal), $"{task} {program}");
        return [.. programs.Select(t => $"{t.Name} {t.Program}")];
    }
}

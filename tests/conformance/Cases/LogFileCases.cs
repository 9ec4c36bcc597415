using Orchestrator.Conformance.Harness;
using Shouldly;
using Xunit;

namespace Orchestrator.Conformance.Cases;

/// <summary>What tasks write: how it is printed, what is said where there is nothing, and what a task puts in the place of its files.</summary>
public sealed class LogFileCases
{
    private const UnixFileMode OthersToo = (UnixFileMode)0x3F;

    [Fact(DisplayName = "P13 logs of a fan-out are its children's; of a task that wrote nothing it is said what happened")]
    public async Task WhoWroteWhat()
    {
        await using var box = new Sandbox();
        var (finished, json) = await box.RunJsonAsync(box.Workflow("""
            name: x
            fail_fast: false
            tasks:
              - {id: each, foreach: [a, b], run: 'echo item ${{ item }}'}
              - {id: none, foreach: [], run: 'echo never'}
              - {id: quiet, run: 'true'}
              - {id: idle, noop: true}
              - {id: skipped, if: "false", run: 'echo never'}
              - {id: broken, exec: [no-such-program-here]}
              - {id: after, depends_on: [broken], run: 'echo never'}
            """));
        finished.Exits(1);
        var id = json.RunId();
        (await box.RunAsync("logs", id, "each")).Exits(0).Output.ShouldBe("--- each[0] (attempt 1)\nitem a\n--- each[1] (attempt 1)\nitem b\n");
        (await box.RunAsync("logs", id, "each", "--raw")).Exits(0).Output.ShouldBe("item a\nitem b\n");
        (await box.RunAsync("logs", id, "each[1]")).Exits(0).Output.ShouldBe("item b\n");
        (await box.RunAsync("logs", id, "each", "--json")).Exits(0).JsonLines().Select(l => l.Text("task") + " " + l.Text("line")).ShouldBe(["each[0] item a", "each[1] item b"]);
        var all = (await box.RunAsync("logs", id)).Exits(0).Output;
        all.ShouldContain("--- each[0] (attempt 1)\nitem a\n");
        all.ShouldContain("--- quiet completed and wrote nothing\n");
        all.ShouldContain("--- skipped was skipped (condition)\n");
        all.ShouldContain("--- after was skipped (dependency_failed)\n");
        all.ShouldContain("--- broken (attempt 1)\n[orchestrator: ");
        foreach (var (task, said) in ((string, string)[])[("none", "has no items"), ("quiet", "completed and wrote nothing"), ("idle", "completed and wrote nothing"), ("skipped", "was skipped")])
        {
            var one = (await box.RunAsync("logs", id, task)).Exits(0);
            (one.Output, one.Errors.Contains($"Task '{task}' {said}", StringComparison.Ordinal)).ShouldBe(("", true), one.ToString());
        }
        (await box.RunAsync("logs", id, "quite")).Refuses(4, "quiet");
        (await box.RunAsync("logs", id, "quiet", "--attempt", "7")).Refuses(4, "attempt 7");
        (await box.RunAsync("logs", id, "--raw", "--json")).Refuses(2, "--raw");
    }

    [Fact(DisplayName = "P14 logs --raw gives the bytes, text replaces what is none, and --follow prints the same, of every attempt that is to come")]
    public async Task Bytes()
    {
        await using var box = new Sandbox();
        var (finished, json) = await box.RunJsonAsync(box.Workflow("""
            name: x
            tasks:
              - {id: bytes, run: 'printf "a\377\r\nb\303\n\000last"'}
              - {id: again, retry: {max_attempts: 2, initial_delay: 10ms}, run: 'echo attempt $ORCHESTRATOR_ATTEMPT; test $ORCHESTRATOR_ATTEMPT = 2'}
            """));
        finished.Exits(0);
        var id = json.RunId();
        foreach (var follow in (string[])["", "--follow"])
        {
            var raw = box.PathOf("raw" + follow);
            (await box.StartOther("/bin/sh", "-c", $"'{Built.Program}' logs {id} bytes --raw {follow} --data '{box.Data}' > '{raw}'").EndAsync()).Exits(0);
            File.ReadAllBytes(raw).ShouldBe([(byte)'a', 0xFF, (byte)'\r', (byte)'\n', (byte)'b', 0xC3, (byte)'\n', 0, .. "last"u8], follow);
            var text = box.PathOf("text" + follow);
            (await box.StartOther("/bin/sh", "-c", $"'{Built.Program}' logs {id} bytes {follow} --data '{box.Data}' > '{text}'").EndAsync()).Exits(0);
            File.ReadAllText(text).ShouldBe("a\uFFFD\r\nb\uFFFD\n\0last\n", follow);
            (await box.RunAsync([.. (string[])["logs", id, "again"], .. follow.Length > 0 ? [follow] : Array.Empty<string>()])).Exits(0).Output.ShouldBe("attempt 2\n");
        }
    }

    [Fact(DisplayName = "P15 logs --follow goes on with the next attempt, and through the children of a fan-out")]
    public async Task FollowsOn()
    {
        await using var box = new Sandbox();
        box.Write("workflows/x.yaml", $$$"""
            name: x
            tasks:
              - {id: again, retry: {max_attempts: 2, initial_delay: 10ms}, run: 'echo attempt $ORCHESTRATOR_ATTEMPT; until test -e {{{box.Root}}}/go; do sleep 0.02; done; test $ORCHESTRATOR_ATTEMPT = 2'}
              - {id: each, depends_on: [again], foreach: [a, b], run: 'echo item ${{ item }}'}
            """);
        await using var server = await Server.StartAsync(box);
        var run = await server.SubmitAsync("x");
        var (again, each) = (box.Start("logs", run, "again", "--follow"), box.Start("logs", run, "each", "--follow"));
        await again.LineAsync(l => l == "attempt 1");
        box.Write("go", "");
        (await again.EndAsync()).Exits(0).Output.ShouldBe("attempt 1\nattempt 2\n");
        (await each.EndAsync()).Exits(0).Output.ShouldBe("--- each[0] (attempt 1)\nitem a\n--- each[1] (attempt 1)\nitem b\n");
    }

    [Fact(DisplayName = "P19 a log a little over its limit keeps its head and its tail, with --raw, with --follow and without")]
    public async Task OverTheLimit()
    {
        await using var box = new Sandbox();
        box.Environment["Orchestrator__Processes__LogLimit"] = "1MiB";
        var (finished, json) = await box.RunJsonAsync(box.Workflow("""
            name: x
            tasks: [{id: a, run: 'echo first; head -c 1048576 /dev/zero | tr "\0" x | fold -w 63; echo last'}]
            """));
        finished.Exits(0);
        foreach (var options in (string[][])[[], ["--raw"], ["--follow"]])
        {
            var said = (await box.RunAsync(["logs", json.RunId(), "a", .. options])).Exits(0).Output;
            (said[..9], said[^7..]).ShouldBe(("first\nxxx", "xxlast\n"), string.Join(' ', options));
            said.Contains("bytes were dropped here]", StringComparison.Ordinal).ShouldBeTrue();
            said.Count(c => c == 'x').ShouldBeGreaterThan(1_000_000, "one byte over the limit once cost nine tenths of a log");
        }
    }

    [Fact(DisplayName = "P16 a link, FIFO or device that a task puts among logs, results and artifacts is neither followed nor waited for: the API answers and serve stops")]
    public async Task Planted()
    {
        await using var box = new Sandbox();
        var precious = box.Write("precious", "before\n");
        box.Write("workflows/x.yaml", $$$"""
            name: x
            secrets: {S: {env: THE_SECRET}}
            tasks:
              - id: plants
                run: |
                  cd "$(dirname "$ORCHESTRATOR_OUTPUT")/.."
                  ln -s {{{precious}}} logs/linked.1.log; mkfifo logs/piped.1.log; ln -s {{{precious}}} logs/masked.1.log; mkfifo logs/maskedpipe.1.log
                  mkfifo artifacts/pipe; ln -s /dev/zero artifacts/zero; ln -s {{{precious}}} artifacts/link; echo fine > artifacts/fine
                  mkfifo outputs/linked.json; ln -s /dev/zero outputs/piped.json
              - {id: linked, depends_on: [plants], run: 'echo mine'}
              - {id: piped, depends_on: [plants], run: 'echo mine'}
              - {id: masked, depends_on: [plants], env: {S: "${{ secrets.S }}"}, run: 'echo mine'}
              - {id: maskedpipe, depends_on: [plants], env: {S: "${{ secrets.S }}"}, run: 'echo mine'}
              - {id: large, depends_on: [plants], run: 'mkfifo "$(dirname "$ORCHESTRATOR_OUTPUT")/large.json"; printf "v=%s\n" $(head -c 9000 /dev/zero | tr "\0" x) >> "$ORCHESTRATOR_OUTPUT"'}
              - {id: self, depends_on: [plants], run: 'rm -f "$ORCHESTRATOR_OUTPUT"; mkfifo "$ORCHESTRATOR_OUTPUT"; cd "$(dirname "$ORCHESTRATOR_OUTPUT")/../logs"; rm self.1.log; mkfifo self.1.log'}
            """);
        box.Environment["THE_SECRET"] = "hunter2-hunter2";
        await using var server = await Server.StartAsync(box);
        var run = await server.SubmitAsync("x");
        (await server.EndOfAsync(run)).ShouldBe("completed");
        File.ReadAllText(precious).ShouldBe("before\n");
        foreach (var task in (string[])["linked", "piped", "masked", "maskedpipe"]) (await box.RunAsync("logs", run, task)).Exits(0).Output.ShouldBe("mine\n", task);
        (await box.RunAsync("logs", run, "self")).Exits(0).Output.ShouldBe("");
        (await box.RunAsync("logs", run, "self", "--follow", "--raw")).Exits(0).Output.ShouldBe("");

        (await server.GetAsync($"/api/v1/runs/{run}/artifacts")).GetProperty("artifacts").EnumerateArray().Select(a => a.Text("path")).ShouldContain("fine");
        foreach (var name in (string[])["pipe", "zero", "link"])
        {
            using var answer = await server.Http.GetAsync($"/api/v1/runs/{run}/artifacts/{name}");
            ((int)answer.StatusCode).ShouldBe(404, name);
        }
        (await server.Http.GetStringAsync($"/api/v1/runs/{run}/artifacts/fine")).ShouldBe("fine\n");
        server.Process.Signal(15);
        (await server.Process.EndAsync()).Exits(0);
    }

    [Fact(DisplayName = "P17 what is made in the data directory is its owner's alone, whatever the umask and whoever makes it")]
    public async Task Modes()
    {
        await using var box = new Sandbox();
        box.Environment["THE_SECRET"] = "hunter2-hunter2";
        var flow = box.Write("workflows/x.yaml", """
            name: x
            secrets: {S: {env: THE_SECRET}}
            tasks:
              - {id: plain, run: 'echo hi; echo more > kept.txt', artifacts: [kept.txt]}
              - {id: masked, env: {S: "${{ secrets.S }}"}, run: 'echo hi'}
              - {id: large, run: 'printf "v=%s\n" $(head -c 9000 /dev/zero | tr "\0" x) >> "$ORCHESTRATOR_OUTPUT"'}
              - {id: script, script: "#!/bin/sh\necho hi\n"}
            """);
        (await box.StartOther("/bin/sh", "-c", $"umask 0; exec '{Built.Program}' run '{flow}' --data '{box.Data}'").EndAsync()).Exits(0);
        await using (var server = await Server.StartAsync(box))
        {
            await server.EndOfAsync(await server.SubmitAsync("x"));
            server.Process.Signal(15);
            (await server.Process.EndAsync()).Exits(0);
        }
        File.GetUnixFileMode(box.Data).ShouldBe((UnixFileMode)0x1C0);
        foreach (var entry in Directory.EnumerateFileSystemEntries(box.Data, "*", SearchOption.AllDirectories))
            (File.GetUnixFileMode(entry) & OthersToo).ShouldBe(UnixFileMode.None, entry);
    }

    [Fact(DisplayName = "P18 a serve that may open too few files says so at its start, with the number that is enough")]
    public async Task FewFiles()
    {
        await using var box = new Sandbox();
        await using var server = await Server.StartWithFilesAsync(box, 400);
        (await server.Process.LineAsync(l => l.Contains("ulimit -n", StringComparison.Ordinal) || l.Contains("LimitNOFILE", StringComparison.Ordinal))).ShouldContain("400");
    }
}

using System.Text.Json;
using Orchestrator.Conformance.Harness;
using Shouldly;
using Xunit;

namespace Orchestrator.Conformance.Cases;

/// <summary>Files that start runs by arriving.</summary>
public sealed class FileTriggerCases
{
    private const string Load = """
        name: load
        params: {path: none, size: 0, hash: none}
        triggers:
          - {id: arrived, files: {path: "../inbox/**/*.csv", stable: 500ms, interval: 100ms}, params: {path: "${{ trigger.file.path }}", size: "${{ trigger.file.size }}"}}
          - {id: content, files: {path: ../drop/*, stable: 0s, interval: 100ms, once_per: content}, params: {path: "${{ trigger.file.name }}", hash: "${{ trigger.file.sha256 }}"}}
          - {id: batch, files: {path: ../many/*, stable: 0s, interval: 100ms}, batch: {max: 5, within: 1s}, params: {path: "${{ trigger.count }}"}}
        tasks: [{id: a, exec: [sh, -c, 'test "$P" = none || true'], env: {P: "${{ params.path }}"}}]

        """;

    [Fact(DisplayName = "TG14 a file that has arrived and is stable starts one run, through restarts, a kill and downtime; one that was there before the trigger starts none")]
    public async Task Arrived()
    {
        await using var box = Box();
        box.Write("inbox/old.csv", "old");
        await using (var server = await Server.StartAsync(box))
        {
            await LookedAsync(box, 3);
            box.Write("inbox/a.csv", "12345");
            box.Write("inbox/sub/b.csv", "1");
            box.Write("inbox/c.txt", "1");
            await RunsAsync(server, 2);
            box.Write("inbox/killed.csv", "1");
            server.Process.Signal(9);   // it was seen or not: it is not stable yet
            await server.Process.EndAsync();
        }
        box.Write("inbox/meanwhile.csv", "1");
        await using (var server = await Server.StartAsync(box))
        {
            await RunsAsync(server, 4);
            server.Process.Signal(9);
            await server.Process.EndAsync();
        }
        await using (var server = await Server.StartAsync(box))
        {
            box.Write("inbox/a.csv", "123456");
            await RunsAsync(server, 5);
            await StopAsync(server);
        }
        var fired = (await LedgerAsync(box)).Where(e => e.Type == "trigger.fired").Select(e => e.Data.GetProperty("params")).ToList();
        fired.Select(p => Path.GetFileName(p.GetProperty("path").GetString())).ShouldBe(["a.csv", "b.csv", "killed.csv", "meanwhile.csv", "a.csv"], ignoreOrder: true);
        fired.Select(p => p.GetProperty("size").GetInt64()).ShouldContain(6);
        fired.ShouldAllBe(p => Path.IsPathRooted(p.GetProperty("path").GetString()) && !p.GetProperty("path").GetString()!.Contains("..", StringComparison.Ordinal));
        (await box.RunAsync("reconcile")).Exits(0);
    }

    [Fact(DisplayName = "TG15 once per content starts one run for the same bytes under two names; a batch starts one for several files; links, folders and pipes start none")]
    public async Task Contents()
    {
        await using var box = Box();
        await using (var server = await Server.StartAsync(box))
        {
            await LookedAsync(box, 3);
            box.Write("drop/one", "same");
            await RunsAsync(server, 1);
            box.Write("drop/two", "same");
            File.CreateSymbolicLink(box.PathOf("drop/link"), "/etc/hostname");
            Directory.CreateDirectory(box.PathOf("drop/folder"));
            (await box.StartOther("/usr/bin/mkfifo", box.PathOf("drop/pipe")).EndAsync()).Exits(0);
            box.Write("drop/three", "other");
            await RunsAsync(server, 2);
            await Poll.UntilAsync(async () => (await LedgerAsync(box)).Any(e => e.Type == "trigger.duplicate"), "the duplicate");
            for (var i = 0; i < 5; i++) box.Write($"many/{i}", $"{i}");
            await RunsAsync(server, 3);
            await StopAsync(server);
        }
        var entries = await LedgerAsync(box);
        var fired = entries.Where(e => e.Type == "trigger.fired").Select(e => e.Data.GetProperty("params")).ToList();
        fired.Select(p => p.GetProperty("path").GetString()).ShouldBe(["one", "three", "5"], ignoreOrder: true);
        fired.Select(p => p.GetProperty("hash").GetString()).ShouldContain("0967115f2813a3541eaef77de9d9d5773f1c0c04314b0bbfe4ff3b3b1c55b5d5");
        (await box.RunAsync("triggers", "list", "--json")).Exits(0).JsonLines().Select(r => r.GetProperty("kind").GetString()).Distinct().ShouldBe(["files"]);
        (await box.RunAsync("reconcile")).Exits(0);
    }

    [Fact(DisplayName = "TG16 a folder that is missing and parameters that do not fit are recorded, once, and start no run")]
    public async Task Refused()
    {
        await using var box = new Sandbox();
        box.Write("workflows/load.yaml", """
            name: load
            params: {day: {type: date, required: true}}
            triggers:
              - {id: missing, files: {path: ../nowhere/*, interval: 100ms}, params: {day: "2026-01-01"}}
              - {id: unfit, files: {path: ../inbox/*, stable: 0s, interval: 100ms, existing: true}, params: {day: "${{ trigger.file.name }}"}}
            tasks: [{id: a, noop: true}]

            """);
        box.Write("inbox/today", "1");
        box.Write("inbox/2026-01-31", "1");
        await using (var server = await Server.StartAsync(box))
        {
            await RunsAsync(server, 1);
            await Poll.UntilAsync(async () => (await LedgerAsync(box)).Count(e => e.Type == "trigger.rejected") >= 2, "refusals");
            box.Write("inbox/2026-02-01", "1");
            await RunsAsync(server, 2);
            await StopAsync(server);
        }
        (await LedgerAsync(box)).Where(e => e.Type == "trigger.rejected").Select(e => e.Data.GetProperty("reason").GetString()).ShouldBe(["unreadable", "params"], ignoreOrder: true);
        (await box.RunAsync("reconcile")).Exits(0);
    }

    // What is there at a trigger's first look arrived before it.
    private static Task LookedAsync(Sandbox box, int triggers) => Poll.UntilAsync(() =>
        Task.FromResult(Directory.Exists(Path.Combine(box.Data, "triggers")) && Directory.GetFiles(Path.Combine(box.Data, "triggers"), "*.files").Length == triggers), "the first look");

    private static Task RunsAsync(Server server, int runs) => Poll.UntilAsync(async () =>
        (await server.GetAsync("/api/v1/runs?status=completed&limit=500")).GetProperty("runs").GetArrayLength() == runs, $"{runs} runs");

    private static async Task StopAsync(Server server)
    {
        server.Process.Signal(15);
        (await server.Process.EndAsync()).Exits(0);
    }

    private static Sandbox Box([System.Runtime.CompilerServices.CallerMemberName] string name = "")
    {
        var box = new Sandbox(name);
        box.Write("workflows/load.yaml", Load);
        foreach (var folder in (string[])["inbox/sub", "drop", "many"]) Directory.CreateDirectory(box.PathOf(folder));
        return box;
    }

    private static async Task<List<(string Type, JsonElement Data)>> LedgerAsync(Sandbox box) =>
        [.. (await box.RunAsync("journal", "export")).JsonLines().Where(e => e.GetProperty("stream").GetString()!.StartsWith("trigger:", StringComparison.Ordinal))
            .Select(e => (e.GetProperty("type").GetString()!, e.GetProperty("data")))];
}

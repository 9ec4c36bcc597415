using System.Net.Http.Json;
using System.Text.Json;
using Orchestrator.Conformance.Harness;
using Shouldly;
using Xunit;

namespace Orchestrator.Conformance.Cases;

/// <summary>
/// A disk that is full: files that cannot grow behave the same and need no rights. An error that says so, nothing half-written, and what
/// is there can still be read.
/// </summary>
public sealed class DiskCases
{
    private const string Small = "name: small\ntasks: [{id: a, noop: true}]\n";

    [Fact(DisplayName = "G01 where nothing can be written a run is refused and everything before it can be read")]
    public async Task Full()
    {
        await using var box = new Sandbox();
        (await box.RunJsonAsync(box.Workflow(Small))).Finished.Exits(0);
        (await LimitedAsync(box, 0, "run", box.Workflow(Small.Replace("small", "other"), "other.yaml"), "--data", box.Data)).Refuses(5, box.Data);
        var runs = (await box.RunAsync("runs", "--json")).Exits(0).JsonLines();
        var id = runs.ShouldHaveSingleItem().GetProperty("run_id").GetString()!;
        (await LimitedAsync(box, 0, "show", id, "--data", box.Data)).Exits(0).Output.ShouldContain(id);
        HalfWritten(box).ShouldBeEmpty();
    }

    [Fact(DisplayName = "G02 a journal that fills up while a run works interrupts it, and with space it is resumed and completes")]
    public async Task FillsUp()
    {
        await using var box = new Sandbox();
        box.Environment["Orchestrator__Processes__LogLimit"] = "4KiB";
        var flow = box.Workflow("name: grows\ntasks:\n" + string.Concat(Enumerable.Range(0, 60).Select(n => $"  - {{id: t{n}, noop: true{(n > 0 ? $", depends_on: [t{n - 1}]" : "")}}}\n")));
        (await LimitedAsync(box, 16, "run", flow, "--data", box.Data)).Refuses(5, "journal");
        HalfWritten(box).ShouldBeEmpty();
        var id = (await box.RunAsync("runs", "--json")).Exits(0).JsonLines().ShouldHaveSingleItem().GetProperty("run_id").GetString()!;
        (await box.RunAsync("show", id)).Exits(0).Output.ShouldContain("running");
        (await box.RunAsync("run", "--resume", id, "--json")).Exits(0).Json().GetProperty("counts").GetProperty("completed").GetInt32().ShouldBe(60);
        (await box.EventsAsync(id)).Select(e => e.GetProperty("seq").GetInt64()).ShouldBe(Enumerable.Range(1, (await box.EventsAsync(id)).Count).Select(n => (long)n));
    }

    [Fact(DisplayName = "G03 a journal that fills up within a fan-out loses none of it: with space all items have ended once")]
    public async Task FillsUpWithinAFanOut()
    {
        await using var box = new Sandbox();
        box.Environment["Orchestrator__Processes__LogLimit"] = "4KiB";
        var flow = box.Workflow($$$"""
            name: wide
            tasks:
              - {id: each, foreach: {items: [{{{string.Join(", ", Enumerable.Range(0, 40))}}}], max_parallel: 3}, retry: {max_attempts: 2, initial_delay: 10ms}, run: '{{{Promises.Note(box)}}}; test $((${{ item }} % 5)) != 0 -o $ORCHESTRATOR_ATTEMPT -ge 2'}
              - {id: after, depends_on: [each], if: "${{ tasks.each.outputs.completed == 40 }}", noop: true}
            """);
        (await LimitedAsync(box, 16, "run", flow, "--data", box.Data)).Refuses(5, "journal");
        Promises.Executed(box).Length.ShouldBeInRange(1, 47);
        var id = (await box.RunAsync("runs", "--json")).Exits(0).JsonLines().ShouldHaveSingleItem().RunId();
        (await box.RunAsync("run", "--resume", id, "--json")).Exits(0).Json().Count("completed").ShouldBe(42);
        await Promises.KeptAsync(box, id);
        Promises.LeftOver([id]).ShouldBeEmpty();
    }

    [Fact(DisplayName = "G04 a task that fills the disk fails by itself, and the run goes on")]
    public async Task TaskFillsIt()
    {
        await using var box = new Sandbox();
        box.Environment["Orchestrator__Processes__LogLimit"] = "16KiB";
        var flow = box.Workflow($$"""
            name: greedy
            tasks:
              - {id: greedy, run: 'head -c 1000000 /dev/zero > {{box.Root}}/big', allow_failure: true}
              - {id: loud, run: 'head -c 1000000 /dev/zero', allow_failure: true}
              - {id: after, depends_on: [greedy, loud], run: 'true'}
            """);
        var json = (await LimitedAsync(box, 64, "run", flow, "--json", "--data", box.Data)).Exits(0).Json();
        json.Fate("after").ShouldBe("completed");
        json.Fate("greedy").ShouldBe("failed exit_code");
        await Promises.KeptAsync(box, json.RunId());
    }

    [Fact(DisplayName = "G05 a serve whose journal cannot be written is not ready, says why and since when, refuses changes, can be read, and recovers by itself")]
    public async Task NotReady()
    {
        await using var box = new Sandbox();
        box.Environment["Orchestrator__Processes__LogLimit"] = "4KiB";
        box.Write("workflows/small.yaml", Small);
        await using var server = await Server.StartLimitedAsync(box, 16);
        var accepted = new List<string>();
        await Poll.UntilAsync(async () =>
        {
            var (status, body) = await server.PostAsync("/api/v1/workflows/small/runs", new { @params = new { } });
            if (status == 202) accepted.Add(body.RunId());
            return status == 503;
        }, "the first refusal");
        accepted.ShouldNotBeEmpty();
        await Poll.UntilAsync(async () => (await server.AskAsync("/readyz")).Status == 503, "the trouble");

        var ready = (await server.AskAsync("/readyz")).Body;
        ready.GetProperty("reason").GetString()!.ShouldContain("journal");
        var storage = ready.GetProperty("storage").EnumerateArray().Single(s => s.GetProperty("part").GetString() == "journal");
        storage.GetProperty("reason").GetString()!.ShouldContain(Path.Combine(box.Data, "journal"));
        (TimeProvider.System.GetUtcNow() - storage.GetProperty("since").GetDateTimeOffset()).ShouldBeInRange(TimeSpan.Zero, Running.Patience);
        (await box.RunAsync("health")).Refuses(5, "journal");
        (await box.RunAsync("health", "--live")).Exits(0);

        using (var refused = await server.Http.PostAsJsonAsync("/api/v1/workflows/small/runs", new { @params = new { } }))
        {
            ((int)refused.StatusCode, refused.Headers.RetryAfter?.Delta > TimeSpan.Zero).ShouldBe((503, true));
            (await refused.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("code").GetString().ShouldBe("journal_unavailable");
        }
        (await server.PostAsync($"/api/v1/runs/{accepted[0]}/retry", new { })).Status.ShouldBe(503, "a change like any other");
        var (listed, runs) = await server.AskAsync("/api/v1/runs");
        (listed, runs.ToString().Contains(accepted[0], StringComparison.Ordinal)).ShouldBe((200, true), "what is there can be read");

        await server.LiftLimitAsync(box);
        await Poll.UntilAsync(async () => (await server.AskAsync("/readyz")).Status == 200, "the recovery");
        (await server.AskAsync("/readyz")).Body.GetProperty("storage").GetArrayLength().ShouldBe(0);
        foreach (var run in accepted.Append(await server.SubmitAsync("small"))) (await server.EndOfAsync(run)).ShouldBe("completed", "nothing accepted is lost");
        server.Process.Signal(15);
        var log = (await server.Process.EndAsync()).Exits(0).Errors.Split('\n');
        log.Count(l => l.Contains("cannot be written; appends fail until it can", StringComparison.Ordinal)).ShouldBe(1);
        log.Count(l => l.Contains("The journal in", StringComparison.Ordinal) && l.Contains("can be written again", StringComparison.Ordinal)).ShouldBe(1, "besides what is said of single runs");
    }

    /// <summary>The program where no file may be longer than so many KiB: a write beyond that fails as it does on a full disk.</summary>
    private static async Task<Finished> LimitedAsync(Sandbox box, int kibibytes, params string[] args)
    {
        // The runtime's own double mapping of code needs a file as large as its memory.
        var environment = new Dictionary<string, string?>(box.Environment) { ["DOTNET_EnableWriteXorExecute"] = "0" };
        await using var running = Running.Start(
            "/bin/bash", ["-c", $"trap '' XFSZ; ulimit -f {kibibytes}; exec \"$@\"", "bash", Built.Program, .. args], box.Root, environment);
        return await running.EndAsync();
    }

    private static List<string> HalfWritten(Sandbox box) =>
        [.. Directory.EnumerateFiles(box.Data, "*", SearchOption.AllDirectories).Where(f => f.EndsWith(".tmp", StringComparison.Ordinal) || f.EndsWith(".new", StringComparison.Ordinal) || new FileInfo(f) is { Length: 0, Name: not ("lock" or "serve.lock" or "index.lock") })];
}

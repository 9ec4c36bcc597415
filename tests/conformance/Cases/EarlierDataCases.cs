using Orchestrator.Conformance.Harness;
using Shouldly;
using Xunit;

namespace Orchestrator.Conformance.Cases;

/// <summary>
/// What an earlier program left is carried on. <c>EarlierData/0.1.0</c> was written before the program was native: a completed run, a failed
/// one, and one that waited for an event when its process was killed.
/// </summary>
[Trait("Program", "both")]
public sealed class EarlierDataCases
{
    [Fact(DisplayName = "ED01 runs of an earlier program are listed, shown, replayed, retried, and carried on where their process was killed")]
    public async Task CarriedOn()
    {
        await using var box = new Sandbox();
        (await box.StartOther("cp", "-r", Path.Combine(Built.Repository, "tests/conformance/EarlierData/0.1.0"), box.Data).EndAsync()).Exits(0);
        var runs = (await box.RunAsync("runs", "--json")).Exits(0).JsonLines().ToDictionary(r => r.GetProperty("workflow").GetString()!, r => r.GetProperty("run_id").GetString()!);
        runs.Keys.ShouldBe(["done", "failed", "old"], ignoreOrder: true);
        // The folder its workflows stood in is not part of the data: tasks begin there.
        Directory.CreateDirectory((await box.EventsAsync(runs["failed"]))[0].Data().Text("base_dir")!);
        foreach (var run in runs.Values)
            (await box.RunAsync("replay", run, "--json")).Exits(0).Json().GetProperty("equal").GetBoolean().ShouldBeTrue();
        (await box.RunAsync("show", runs["done"], "--json")).Exits(0).Json().GetProperty("tasks").GetProperty("a").GetProperty("outputs").GetProperty("n").GetInt32().ShouldBe(3);
        box.Workflow("name: failed\ntasks:\n  - {id: a, run: exit 1}\n", "another.yaml");
        (await box.RunAsync("retry", runs["failed"], "--json")).Exits(1).Output.ShouldContain("there-is-no-such-program", customMessage: "what is retried is the definition it began with");

        var resumed = box.Start("run", "--resume", runs["old"], "--json");
        await Poll.UntilAsync(async () => (await box.RunAsync("signal", runs["old"], "loaded", "--data-value", "note=go")).ExitCode == 0, "somebody who takes the event");
        var json = (await resumed.EndAsync()).Exits(0).Json();
        json.GetProperty("status").GetString().ShouldBe("completed");
        foreach (var (task, attempts) in ((string, int)[])[("fetch", 1), ("flaky", 2), ("allowed", 1), ("each[2]", 1), ("load", 1), ("tidy", 1)])
            json.GetProperty("tasks").GetProperty(task).GetProperty("attempts").GetInt32().ShouldBe(attempts, task);
        (await box.RunAsync("replay", runs["old"])).Exits(0).Output.ShouldContain("replays equal");
    }
}

using Orchestrator.Conformance.Harness;
using Shouldly;
using Xunit;

namespace Orchestrator.Conformance.Cases;

/// <summary>The process dies at a point of writing, not at a moment: before, within and after each write, sync, rename and deletion.</summary>
public sealed class FaultCases
{
    private static string Flow(Sandbox box) => $$$"""
        name: faulty
        max_worker_losses: 50
        tasks:
          - {id: a, run: '{{{Promises.Note(box)}}}; echo "n=1" >> "$ORCHESTRATOR_OUTPUT"'}
          - {id: each, depends_on: [a], foreach: [0, 1, 2], retry: {max_attempts: 2, initial_delay: 10ms}, run: '{{{Promises.Note(box)}}}; test $ORCHESTRATOR_ATTEMPT -ge 2 -o ${{ item }} = 0'}
          - {id: rest, depends_on: [a], wait: 50ms}
          - {id: call, depends_on: [rest], workflow: called}
          - {id: z, depends_on: [each, call], if: "${{ tasks.call.outputs.n == '2' }}", run: '{{{Promises.Note(box)}}}'}
        handlers: {finally: [{id: swept, run: '{{{Promises.Note(box)}}}'}] }
        """;

    private static string Called(Sandbox box) => $$$"""
        name: called
        max_worker_losses: 50
        tasks: [{id: b, run: '{{{Promises.Note(box)}}}; echo "n=2" >> "$ORCHESTRATOR_OUTPUT"'}]
        outputs: {n: "${{ tasks.b.outputs.n }}"}
        """;

    [Theory(DisplayName = "FT01 `run` that dies while it writes is resumed, or was never accepted; nothing is lost or repeated")]
    [InlineData("definition:before_write:1"), InlineData("definition:written:1"), InlineData("definition:before_write:2"), InlineData("definition:written:2")]
    [InlineData("segment:mid_header:1"), InlineData("segment:created:1")]
    [InlineData("journal:before_write:1"), InlineData("journal:mid_write:1"), InlineData("journal:after_write:1"), InlineData("journal:after_sync:2")]
    [InlineData("journal:before_write:4"), InlineData("journal:mid_write:4"), InlineData("journal:after_write:4"), InlineData("journal:after_sync:5")]
    [InlineData("journal:before_write:9"), InlineData("journal:mid_write:9"), InlineData("journal:after_write:9"), InlineData("journal:after_sync:9")]
    [InlineData("archive:before_rename:1"), InlineData("archive:renamed:1"), InlineData("archive:before_rename:2"), InlineData("archive:renamed:2")]
    [InlineData("segment:before_delete:1"), InlineData("segment:deleted:1")]
    public async Task Run(string fault)
    {
        await using var box = new Sandbox();
        box.Workflow(Called(box), "called.yaml");
        var flow = box.Workflow(Flow(box));
        Arm(box, fault);
        (await box.RunAsync("run", flow, "--json")).Exits(128 + 9);
        Disarm(box);

        // Whatever is known of may be gone on with; whatever is not was not accepted, and a new run is free to start.
        var known = (await box.RunAsync("runs", "--json")).Exits(0).JsonLines();
        var run = known.SingleOrDefault(r => r.Text("workflow") == "faulty") is { ValueKind: System.Text.Json.JsonValueKind.Object } found ? found.RunId() : null;
        if (run is null) run = (await box.RunAsync("run", flow, "--json")).Exits(0).Json().RunId();
        else if ((await box.RunAsync("show", run, "--json")).Json().Status() != "completed") (await box.RunAsync("run", "--resume", run, "--json")).Exits(0);
        await WholeAsync(box, [run]);
    }

    private const int MaxWrites = 20;

    [Theory(DisplayName = "FT02 serve that dies while it writes starts again and ends what it had accepted")]
    [InlineData("definition:written:1"), InlineData("definition:before_write:2")]
    [InlineData("journal:before_write:2"), InlineData("journal:mid_write:3"), InlineData("journal:after_write:5"), InlineData("journal:after_sync:7")]
    [InlineData("journal:mid_write:12"), InlineData("journal:after_write:16"), InlineData("journal:after_sync:20"), InlineData("journal:before_write:10")]
    [InlineData("archive:before_rename:1"), InlineData("archive:renamed:2")]
    public async Task Serve(string fault)
    {
        await using var box = new Sandbox();
        box.Write("workflows/called.yaml", Called(box));
        box.Write("workflows/faulty.yaml", Flow(box));
        Arm(box, fault);
        var accepted = new List<string>();
        await using (var server = await Server.StartAsync(box))
        {
            try
            {
                // How many writes a run takes depends on what happens to be grouped; but no run is accepted without one.
                for (var n = 0; n < MaxWrites && (n < 2 || fault.StartsWith("journal:", StringComparison.Ordinal)); n++) accepted.Add(await server.SubmitAsync("faulty"));
            }
            catch (Exception e) when (e is HttpRequestException or IOException) { }   // it died before it could answer: not accepted
            (await server.Process.EndAsync()).Exits(128 + 9);
        }
        Disarm(box);
        await using (var again = await Server.StartAsync(box))
        {
            foreach (var run in accepted) (await again.EndOfAsync(run)).ShouldBe("completed", run);
            await Poll.UntilAsync(async () => (await again.GetAsync("/api/v1/runs")).GetProperty("runs").EnumerateArray().All(r => r.Status() == "completed"), "the end of all runs");
        }
        await WholeAsync(box, accepted);
    }

    [Fact(DisplayName = "FT03 serve that dies while it cleans up what a crash left cleans up with the next start")]
    public async Task CleaningUp()
    {
        await using var box = new Sandbox();
        box.Write("workflows/called.yaml", Called(box));
        box.Write("workflows/faulty.yaml", Flow(box));
        string run;
        await using (var server = await Server.StartAsync(box))
        {
            run = await server.SubmitAsync("faulty");
            (await server.EndOfAsync(run)).ShouldBe("completed");
            server.Process.Signal(9);
            await server.Process.EndAsync();
        }
        foreach (var fault in (string[])["segment:before_delete:1", "segment:deleted:1"])
        {
            Arm(box, fault);
            (await box.Start("serve").EndAsync()).Exits(128 + 9);
        }
        Disarm(box);
        await using (var server = await Server.StartAsync(box))
        {
            server.Process.Signal(15);
            (await server.Process.EndAsync()).Exits(0);
        }
        await WholeAsync(box, [run]);
    }

    [Fact(DisplayName = "FT04 the switch is refused without its permission, and when it names nothing there is")]
    public async Task Switch()
    {
        await using var box = new Sandbox();
        var flow = box.Workflow("name: x\ntasks: [{id: a, noop: true}]\n");
        box.Environment["ORCHESTRATOR_FAULT"] = "journal:after_write:1";
        (await box.RunAsync("run", flow)).Refuses(2, "ORCHESTRATOR_FAULT", "ORCHESTRATOR_FAULTS_ALLOWED");
        Arm(box, "journal:somewhere:1");
        (await box.RunAsync("run", flow)).Refuses(2, "journal:somewhere:1", "journal:after_write");
        Disarm(box);
        (await box.RunAsync("runs", "--json")).Exits(0).JsonLines().ShouldBeEmpty();
    }

    private static void Arm(Sandbox box, string fault) => (box.Environment["ORCHESTRATOR_FAULT"], box.Environment["ORCHESTRATOR_FAULTS_ALLOWED"]) = (fault, "1");

    private static void Disarm(Sandbox box) => (box.Environment["ORCHESTRATOR_FAULT"], box.Environment["ORCHESTRATOR_FAULTS_ALLOWED"]) = (null, null);

    private static async Task WholeAsync(Sandbox box, IReadOnlyCollection<string> accepted)
    {
        var all = (await box.RunAsync("runs", "--json", "--limit", "100")).Exits(0).JsonLines();
        var runs = all.Select(r => r.RunId()).ToList();
        runs.ShouldBeUnique();
        foreach (var run in accepted) runs.ShouldContain(run);
        var parents = new List<string>();
        foreach (var run in runs)
        {
            var events = await Promises.KeptAsync(box, run);
            events[^1].Type().ShouldBe("workflow.completed", run);
            if (events[0].Data().Text("parent_run_id") is { } parent) parents.Add(parent);
        }
        parents.ShouldBeUnique();
        parents.Count.ShouldBe(all.Count(r => r.Text("workflow") == "faulty"), "each has one child");
        Promises.LeftOver(runs).ShouldBeEmpty();
    }
}

using Orchestrator.Conformance.Harness;
using Orchestrator.TestKit.Containers;
using Shouldly;
using Xunit;

namespace Orchestrator.Conformance.Cases;

/// <summary>Tasks of kind container, with a stand-in for the docker command line.</summary>
public sealed class ContainerCases
{
    [Fact(DisplayName = "N01 a container gets its variables and gives results and files; no value stands in a command line")]
    public async Task Exchange()
    {
        await using var box = new Sandbox();
        var client = Client(box);
        box.Environment["THE_SECRET"] = "hunter2-hunter2";
        var flow = box.Workflow("""
            name: boxed
            secrets: {TOKEN: {env: THE_SECRET}}
            tasks:
              - {id: count, run: 'echo rows=3 > "$ORCHESTRATOR_OUTPUT"'}
              - id: load
                depends_on: [count]
                env: {TOKEN: "${{ secrets.TOKEN }}"}
                container: {image: alpine, command: [sh, -c, 'echo "rows=$count__rows length=${#TOKEN}"; echo "all=$count__rows" > "$ORCHESTRATOR_OUTPUT"; echo hi > "$ORCHESTRATOR_ARTIFACTS/note"']}
              - {id: tell, depends_on: [load], exec: [echo, "${{ tasks.load.outputs.all }}"]}
            """);
        var (finished, json) = await box.RunJsonAsync(flow);
        finished.Exits(0);
        var folder = json.GetProperty("report_dir").GetString()!;
        File.ReadAllText(Path.Combine(folder, "logs/load.1.log")).ShouldBe("rows=3 length=15\n");
        File.ReadAllText(Path.Combine(folder, "logs/tell.1.log")).ShouldBe("3\n");
        File.ReadAllText(Path.Combine(folder, "artifacts/note")).ShouldBe("hi\n");
        client.Calls.ShouldHaveSingleItem().ShouldNotContain("hunter2");
    }

    [Fact(DisplayName = "N02 a timeout ends what is in the container, which no signal to the client reaches")]
    public async Task Timeout()
    {
        await using var box = new Sandbox();
        var client = Client(box);
        var (finished, json) = await box.RunJsonAsync(box.Workflow($$"""
            name: slow
            tasks: [{id: a, timeout: 2s, container: {image: alpine, command: [sh, -c, 'echo $$ > {{box.Root}}/pid; exec sleep 300']} }]
            """));
        finished.Exits(1);
        json.GetProperty("tasks").GetProperty("a").GetProperty("reason").GetString().ShouldBe("timeout");
        Expect.IsAlive(File.ReadAllText(box.PathOf("pid")).Trim()).ShouldBeFalse();
        client.Live.ShouldBeEmpty();
    }

    [Fact(DisplayName = "N03 containers of a killed worker are removed before the run goes on")]
    public async Task Killed()
    {
        await using var box = new Sandbox();
        var client = Client(box);
        box.Write("workflows/x.yaml", $"""
            name: x
            tasks:
              - id: a
                container:
                  image: alpine
                  command: [sh, -c, 'test -e {box.Root}/pid && exit 0; echo $$ > {box.Root}/new; mv {box.Root}/new {box.Root}/pid; exec sleep 300']
            """);
        string run;
        await using (var server = await Server.StartAsync(box))
        {
            run = await server.SubmitAsync("x");
            await Poll.UntilAsync(() => File.Exists(box.PathOf("pid")));
            server.Process.Signal(9);
            await server.Process.EndAsync();
        }
        Expect.IsAlive(File.ReadAllText(box.PathOf("pid")).Trim()).ShouldBeTrue("a container outlives the worker");
        await using (var server = await Server.StartAsync(box)) (await server.EndOfAsync(run)).ShouldBe("completed");
        Expect.IsAlive(File.ReadAllText(box.PathOf("pid")).Trim()).ShouldBeFalse();
        client.Calls.Count(c => c.StartsWith("run ", StringComparison.Ordinal)).ShouldBe(2);
    }

    [Fact(DisplayName = "N04 without a client the failure says what to install or set")]
    public async Task Missing()
    {
        await using var box = new Sandbox();
        box.Environment["Orchestrator__Containers__Client"] = "/no/such/client";
        var (finished, json) = await box.RunJsonAsync(box.Workflow("name: x\ntasks: [{id: a, container: {image: alpine}}]\n"));
        finished.Exits(1);
        var a = json.GetProperty("tasks").GetProperty("a");
        a.GetProperty("reason").GetString().ShouldBe("spawn_error");
        a.GetProperty("error").GetString()!.ShouldContain("Orchestrator:Containers:Client");
    }

    private static StandInClient Client(Sandbox box)
    {
        var client = new StandInClient(box.PathOf("bin"));
        box.Environment["Orchestrator__Containers__Client"] = client.Path;
        return client;
    }
}

using Orchestrator.Conformance.Harness;
using Shouldly;
using Xunit;

namespace Orchestrator.Conformance.Cases;

/// <summary>Tasks of kind container with the real podman, on an image made of this machine's own shell.</summary>
public sealed class PodmanCases
{
    private const string Image = "localhost/shell:test";

    [Fact(DisplayName = "N20 in a real container results and files come out, a failure has its code, a timeout ends it, and a killed worker's is removed before the run goes on")]
    public async Task Real()
    {
        await using var box = new Sandbox();
        if (!await ImageStore.IsPossibleAsync(box))
        {
            TestContext.Current.TestOutputHelper!.WriteLine("No container can be made here; the stand-in client's cases have to do.");
            return;
        }
        await using var store = await PodmanStore.OpenAsync(box, Image);
        box.Environment["Orchestrator__Containers__Client"] = "podman";

        var (finished, json) = await box.RunJsonAsync(box.Workflow($$$"""
            name: boxed
            fail_fast: false
            tasks:
              - {id: count, run: 'echo rows=3 > "$ORCHESTRATOR_OUTPUT"'}
              - id: load
                depends_on: [count]
                container: {image: "{{{Image}}}", command: [sh, -c, 'echo "rows=$count__rows"; echo "all=$count__rows" > "$ORCHESTRATOR_OUTPUT"; echo hi > "$ORCHESTRATOR_ARTIFACTS/note"']}
              - {id: tell, depends_on: [load], exec: [echo, "${{ tasks.load.outputs.all }}"]}
              - {id: breaks, allow_failure: true, container: {image: "{{{Image}}}", command: [sh, -c, exit 7]}}
              - {id: missing, allow_failure: true, container: {image: "localhost/nowhere:none", pull: never, command: ["true"]}}
              - {id: slow, timeout: 5s, allow_failure: true, container: {image: "{{{Image}}}", command: [sleep, "300"]}}
            """));
        finished.Exits(0);
        var folder = json.GetProperty("report_dir").GetString()!;
        File.ReadAllText(Path.Combine(folder, "logs/load.1.log")).ShouldBe("rows=3\n");
        File.ReadAllText(Path.Combine(folder, "logs/tell.1.log")).ShouldBe("3\n");
        File.ReadAllText(Path.Combine(folder, "artifacts/note")).ShouldBe("hi\n");
        var tasks = json.GetProperty("tasks");
        tasks.GetProperty("breaks").GetProperty("exit_code").GetInt32().ShouldBe(7);
        tasks.GetProperty("missing").GetProperty("reason").GetString().ShouldBe("spawn_error");
        tasks.GetProperty("slow").GetProperty("reason").GetString().ShouldBe("timeout");
        (await store.NamesAsync()).ShouldBeEmpty();

        box.Write("workflows/long.yaml", $$$"""
            name: long
            tasks:
              - {id: a, container: {image: "{{{Image}}}", volumes: ["{{{box.Root}}}:/seen"], command: [sh, -c, 'if test -e /seen/began; then exit 0; fi; touch /seen/began; sleep 300']}}
            """);
        string run;
        await using (var first = await Server.StartAsync(box))
        {
            run = await first.SubmitAsync("long");
            await Poll.UntilAsync(() => File.Exists(box.PathOf("began")), "the container's start");
            first.Process.Signal(9);
            await first.Process.EndAsync();
        }
        (await store.NamesAsync()).ShouldHaveSingleItem();
        await using var second = await Server.StartAsync(box);
        (await second.EndOfAsync(run)).ShouldBe("completed");
        (await store.NamesAsync()).ShouldBeEmpty();
    }
}

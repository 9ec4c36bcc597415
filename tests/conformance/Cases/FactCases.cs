using Orchestrator.Conformance.Harness;
using Shouldly;
using Xunit;

namespace Orchestrator.Conformance.Cases;

/// <summary>What programs have to know is a value on the event, never something to be read out of a message.</summary>
public sealed class FactCases
{
    [Fact(DisplayName = "FC01 a lost attempt says as a word whether its worker stopped or is gone, and a failure why it is not repeated")]
    public async Task Causes()
    {
        await using var box = new Sandbox();
        var flow = box.Workflow($$"""
            name: causes
            fail_fast: false
            tasks:
              - {id: a, run: 'echo x >> {{box.Root}}/started; test "$(wc -l < {{box.Root}}/started)" -ge 3 || sleep 300'}
              - {id: b, depends_on: [a], retry: {max_attempts: 3, on: {exit_codes: [75]} }, run: exit 4}
            """);
        var run = box.Start("run", flow);
        await StartedAsync(box, 1);
        run.Signal(15);
        (await run.EndAsync()).Exits(5);
        var id = await box.OnlyRunAsync();
        run = box.Start("run", "--resume", id);
        await StartedAsync(box, 2);
        run.Signal(9);
        await run.EndAsync();
        (await box.RunAsync("run", "--resume", id)).Exits(1);

        var events = await box.EventsAsync(id);
        events.Where(e => e.Type() == "task.retrying").Select(e => e.Data().Text("loss")).ShouldBe(["worker_stopped", "worker_gone"]);
        var failed = events.Single(e => e.Type() == "task.failed").Data();
        (failed.Text("loss"), failed.Text("retry_refused")).ShouldBe((null, "not_retryable"));
        (await box.RunAsync("replay", id)).Exits(0);
        (await box.RunAsync("reconcile")).Exits(0);
    }

    [Fact(DisplayName = "FC02 while serve drains nothing starts, not even what needs no slot; the next serve goes on with it")]
    public async Task Draining()
    {
        await using var box = new Sandbox();
        box.Workflow($$"""
            name: drained
            tasks:
              - {id: a, run: 'touch {{box.Root}}/started; until test -e {{box.Root}}/go; do sleep 0.02; done'}
              - {id: ask, depends_on: [a], approval: {prompt: Go on?} }
              - {id: pause, depends_on: [a], wait: {for: 10ms} }
              - {id: each, depends_on: [a], foreach: {items: [1, 2]}, noop: true}
            """, "workflows/drained.yaml");
        string id;
        await using (var server = await Server.StartAsync(box))
        {
            id = await server.SubmitAsync("drained");
            await Poll.UntilAsync(() => File.Exists(box.PathOf("started")));
            server.Process.Signal(15);
            await server.Process.LineAsync(l => l.Contains("drain for at most", StringComparison.Ordinal));
            File.WriteAllText(box.PathOf("go"), "");
            (await server.Process.EndAsync()).Exits(0);
        }
        var events = await box.EventsAsync(id);
        events.Where(e => e.Type() == "task.started").Select(e => e.Text("task")).ShouldBe(["a"]);
        events.Where(e => e.Type() == "task.queued").Select(e => e.Text("task")).Order().ShouldBe(["ask", "each", "pause"]);

        await using (var next = await Server.StartAsync(box))
        {
            await Poll.UntilAsync(async () => (await box.RunAsync("approve", id, "ask")).ExitCode == 0);
            (await next.EndOfAsync(id)).ShouldBe("completed");
        }
        (await box.RunAsync("replay", id)).Exits(0);
    }

    private static Task StartedAsync(Sandbox box, int times) =>
        Poll.UntilAsync(() => File.Exists(box.PathOf("started")) && File.ReadAllLines(box.PathOf("started")).Length >= times);
}

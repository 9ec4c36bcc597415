using Orchestrator.Conformance.Harness;
using Shouldly;
using Xunit;

namespace Orchestrator.Conformance.Cases;

/// <summary>kill -9 at random moments: nothing acknowledged is lost, nothing completed is repeated, every run ends once.</summary>
public sealed class KillCases
{
    private const int Kills = 30;
    private const int ManyKills = 100;

    [Fact(DisplayName = "K01 thirty kills over a wide graph and a pipeline leave every run whole")]
    public async Task KillLoop()
    {
        await using var box = new Sandbox();
        var ledger = box.PathOf("ledger");
        box.Write("workflows/wide.yaml", Wide(ledger));
        box.Write("workflows/pipeline.yaml", Pipeline(ledger));
        var random = new Random(20260101);
        var accepted = new List<string>();

        for (var kill = 0; kill < Kills; kill++)
        {
            await using var server = await Server.StartAsync(box);
            accepted.Add(await server.SubmitAsync(kill % 3 == 0 ? "wide" : "pipeline"));
            // A random moment of the run's life; which one does not matter, only that they differ.
            using var moment = new PeriodicTimer(TimeSpan.FromMilliseconds(random.Next(1, 700)));
            await moment.WaitForNextTickAsync();
            server.Process.Signal(9);
            await server.Process.EndAsync();
        }

        await using (var last = await Server.StartAsync(box))
            foreach (var run in accepted) (await last.EndOfAsync(run)).ShouldBe("completed", run);

        Promises.Executed(box).Length.ShouldBeGreaterThan(0);
        foreach (var run in accepted) (await Promises.KeptAsync(box, run))[^1].Type().ShouldBe("workflow.completed", run);
        Promises.LeftOver(accepted).ShouldBeEmpty();
    }

    private const string Line = "$ORCHESTRATOR_RUN_ID $ORCHESTRATOR_TASK_ID $ORCHESTRATOR_ATTEMPT";

    private static string Wide(string ledger) => "name: wide\nmax_worker_losses: 50\ntasks:\n" + string.Concat(Enumerable.Range(0, 200).Select(n =>
        $"  - {{id: t{n}, run: 'echo \"{Line}\" >> {ledger}; sleep 0.0{n % 10}'{(n >= 20 ? $", depends_on: [t{n - 20}, t{n - 13}]" : "")}}}\n"));

    private static string Pipeline(string ledger) => $"""
        name: pipeline
        max_worker_losses: 50
        tasks:
          - id: extract
            run: 'echo "{Line}" >> {ledger}; sleep 0.2; echo rows=100 >> "$ORCHESTRATOR_OUTPUT"'
          - id: detached
            run: 'echo "{Line}" >> {ledger}; setsid sleep 0.3; sleep 0.1'
          - id: transform
            depends_on: [extract]
            env: {"{ROWS: '${{ tasks.extract.outputs.rows }}'}"}
            run: 'echo "{Line}" >> {ledger}; test "$ROWS" = 100; sleep 0.2'
          - id: load
            depends_on: [transform, detached]
            run: 'echo "{Line}" >> {ledger}; sleep 0.1'
        """;

    [Fact(DisplayName = "K02 a run cancelled while nobody carries it out is cancelled once serve takes it over")]
    public async Task CancelledMeanwhile()
    {
        await using var box = new Sandbox();
        var flow = box.Workflow($"name: x\ntasks: [{{id: a, run: 'touch {box.Root}/started; sleep 300'}}]\n");
        var run = box.Start("run", flow);
        await Poll.UntilAsync(() => File.Exists(box.PathOf("started")));
        run.Signal(9);
        await run.EndAsync();
        var id = (await box.RunAsync("runs", "--json")).JsonLines().Single().GetProperty("run_id").GetString()!;
        (await box.RunAsync("cancel", id)).Refuses(5, "as soon as it is resumed");
        await using var server = await Server.StartAsync(box);
        (await server.EndOfAsync(id)).ShouldBe("cancelled");
        Promises.LeftOver([id]).ShouldBeEmpty();
    }

    [Fact(DisplayName = "K04 a run whose process was stopped is taken over by hand; the process wakes to a refusal, its tasks are gone, and the run ends once")]
    public async Task FrozenOwner()
    {
        await using var box = new Sandbox();
        var flow = box.Workflow($"name: x\ntasks:\n  - {{id: a, run: 'echo $ORCHESTRATOR_ATTEMPT >> {box.Root}/started; while test ! -e {box.Root}/go; do sleep 0.05; done'}}\n  - {{id: b, depends_on: [a], run: 'sleep 0.1'}}\n");
        var first = box.Start("run", flow, "--json");
        await Poll.UntilAsync(() => File.Exists(box.PathOf("started")));
        var id = (await box.RunAsync("runs", "--json")).JsonLines().Single().GetProperty("run_id").GetString()!;
        (await box.RunAsync("run", "--resume", id)).Refuses(5, "owned by a process that is alive");

        first.Signal(19);
        Running? second = null;
        await Poll.UntilAsync(async () =>
        {
            second = box.Start("run", "--resume", id, "--json");
            await Poll.UntilAsync(() => second.HasExited || File.ReadLines(box.PathOf("started")).Count() == 2);
            return !second.HasExited;
        }, "the takeover");
        first.Signal(18);
        // The attempt that the first process had was ended by the second: that is what it wakes to and wants to record.
        (await first.EndAsync()).Exits(5).Errors.ShouldContain(id);
        await File.WriteAllTextAsync(box.PathOf("go"), "");
        (await second!.EndAsync()).Exits(0);

        var events = await Promises.KeptAsync(box, id);
        events.Count(e => e.Type() is "workflow.completed" or "workflow.failed" or "workflow.cancelled").ShouldBe(1);
        events[^1].Type().ShouldBe("workflow.completed");
        Promises.LeftOver([id]).ShouldBeEmpty();
        (await box.RunAsync("journal", "verify")).Exits(0);
    }

    [Fact(DisplayName = "K03 a hundred kills over questions, child runs, fan-outs with retries, waits and handlers leave every run whole")]
    public async Task KillMix()
    {
        await using var box = new Sandbox();
        var note = Promises.Note(box);
        box.Write("workflows/leaf.yaml", $$$"""
            name: leaf
            max_worker_losses: 200
            params: {n: 0}
            tasks:
              - {id: a, run: '{{{note}}}; sleep 0.05'}
              - {id: b, depends_on: [a], run: '{{{note}}}; echo "n=${{ params.n }}" >> "$ORCHESTRATOR_OUTPUT"'}
            outputs: {n: "${{ tasks.b.outputs.n }}"}
            """);
        box.Write("workflows/mix.yaml", $$$"""
            name: mix
            max_worker_losses: 200
            tasks:
              - {id: first, run: '{{{note}}}'}
              - id: each
                depends_on: [first]
                foreach: {items: [0, 1, 2, 3, 4, 5], max_parallel: 4}
                retry: {max_attempts: 3, initial_delay: 20ms}
                env: {N: "${{ item }}"}
                run: '{{{note}}}; test -e {{{box.Root}}}/seen-$ORCHESTRATOR_RUN_ID-$N || { touch {{{box.Root}}}/seen-$ORCHESTRATOR_RUN_ID-$N; exit 1; }'
              - {id: rest, depends_on: [first], wait: 150ms}
              - {id: ask, depends_on: [first], approval: "Go on?"}
              - {id: calls, depends_on: [rest], foreach: [1, 2], workflow: leaf, params: {n: "${{ item }}" } }
              - {id: last, depends_on: [each, calls, ask], run: '{{{note}}}; test "${{ length(tasks.calls.outputs.results) }}" = 2'}
            handlers:
              on_success: [{id: told, run: '{{{note}}}'}]
              finally: [{id: swept, run: '{{{note}}}; sleep 0.05'}]
            """);
        var random = new Random(20260303);
        var accepted = new List<string>();
        for (var kill = 0; kill < ManyKills; kill++)
        {
            await using var server = await Server.StartAsync(box);
            if (kill % 4 == 0) accepted.Add(await server.SubmitAsync("mix"));
            // A random moment; which one does not matter, only that they differ.
            using var moment = new PeriodicTimer(TimeSpan.FromMilliseconds(random.Next(1, 400)));
            var struck = moment.WaitForNextTickAsync().AsTask();
            if (kill % 2 == 0) await Task.WhenAny(struck, AnswerAsync(server));
            await struck;
            server.Process.Signal(9);
            await server.Process.EndAsync();
        }

        await using (var last = await Server.StartAsync(box))
        {
            foreach (var run in accepted)
            {
                await Poll.UntilAsync(async () =>
                {
                    await AnswerAsync(last);
                    return (await last.GetAsync($"/api/v1/runs/{run}")).Status() is not ("running" or "paused" or "queued");
                }, $"the end of run {run}");
                (await last.EndOfAsync(run)).ShouldBe("completed", run);
            }
        }

        var all = (await box.RunAsync("runs", "--json", "--limit", "1000")).JsonLines();
        all.ShouldAllBe(r => r.Status() == "completed");
        all.Count(r => r.Text("workflow") == "mix").ShouldBe(accepted.Count, "every accepted run, and no other");
        var children = new List<string>();
        foreach (var run in all.Select(r => r.RunId()))
        {
            var events = await Promises.KeptAsync(box, run);
            if (events[0].Data().Text("parent_run_id") is not { } parent) events.Of("checkpoint.approved", "ask").ShouldHaveSingleItem();
            else children.Add($"{parent} {events[0].Data().Text("parent_task")}");
        }
        children.ShouldBeUnique();
        children.Count.ShouldBe(2 * accepted.Count);
        Promises.LeftOver([.. all.Select(r => r.RunId())]).ShouldBeEmpty();
    }

    /// <summary>Says yes to whatever is asked now. The server may die under it.</summary>
    private static async Task AnswerAsync(Server server)
    {
        try
        {
            foreach (var asked in (await server.GetAsync("/api/v1/approvals")).GetProperty("approvals").EnumerateArray())
                (await server.PostAsync($"/api/v1/runs/{asked.RunId()}/approvals/{asked.Text("task")}", new { decision = "approve", by = "ada" })).Status.ShouldBeOneOf(200, 409);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or ObjectDisposedException or TaskCanceledException or System.Text.Json.JsonException) { }
    }
}

using System.Text.Json;
using Orchestrator.Conformance.Harness;
using Shouldly;
using Xunit;

namespace Orchestrator.Conformance.Cases;

/// <summary>kill -9 at random moments: nothing acknowledged is lost, nothing completed is repeated, every run ends once.</summary>
public sealed class KillCases
{
    private const int Kills = 30;

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

        var executed = File.ReadAllLines(ledger);
        executed.Distinct().Count().ShouldBe(executed.Length, "an attempt was executed twice");
        foreach (var run in accepted) Whole(await box.EventsAsync(run), executed, run);
        LeftOver(accepted).ShouldBeEmpty();
    }

    /// <summary>What the events of one run must say, and that what was executed agrees with them.</summary>
    private static void Whole(List<JsonElement> events, string[] executed, string run)
    {
        events.Select(e => e.GetProperty("seq").GetInt64()).ShouldBe(Enumerable.Range(1, events.Count).Select(n => (long)n), run);
        string Type(JsonElement e) => e.GetProperty("type").GetString()!;
        events.Count(e => Type(e) is "workflow.completed" or "workflow.failed" or "workflow.cancelled").ShouldBe(1, run);
        Type(events[^1]).ShouldBe("workflow.completed", run);
        var completed = new HashSet<string>();
        var started = new HashSet<string>();
        foreach (var e in events.Where(e => Type(e) is "task.started" or "task.completed"))
        {
            var task = e.GetProperty("task").GetString()!;
            if (Type(e) == "task.completed") completed.Add(task).ShouldBeTrue($"{run} {task} completed twice");
            else
            {
                completed.ShouldNotContain(task, $"{run} repeated {task}");
                started.Add($"{run} {task} {e.GetProperty("attempt").GetInt32()}");
            }
        }
        var end = events[^1].GetProperty("data");
        end.GetProperty("total").GetInt32().ShouldBe(completed.Count, run);
        foreach (var line in executed.Where(l => l.StartsWith(run, StringComparison.Ordinal))) started.ShouldContain(line, "executed without a journaled start");
    }

    private static List<string> LeftOver(List<string> runs)
    {
        var left = new List<string>();
        foreach (var folder in Directory.EnumerateDirectories("/proc").Where(d => char.IsAsciiDigit(Path.GetFileName(d)[0])))
        {
            try
            {
                var environment = File.ReadAllText(Path.Combine(folder, "environ"));
                if (runs.Any(r => environment.Contains($"ORCHESTRATOR_RUN_ID={r}", StringComparison.Ordinal))) left.Add(folder);
            }
            catch (IOException) { }
            catch (UnauthorizedAccessException) { }
        }
        return left;
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
        LeftOver([id]).ShouldBeEmpty();
    }
}

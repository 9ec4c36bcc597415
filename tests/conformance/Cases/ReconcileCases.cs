using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Orchestrator.Conformance.Harness;
using Shouldly;
using Xunit;

namespace Orchestrator.Conformance.Cases;

/// <summary>`reconcile`: everything that tells of runs tells what the journal tells, and when it does not, that is said.</summary>
public sealed class ReconcileCases
{
    private const int Runs = 500;

    [Fact(DisplayName = "RC01 five hundred random runs with failures, retries, skips, cancels and kills reconcile")]
    public async Task RandomWorkload()
    {
        await using var box = new Sandbox();
        var random = new Random(20261121);
        var flows = Enumerable.Range(0, 12).Select(n => $"flow-{n}").ToArray();
        foreach (var flow in flows) box.Write($"workflows/{flow}.yaml", Random(flow, random));
        box.Write("workflows/child.yaml", "name: child\ntasks:\n  - {id: only, noop: true}\n");
        box.Write("workflows/long.yaml", "name: long\ntasks:\n  - {id: quick, noop: true}\n  - {id: slow, depends_on: [quick], exec: [sleep, \"120\"]}\n");
        var accepted = new List<string>();
        var cancelled = new List<string>();

        foreach (var part in (int[])[150, 170, Runs - 320])
        {
            await using var server = await Server.StartAsync(box);
            for (var n = 0; n < part; n++)
            {
                if (n % 25 == 7) cancelled.Add(await server.SubmitAsync("long"));
                else accepted.Add(await server.SubmitAsync(flows[random.Next(flows.Length)]));
            }
            foreach (var run in cancelled.Where((_, i) => i % 2 == 0)) await server.PostAsync($"/api/v1/runs/{run}/cancel", new { });   // the others live through a kill first
            if (accepted.Count + cancelled.Count < Runs)
            {
                server.Process.Signal(9);
                await server.Process.EndAsync();
                continue;
            }
            foreach (var run in cancelled) await server.PostAsync($"/api/v1/runs/{run}/cancel", new { });
            foreach (var run in accepted) await server.EndOfAsync(run);
            foreach (var run in cancelled) (await server.EndOfAsync(run)).ShouldBe("cancelled", run);
            await Poll.UntilAsync(() => accepted.Concat(cancelled).All(r => File.Exists(Path.Combine(box.RunFolder(r), "report.md"))), "the reports");

            var live = (await box.Start("reconcile", "--json").EndAsync(TimeSpan.FromMinutes(5))).Exits(0).Json();
            live.GetProperty("runs").GetInt32().ShouldBeGreaterThanOrEqualTo(Runs);
            live.GetProperty("checks").EnumerateArray().Single(c => c.Text("check") == "metrics").GetProperty("compared").GetInt32().ShouldBeGreaterThan(20);
        }
        var still = (await box.Start("reconcile", "--json").EndAsync(TimeSpan.FromMinutes(5))).Exits(0).Json();
        still.GetProperty("equal").GetBoolean().ShouldBeTrue();
        accepted.Concat(cancelled).Distinct().Count().ShouldBe(Runs);
    }

    [Fact(DisplayName = "RC02 a report that tells another number is found, with the run, the place and both numbers")]
    public async Task TamperedReport()
    {
        await using var box = new Sandbox();
        var flow = box.Workflow("name: told\ntasks:\n  - {id: a, noop: true}\n  - {id: b, run: exit 3, allow_failure: true}\n");
        var run = (await box.RunJsonAsync(flow)).Json.GetProperty("run_id").GetString()!;
        (await box.RunAsync("reconcile")).Exits(0).Output.ShouldContain("everything tells the same");

        var report = Path.Combine(box.RunFolder(run), "report.json");
        var told = JsonNode.Parse(await File.ReadAllTextAsync(report))!;
        told["counts"]!["completed"] = 2;
        told["tasks"]!["b"]!["exit_code"] = 0;
        await File.WriteAllTextAsync(report, told.ToJsonString());

        var found = (await box.RunAsync("reconcile")).Exits(1);
        found.Output.ShouldContain(run);
        found.Output.ShouldContain("counts.completed");
        var differences = (await box.RunAsync("reconcile", "--json")).Exits(1).Json().GetProperty("differences").EnumerateArray().ToList();
        differences.Select(d => $"{d.Text("check")} {d.Text("what")} {d.Text("journal")} {d.Text("found")}").ShouldBe(["report counts.completed 1 2", "report tasks.b.exit_code 3 0"], ignoreOrder: true);
    }

    [Fact(DisplayName = "RC03 a missing report and a missing definition are found, and a workflow that wants no report has none")]
    public async Task Missing()
    {
        await using var box = new Sandbox();
        var quiet = box.Workflow("name: quiet\nreport: never\ntasks:\n  - {id: a, noop: true}\n", "quiet.yaml");
        var onFailure = box.Workflow("name: sometimes\nreport: on_failure\nparams: {code: {type: integer, default: 0}}\ntasks:\n  - {id: a, run: \"exit ${{ params.code }}\"}\n", "sometimes.yaml");
        var never = (await box.RunJsonAsync(quiet)).Json.GetProperty("run_id").GetString()!;
        var well = (await box.RunJsonAsync(onFailure)).Json.GetProperty("run_id").GetString()!;
        var failed = (await box.RunJsonAsync(onFailure, "--param", "code=4")).Json.GetProperty("run_id").GetString()!;
        File.Exists(Path.Combine(box.RunFolder(never), "report.json")).ShouldBeFalse();
        File.Exists(Path.Combine(box.RunFolder(well), "report.json")).ShouldBeFalse();
        File.Exists(Path.Combine(box.RunFolder(failed), "report.json")).ShouldBeTrue();
        (await box.RunAsync("reconcile")).Exits(0);

        File.Delete(Path.Combine(box.RunFolder(failed), "report.json"));
        (await box.RunAsync("reconcile")).Exits(1).Output.ShouldContain("missing");
        (await box.RunAsync("reconcile", "--since", "2030-01-01T00:00Z")).Exits(0).Output.ShouldContain("0 runs");
        foreach (var definition in Directory.EnumerateFiles(Path.Combine(box.Data, "definitions"))) File.Delete(definition);
        (await box.RunAsync("reconcile", "--json")).Exits(1).Json().GetProperty("differences").EnumerateArray().Count(d => d.Text("what") == "its definition").ShouldBe(3);
        (await box.RunAsync("reconcile", "--since", "yesterday")).Refuses(2, "--since", "yesterday", "2h");
    }

    /// <summary>A graph of up to eight tasks that end in every way.</summary>
    private static string Random(string name, Random random)
    {
        var text = new StringBuilder($"name: {name}\nfail_fast: {(random.Next(2) == 0 ? "true" : "false")}\nmax_worker_losses: 50\ntasks:\n");
        var tasks = random.Next(2, 9);
        for (var n = 0; n < tasks; n++)
        {
            var needs = n > 0 && random.Next(3) > 0 ? string.Create(CultureInfo.InvariantCulture, $", depends_on: [t{random.Next(n)}]") : "";
            var does = random.Next(9) switch
            {
                0 => "exec: [\"true\"]",
                1 => "exec: [\"false\"]",
                2 => "exec: [\"false\"], allow_failure: true",
                3 => "run: \"test $ORCHESTRATOR_ATTEMPT -ge 2\", retry: {max_attempts: 3, initial_delay: 10ms}",
                4 => "exec: [\"false\"], retry: {max_attempts: 2, initial_delay: 10ms}",
                5 => "noop: true, if: \"${{ 1 > 2 }}\"",
                6 => "noop: true, foreach: {items: [1, 2, 3]}",
                7 => "workflow: {name: child}",
                _ => "noop: true",
            };
            var when = needs.Length > 0 && random.Next(4) == 0 ? ", run_when: all_done" : "";
            text.Append(CultureInfo.InvariantCulture, $"  - {{id: t{n}{needs}{when}, {does}}}\n");
        }
        if (random.Next(3) == 0) text.Append("handlers:\n  on_failure: [{id: page, exec: [\"false\"]}]\n  finally: [{id: tidy, noop: true}]\n");
        return text.ToString();
    }
}

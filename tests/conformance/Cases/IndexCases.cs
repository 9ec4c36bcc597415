using System.Text.Json;
using Orchestrator.Conformance.Harness;
using Shouldly;
using Xunit;

namespace Orchestrator.Conformance.Cases;

/// <summary>The index of runs, as the built program keeps, reads and makes it again.</summary>
public sealed class IndexCases
{
    private const string Quick = "name: quick\nlabels: {team: data}\ntasks:\n  - {id: a, noop: true}\n  - {id: b, depends_on: [a], noop: true}\n";
    private const string Failing = "name: failing\ntasks:\n  - {id: bad, exec: [\"false\"]}\n";

    [Fact(DisplayName = "IX01 beside serve a run is listed as soon as it is accepted, and verbs, API and SQL say the same")]
    public async Task Beside()
    {
        await using var box = new Sandbox();
        box.Write("workflows/quick.yaml", Quick);
        box.Write("workflows/failing.yaml", Failing);
        await using var server = await Server.StartAsync(box);
        var runs = new List<string>();
        for (var n = 0; n < 20; n++)
        {
            runs.Add(await server.SubmitAsync(n % 4 == 0 ? "failing" : "quick"));
            (await server.AskAsync("/api/v1/runs?limit=1")).Body.GetProperty("runs")[0].Text("run_id").ShouldBe(runs[^1]);
        }
        foreach (var run in runs) await server.EndOfAsync(run);

        foreach (var (query, option) in (ValueTuple<string, string[]>[])
            [("limit=50", ["--limit", "50"]), ("status=failed&limit=50", ["--status", "failed"]), ("workflow=quick&status=completed&limit=3", ["--workflow", "quick", "--status", "completed", "--limit", "3"])])
        {
            var told = (await server.AskAsync($"/api/v1/runs?{query}")).Body.GetProperty("runs").EnumerateArray().Select(r => r.GetRawText()).ToList();
            var listed = (await box.RunAsync(["runs", "--json", .. option])).Exits(0);
            listed.JsonLines().Select(r => r.GetRawText()).ShouldBe(told, query);
            listed.Errors.ShouldBeEmpty();
            told.ShouldNotBeEmpty(query);
        }
        var counted = (await box.RunAsync("sql", "--json", "SELECT status, count(*) AS n FROM run_list GROUP BY 1 ORDER BY 1")).Exits(0).JsonLines();
        counted.Select(c => $"{c.Text("status")} {c.GetProperty("n").GetInt32()}").ShouldBe(["completed 15", "failed 5"]);
        (await box.RunAsync("reconcile", "--json")).Exits(0).Json().GetProperty("checks").EnumerateArray()
            .Single(c => c.Text("check") == "index").GetProperty("compared").GetInt32().ShouldBeGreaterThan(50);
    }

    [Fact(DisplayName = "IX02 after kill -9 at any moment the index is what the journal says, beside the next serve and without one")]
    public async Task Killed()
    {
        await using var box = new Sandbox();
        box.Write("workflows/quick.yaml", Quick);
        box.Write("workflows/failing.yaml", Failing);
        var random = new Random(20260301);
        var accepted = new List<string>();
        for (var kill = 0; kill < 8; kill++)
        {
            await using var server = await Server.StartAsync(box);
            for (var n = random.Next(1, 12); n > 0; n--) accepted.Add(await server.SubmitAsync(n % 3 == 0 ? "failing" : "quick"));
            server.Process.Signal(9);
            await server.Process.EndAsync();
            if (kill % 2 == 0)
                (await box.RunAsync("journal", "index", "verify", "--json")).Exits(0).Json().GetProperty("equal").GetBoolean().ShouldBeTrue();
        }
        await using (var last = await Server.StartAsync(box))
        {
            foreach (var run in accepted) await last.EndOfAsync(run);
            (await box.RunAsync("runs", "--json", "--limit", "1000")).Exits(0).JsonLines().Select(r => r.Text("run_id")).ShouldBe(accepted.OrderDescending(StringComparer.Ordinal));
            (await box.RunAsync("reconcile")).Exits(0);
        }
        var verified = (await box.RunAsync("journal", "index", "verify", "--json")).Exits(0).Json();
        verified.GetProperty("runs").GetInt32().ShouldBe(accepted.Count);
        verified.GetProperty("differences").GetArrayLength().ShouldBe(0);
    }

    [Fact(DisplayName = "IX03 an index that is broken, deleted or of a newer version never makes a list wrong: it is made again, or left alone with a warning")]
    public async Task Broken()
    {
        await using var box = new Sandbox();
        box.Write("workflows/quick.yaml", Quick);
        string run;
        await using (var server = await Server.StartAsync(box))
        {
            run = await server.SubmitAsync("quick");
            await server.EndOfAsync(run);
            await Poll.UntilAsync(() => Database(box) is not null, "the index");
            File.Delete(Database(box)!);
            var next = await server.SubmitAsync("quick");
            await server.EndOfAsync(next);
            (await server.AskAsync("/api/v1/runs?limit=5")).Body.GetProperty("runs").EnumerateArray().Select(r => r.Text("run_id")).ShouldBe([next, run]);
            await Poll.UntilAsync(() => Database(box) is { } path && File.Exists(path), "the index to be made again");
        }
        File.WriteAllText(Database(box)!, "this is no database");
        (await box.RunAsync("runs", "--json")).Exits(0).JsonLines().Count.ShouldBe(2);
        (await box.RunAsync("journal", "index", "verify")).Exits(0);

        await using (var server = await Server.StartAsync(box)) (await server.AskAsync("/api/v1/runs?limit=5")).Body.GetProperty("runs").GetArrayLength().ShouldBe(2);
        File.Delete(Database(box)!);
        Directory.CreateDirectory(Path.Combine(box.Data, "index", "index.7.db"));
        (await box.RunAsync("runs", "--json")).Exits(0).JsonLines().Count.ShouldBe(2);
    }

    [Fact(DisplayName = "IX04 sql reads only: whatever else is asked is refused in plain words, within time and rows")]
    public async Task Sql()
    {
        await using var box = new Sandbox();
        (await box.RunAsync("sql", "SELECT 1")).Refuses(4, "no data directory");
        (await box.RunJsonAsync(box.Workflow(Quick))).Finished.Exits(0);
        foreach (var query in (string[])["DELETE FROM runs", "PRAGMA user_version", "ATTACH 'x' AS y", "CREATE TABLE t(a)", "VACUUM", "SELECT * FROM pragma_table_info('runs')"])
            (await box.RunAsync("sql", query)).Refuses(2, "more than read");
        (await box.RunAsync("sql", "SELECT 1; SELECT 2")).Refuses(2, "more than one statement");
        (await box.RunAsync("sql", "SELECT nope FROM runs")).Refuses(2, "no such column: nope", "Tables: runs, tasks");
        (await box.RunAsync("sql", "")).Refuses(2, "no query");
        (await box.RunAsync("sql", "--timeout", "100ms", "WITH RECURSIVE r(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM r) SELECT count(*) FROM r")).Refuses(2, "longer than 0.1 s", "--timeout");
        (await box.RunAsync("sql", "SELECT hex(zeroblob(100000000))")).Refuses(2, "too big");
        var cut = (await box.RunAsync("sql", "--limit", "2", "--json", "SELECT task, status FROM task_list UNION ALL SELECT 'c', 'd'")).Exits(0);
        cut.JsonLines().Count.ShouldBe(2);
        cut.Errors.ShouldContain("There are more rows");
        (await box.RunAsync("sql", "SELECT task, status FROM task_list ORDER BY task")).Exits(0).Output.ShouldBe("TASK  STATUS\na     completed\nb     completed\n");
        (await box.RunAsync("sql", "--json", "SELECT run_id FROM runs")).Exits(0).JsonLines().Single().Text("run_id").ShouldNotBeNull().Length.ShouldBe(36);
        (await box.RunAsync("journal", "index", "verify")).Exits(0);
    }

    [Fact(DisplayName = "IX05 runs that gc removes leave the lists beside serve too, and making the index anew changes nothing")]
    public async Task Removed()
    {
        await using var box = new Sandbox();
        box.Write("workflows/quick.yaml", Quick.Replace("labels:", "retention: {count: 3}\nlabels:", StringComparison.Ordinal));
        for (var n = 0; n < 6; n++) (await box.RunAsync("run", box.PathOf("workflows/quick.yaml"))).Exits(0);
        (await box.RunAsync("runs", "--json")).Exits(0).JsonLines().Count.ShouldBe(6);
        (await box.RunAsync("journal", "gc")).Exits(0);
        var left = (await box.RunAsync("runs", "--json")).Exits(0);
        left.JsonLines().Count.ShouldBe(3);
        (await box.RunAsync("sql", "SELECT count(*) FROM tasks")).Exits(0).Output.ShouldEndWith("\n6\n");
        (await box.RunAsync("journal", "index", "rebuild", "--json")).Exits(0).Json().GetProperty("runs").GetInt32().ShouldBe(3);
        (await box.RunAsync("runs", "--json")).Exits(0).Output.ShouldBe(left.Output);
        (await box.RunAsync("journal", "index", "verify")).Exits(0);
        await using var server = await Server.StartAsync(box);
        (await box.RunAsync("journal", "index", "rebuild")).Refuses(5, "Another process keeps the index");
        foreach (var file in Directory.GetFiles(Path.Combine(box.Data, "index"))) File.GetUnixFileMode(file).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite, file);
    }

    [Fact(DisplayName = "ST01 stats counts what the events of the window say, as text of 80 columns, JSON and CSV")]
    public async Task Statistics()
    {
        await using var box = new Sandbox();
        var flaky = box.Workflow("""
            name: flaky
            labels: {team: ops}
            tasks:
              - {id: once, run: 'test -e seen || { touch seen; exit 75; }', retry: {max_attempts: 2, initial_delay: 1ms}, sla: {expected: 1ms}}
              - {id: never, depends_on: [once], if: "${{ false }}", noop: true}
            """.Replace("seen", box.PathOf("seen"), StringComparison.Ordinal), "flaky.yaml");
        (await box.RunAsync("run", flaky)).Exits(0);
        for (var n = 0; n < 2; n++) (await box.RunAsync("run", box.Workflow(Failing))).Exits(1);
        for (var n = 0; n < 3; n++) (await box.RunAsync("run", box.Workflow(Quick))).Exits(0);

        var stats = (await box.RunAsync("stats", "--json")).Exits(0).Json();
        var all = stats.GetProperty("runs");
        (all.GetProperty("total").GetInt32(), all.GetProperty("completed").GetInt32(), all.GetProperty("failed").GetInt32()).ShouldBe((6, 4, 2));
        all.GetProperty("success_rate").GetDouble().ShouldBe(4 / 6.0, 1e-6);
        Group(stats, "groups", "failing").GetProperty("failures_in_a_row").GetInt32().ShouldBe(2);
        Group(stats, "groups", "failing").GetProperty("last_success").ValueKind.ShouldBe(JsonValueKind.Null);
        var once = Group(stats, "tasks", "flaky/once");
        (once.GetProperty("attempts").GetInt32(), once.GetProperty("flake_score").GetDouble()).ShouldBe((2, 1.0));
        (once.GetProperty("expected_ms").GetDouble(), once.GetProperty("over_expected").GetInt32()).ShouldBe((1.0, 1));
        Group(stats, "tasks", "flaky/never").GetProperty("skipped").GetInt32().ShouldBe(1);
        Group(stats, "tasks", "flaky/never").GetProperty("duration_ms").GetProperty("p50").ValueKind.ShouldBe(JsonValueKind.Null);
        stats.GetProperty("errors")[0].Text("error_type").ShouldBe("exit_code");
        stats.GetProperty("activity").GetProperty("buckets").EnumerateArray().Sum(b => b.GetProperty("completed").GetInt32() + b.GetProperty("failed").GetInt32()).ShouldBe(6);

        // The journal's own words for the same durations.
        var ends = (await box.RunAsync("events", "--type", "workflow.completed")).Exits(0).JsonLines().Where(e => e.Text("workflow") == "quick")
            .Select(e => e.GetProperty("data").GetProperty("duration_ms").GetDouble()).Order().ToList();
        Group(stats, "groups", "quick").GetProperty("duration_ms").GetProperty("p50").GetDouble().ShouldBe(ends[1], 1e-6);

        var text = (await box.RunAsync("stats")).Exits(0).Output;
        text.ShouldContain("6: 4 completed, 2 failed, 0 cancelled; success 66.7 %");
        text.ShouldContain("fails most");
        text.ShouldContain("failing/bad: 2 of 2 (100 %)");
        text.Split('\n').Max(line => line.Length).ShouldBeLessThanOrEqualTo(80);
        (await box.RunAsync("stats", "flaky")).Exits(0).Output.ShouldContain("once");
        (await box.RunAsync("stats", "--by", "label:team", "--csv")).Exits(0).Output.Split('\n').Skip(1).Select(l => string.Join(',', l.Split(',').Take(3))).ShouldBe(["data,3,3", "ops,1,1", ""]);
        (await box.RunAsync("stats", "nobody")).Exits(0).Output.ShouldContain("None did");
        (await box.RunAsync("stats", "--window", "1ms", "--json")).Exits(0).Json().GetProperty("runs").GetProperty("success_rate").ValueKind.ShouldBe(JsonValueKind.Null);
        (await box.RunAsync("stats", "--window", "36500d")).Exits(0);
        foreach (var (option, value) in (ValueTuple<string, string>[])[("--window", "0s"), ("--window", "-1h"), ("--window", "1000000d"), ("--by", "moon"), ("--by", "label:a\"b"), ("--limit", "0")])
            (await box.RunAsync("stats", option, value)).Refuses(2, option);
    }

    [Fact(DisplayName = "ST02 the API picks runs, and answers statistics, causes and differences as the verbs do")]
    public async Task Api()
    {
        await using var box = new Sandbox();
        box.Write("workflows/quick.yaml", Quick);
        box.Write("workflows/flip.yaml", $"name: flip\ntenant: acme\ntasks:\n  - {{id: step, run: 'test ! -e {box.PathOf("broken")}'}}\n  - {{id: after, depends_on: [step], noop: true}}\n");
        await using var server = await Server.StartAsync(box);
        var good = await server.SubmitAsync("flip");
        await server.EndOfAsync(good);
        (await server.AskAsync($"/api/v1/runs/{good}/root-cause")).Status.ShouldBe(409);
        (await server.AskAsync($"/api/v1/runs/{good}/diff")).Status.ShouldBe(409);
        File.WriteAllText(box.PathOf("broken"), "");
        var bad = await server.SubmitAsync("flip");
        await server.EndOfAsync(bad);
        await server.EndOfAsync(await server.SubmitAsync("quick"));

        (await IdsAsync(server, "tenant=acme")).ShouldBe([bad, good]);
        (await IdsAsync(server, "label=team%3Ddata&trigger=api")).Count.ShouldBe(1);
        (await IdsAsync(server, "label=team%3Ddata&label=team%3Dother")).ShouldBeEmpty();
        (await IdsAsync(server, "since=1h&status=failed")).ShouldBe([bad]);
        (await IdsAsync(server, "until=1h")).ShouldBeEmpty();
        foreach (var query in (string[])["since=1h&until=2h", "label=team", "trigger=moon", "since=never", "tenants=acme", "tenant=a&tenant=b"])
            (await server.AskAsync($"/api/v1/runs?{query}")).Status.ShouldBe(400, query);

        var cause = (await server.AskAsync($"/api/v1/runs/{bad}/root-cause")).Body;
        cause.GetRawText().ShouldContain("\"step\"");
        (await box.RunAsync("show", "flip", "--json")).Exits(0).Json().GetProperty("root_cause").GetProperty("task").GetRawText().ShouldBe(cause.GetProperty("task").GetRawText());
        var diff = (await server.AskAsync($"/api/v1/runs/{bad}/diff")).Body;
        diff.Text("before").ShouldBe(good);
        diff.GetProperty("status").Text("after").ShouldBe("failed");
        (await box.RunAsync("diff", "flip", "--json")).Exits(0).Json().GetRawText().ShouldBe(diff.GetRawText());
        (await server.AskAsync($"/api/v1/runs/{bad}/diff?with={bad}")).Body.GetProperty("same").GetBoolean().ShouldBeTrue();

        var stats = await server.AskAsync("/api/v1/stats?window=1h&by=tenant");
        stats.Status.ShouldBe(200);
        Group(stats.Body, "groups", "acme").GetProperty("failed").GetInt32().ShouldBe(1);
        (await server.AskAsync("/api/v1/stats?workflow=flip&by=task")).Body.GetProperty("tasks").GetArrayLength().ShouldBe(2);
        foreach (var query in (string[])["window=0s", "window=x", "by=moon", "windows=1h"]) (await server.AskAsync($"/api/v1/stats?{query}")).Status.ShouldBe(400, query);
    }

    [Fact(DisplayName = "RN01 a run is named by latest, its workflow, a number of runs back, and its first or last digits")]
    public async Task Names()
    {
        await using var box = new Sandbox();
        var ids = new List<string>();
        for (var n = 0; n < 3; n++) ids.Add((await box.RunJsonAsync(box.Workflow(Quick))).Json.Text("run_id")!);
        (await box.RunAsync("run", box.Workflow(Failing))).Exits(1);
        foreach (var (name, id) in (ValueTuple<string, string>[])[("quick", ids[2]), ("quick~1", ids[1]), ("latest~3", ids[0]), (ids[1][^8..], ids[1]), (ids[0], ids[0])])
            (await box.RunAsync("show", name, "--json")).Exits(0).Json().Text("run_id").ShouldBe(id, name);
        (await box.RunAsync("show", "latest", "--json")).Exits(0).Json().Text("workflow").ShouldBe("failing");
        (await box.RunAsync("logs", "failing", "bad")).Exits(0);
        (await box.RunAsync("show", "quick~3")).Refuses(4, "further back", "quick has 3");
        (await box.RunAsync("show", "nobody")).Refuses(4, "not a run", "latest");
        (await box.RunAsync("show", "../../etc")).Refuses(4, "not a run");
        (await box.RunAsync("show", ids[0][..6])).Refuses(2, "Several runs begin with");
        (await box.RunAsync("runs", "--label", "team=data", "--json")).Exits(0).JsonLines().Count.ShouldBe(3);
        (await box.RunAsync("runs", "--limit", "2")).Exits(0).Errors.ShouldContain("There are more");
        foreach (var (option, value) in (ValueTuple<string, string>[])[("--label", "team"), ("--since", "never"), ("--trigger", "moon")])
            (await box.RunAsync("runs", option, value)).Refuses(2, option);
    }

    private static async Task<List<string?>> IdsAsync(Server server, string query) =>
        [.. (await server.AskAsync($"/api/v1/runs?{query}")).Body.GetProperty("runs").EnumerateArray().Select(r => r.Text("run_id"))];

    private static JsonElement Group(JsonElement stats, string list, string name) =>
        stats.GetProperty(list).EnumerateArray().Single(g => g.Text("group") == name);

    private static string? Database(Sandbox box)
    {
        var current = Path.Combine(box.Data, "index", "current");
        return File.Exists(current) ? Path.Combine(box.Data, "index", File.ReadAllText(current).Trim()) : null;
    }
}

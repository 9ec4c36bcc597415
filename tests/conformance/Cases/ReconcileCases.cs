using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Orchestrator.Conformance.Harness;
using Orchestrator.TestKit.Http;
using Orchestrator.TestKit.Telemetry;
using Shouldly;
using Xunit;

namespace Orchestrator.Conformance.Cases;

/// <summary>`reconcile`: everything that tells of runs tells what the journal tells, and when it does not, that is said.</summary>
public sealed class ReconcileCases
{
    private const int Runs = 500;

    [Fact(DisplayName = "RC01 five hundred random runs with failures, retries, skips, cancels and kills reconcile, and so does what a flapping receiver was told of them")]
    public async Task RandomWorkload()
    {
        await using var box = new Sandbox();
        var asked = 0;
        await using var receiver = await LoopbackSite.StartAsync(async context =>
        {
            // Well for a while, then away, then ill for so long that events are given up.
            var n = Interlocked.Increment(ref asked) % 200;
            if (n is > 150 and < 160) context.Abort();
            else await LoopbackSite.TextAsync(context, n % 23 == 0 || n is >= 160 and < 170 ? 503 : 204, "");
        });
        Told(box, receiver.Url, "workflow.*,task.failed");
        var random = new Random(20261121);
        var flows = Enumerable.Range(0, 12).Select(n => $"flow-{n}").ToArray();
        foreach (var flow in flows) box.Write($"workflows/{flow}.yaml", Random(flow, random));
        box.Write("workflows/child.yaml", "name: child\ntasks:\n  - {id: only, noop: true}\n");
        box.Write("workflows/alone.yaml", "name: alone\nconcurrency: {group: alone, on_conflict: skip}\ntasks:\n  - {id: slow, exec: [sleep, \"120\"]}\n");
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
            if (accepted.Count + cancelled.Count == Runs)
            {
                cancelled.Add(await server.SubmitAsync("alone"));
                await server.StatusAsync(cancelled[^1], "running");
                for (var n = 0; n < 3; n++) cancelled.Add(await server.SubmitAsync("alone"));   // they end without having started
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

            // Everything the subscription fits was delivered or given up, and counted once.
            var wanted = (await box.RunAsync("events", "--type", "workflow.*,task.failed")).JsonLines().Count;
            for (var behind = await BehindAsync(server); behind > 0; behind = await BehindAsync(server))
                await Poll.UntilAsync(async () => await BehindAsync(server) < behind, "the sink to come nearer");
            await Poll.UntilAsync(async () => (await AccountAsync(box)).GetProperty("emitted").GetInt32() >= wanted, $"an account of {wanted} events");
            var account = await AccountAsync(box);
            account.GetProperty("emitted").GetInt32().ShouldBe(wanted);
            (account.GetProperty("delivered").GetInt32() + account.GetProperty("dead").GetInt32()).ShouldBe(wanted);
            receiver.Seen.Select(r => r.Headers["X-Orchestrator-Delivery"]).Distinct().Count().ShouldBe(wanted);

            var live = (await box.Start("reconcile", "--json").EndAsync(TimeSpan.FromMinutes(5))).Exits(0).Json();
            live.GetProperty("runs").GetInt32().ShouldBeGreaterThanOrEqualTo(Runs);
            live.GetProperty("checks").EnumerateArray().Single(c => c.Text("check") == "metrics").GetProperty("compared").GetInt32().ShouldBeGreaterThan(20);
            Note(live, "deliveries").ShouldContain("events checked again");
        }
        var still = (await box.Start("reconcile", "--json").EndAsync(TimeSpan.FromMinutes(5))).Exits(0).Json();
        still.GetProperty("equal").GetBoolean().ShouldBeTrue();
        accepted.Concat(cancelled).Distinct().Count().ShouldBe(Runs + 4);
    }

    [Fact(DisplayName = "RC04 a sink's cursor or dead letters that tell another number than the journal are found, with both numbers")]
    public async Task TamperedAccounts()
    {
        await using var box = new Sandbox();
        await using var receiver = await LoopbackSite.StartAsync(context => LoopbackSite.TextAsync(context, context.Request.Headers["X-Orchestrator-Event"] == "workflow.failed" ? 500 : 204, ""));
        Told(box, receiver.Url, "workflow.*");
        box.Write("workflows/x.yaml", "name: x\ntasks: [{id: a, noop: true}]\n");
        box.Write("workflows/bad.yaml", "name: bad\ntasks: [{id: a, run: exit 1}]\n");
        await using (var server = await Server.StartAsync(box))
        {
            foreach (var workflow in (string[])["x", "bad", "x"]) await server.EndOfAsync(await server.SubmitAsync(workflow));
            await Poll.UntilAsync(async () => (await AccountAsync(box)).GetProperty("emitted").GetInt32() == 15, "fifteen events");
            (await box.RunAsync("reconcile")).Exits(0);
        }
        Note((await box.RunAsync("reconcile", "--json")).Exits(0).Json(), "deliveries").ShouldMatch("^accounts of webhooks and brokers; [0-9]{2} events checked again$");

        // One more delivered than there was: its own account adds up, the journal knows better.
        var cursor = Path.Combine(box.Data, "deliveries", "webhook.ops.cursor.json");
        var truth = await File.ReadAllTextAsync(cursor);
        await File.WriteAllTextAsync(cursor, Edited(truth, c => (c["emitted"], c["delivered"]) = (16, 15)));
        var found = (await DifferencesAsync(box)).ShouldHaveSingleItem();
        found.ShouldStartWith("deliveries webhook.ops events it wanted of positions ");
        found.ShouldEndWith(" 15 16");
        await File.WriteAllTextAsync(cursor, Edited(truth, c => c["delivered"] = 13));
        (await DifferencesAsync(box)).ShouldBe(["deliveries webhook.ops delivered + given up + dropped 15 14"]);
        await File.WriteAllTextAsync(cursor, "{");
        (await DifferencesAsync(box)).ShouldHaveSingleItem().ShouldStartWith("deliveries webhook.ops its account readable ");
        await File.WriteAllTextAsync(cursor, truth);
        var letters = Path.Combine(box.Data, "deliveries", "webhook.ops.dead.jsonl");
        var letter = await File.ReadAllTextAsync(letters);
        File.Delete(letters);
        (await DifferencesAsync(box)).ShouldBe(["deliveries webhook.ops dead letters that wait 1 0"]);
        await File.WriteAllTextAsync(letters, letter);
        (await DifferencesAsync(box)).ShouldBeEmpty();
    }

    [Fact(DisplayName = "RC05 an event that was told twice or never, because the order of what was told is damaged, is found")]
    public async Task TamperedFeed()
    {
        await using var box = new Sandbox();
        box.Write("workflows/x.yaml", "name: x\ntasks: [{id: a, run: 'true'}, {id: b, depends_on: [a], run: 'true'}, {id: c, depends_on: [b], run: 'true'}]\n");
        await using (var server = await Server.StartAsync(box))
        {
            for (var n = 0; n < 3; n++) await server.EndOfAsync(await server.SubmitAsync("x"));
            (await box.RunAsync("reconcile")).Exits(0);
        }
        var feed = Directory.EnumerateFiles(Path.Combine(box.Data, "feed")).Single();
        var bytes = await File.ReadAllBytesAsync(feed);
        var records = new List<byte[]>();
        for (var at = 0; at < bytes.Length; at += records[^1].Length) records.Add(bytes[at..(at + 19 + BitConverter.ToUInt16(bytes, at))]);
        var streams = records.ConvertAll(r => Encoding.UTF8.GetString(r.AsSpan(19)));
        var second = Enumerable.Range(0, records.Count).First(n => streams[n].StartsWith("run:", StringComparison.Ordinal) && streams.IndexOf(streams[n]) < n && streams.LastIndexOf(streams[n]) > n);
        var (run, seq) = (streams[second], BitConverter.ToInt64(records[second], 6));
        await File.WriteAllBytesAsync(feed, [.. records.Where((_, i) => i != second).SelectMany(r => r)]);
        (await DifferencesAsync(box)).ShouldHaveSingleItem().ShouldStartWith($"feed {run} next event after {seq - 1} {seq} ");
        await File.WriteAllBytesAsync(feed, [.. records.Take(second + 1).Concat(records.Skip(second)).SelectMany(r => r)]);
        (await DifferencesAsync(box)).ShouldContain(d => d.StartsWith($"feed {run} next event after ", StringComparison.Ordinal) && d.EndsWith($" {seq}", StringComparison.Ordinal));
    }

    [Fact(DisplayName = "RC06 a due time whose run was removed is accounted for, one whose run is lost is found")]
    public async Task LostScheduledRun()
    {
        await using var box = new Sandbox();
        box.Write("workflows/tick.yaml", "name: tick\nretention: {count: 1}\nschedules: [{id: s, cron: '* * * * * *'}]\ntasks: [{id: a, noop: true}]\n");
        await using (var server = await Server.StartAsync(box))
            await Poll.UntilAsync(async () => (await box.RunAsync("runs", "--json")).JsonLines().Count(r => r.Text("status") == "completed") >= 3, "three scheduled runs");
        await using (var server = await Server.StartAsync(box)) { }   // archives what is left
        (await box.RunAsync("journal", "gc")).Exits(0);
        Note((await box.RunAsync("reconcile", "--json")).Exits(0).Json(), "schedules").ShouldContain("of their runs were removed since");
        File.Delete(Path.Combine(box.Data, "removed.txt"));
        // The ledger misses it, and so does the order of what was told.
        var differences = await DifferencesAsync(box);
        foreach (var difference in differences)
            difference.ShouldMatch("^schedules tick/s run [0-9a-f-]{36}, due .* there, or known to be removed missing$|^feed [0-9a-f-]{36} events told 0 [0-9]+$");
        differences.ShouldContain(d => d.StartsWith("schedules ", StringComparison.Ordinal));
        differences.ShouldContain(d => d.StartsWith("feed ", StringComparison.Ordinal));
    }

    [Fact(DisplayName = "RC07 events of runs that were removed are counted as what they are, and bound what a sink may say that it wanted")]
    public async Task RemovedRuns()
    {
        await using var box = new Sandbox();
        await using var receiver = await LoopbackSite.StartAsync(context => LoopbackSite.TextAsync(context, 204, ""));
        Told(box, receiver.Url, "workflow.*");
        box.Write("workflows/x.yaml", "name: x\nretention: {count: 1}\ntasks: [{id: a, noop: true}]\n");
        await using (var server = await Server.StartAsync(box))
        {
            for (var n = 0; n < 3; n++) await server.EndOfAsync(await server.SubmitAsync("x"));
            await Poll.UntilAsync(async () => (await AccountAsync(box)).GetProperty("delivered").GetInt32() == 15, "fifteen deliveries");
        }
        await using (var server = await Server.StartAsync(box)) { }
        (await box.RunAsync("journal", "gc")).Exits(0);
        Note((await box.RunAsync("reconcile", "--json")).Exits(0).Json(), "deliveries").ShouldContain(" of removed runs cannot be");
        var cursor = Path.Combine(box.Data, "deliveries", "webhook.ops.cursor.json");
        var truth = await File.ReadAllTextAsync(cursor);
        foreach (var wrong in (int[])[4, 1000])
        {
            await File.WriteAllTextAsync(cursor, Edited(truth, c => (c["emitted"], c["delivered"]) = (wrong, wrong)));
            (await DifferencesAsync(box)).ShouldHaveSingleItem().ShouldStartWith("deliveries webhook.ops events it wanted of positions ");
        }
    }

    [Fact(DisplayName = "RC08 spans and log records that were made are those that a collector has taken, those dropped and those that wait")]
    public async Task Exported()
    {
        await using var box = new Sandbox();
        await using var collector = await OtlpReceiver.StartAsync();
        foreach (var (name, value) in collector.Variables) box.Environment[name] = value;
        box.Environment["OTEL_METRICS_EXPORTER"] = "prometheus";
        box.Write("workflows/x.yaml", "name: x\ntasks: [{id: a, noop: true}]\n");
        await using var server = await Server.StartAsync(box);
        for (var n = 0; n < 3; n++) await server.EndOfAsync(await server.SubmitAsync("x"));
        Match told = Match.Empty;
        await Poll.UntilAsync(async () =>
        {
            var found = await box.RunAsync("reconcile", "--json");
            found.Exits(0);
            told = Regex.Match(Note(found.Json(), "export"), "^([0-9]+) spans = ([0-9]+) taken \\+ 0 dropped \\+ ([0-9]+) waiting; [0-9]+ log records = ");
            return told.Success && Number(2) >= 3 * 5;
        }, "spans to be taken");
        (Number(2) + Number(3)).ShouldBe(Number(1));
        collector.Spans.Count.ShouldBeGreaterThanOrEqualTo(Number(2), "taken is what the collector has");

        int Number(int group) => int.Parse(told.Groups[group].Value, CultureInfo.InvariantCulture);
    }

    private static void Told(Sandbox box, string url, string events)
    {
        foreach (var (key, value) in ((string, string)[])[("AllowedNetworks", "127.0.0.0/8"), ("FirstWait", "10ms"), ("BreakerRest", "50ms"), ("Endpoints__ops__Url", url), ("Endpoints__ops__Events", events)])
            box.Environment["Orchestrator__Webhooks__" + key] = value;
    }

    private static async Task<JsonElement> AccountAsync(Sandbox box) => (await box.RunAsync("dead-letters", "list", "--json")).JsonLines().Single(l => l.TryGetProperty("emitted", out _));

    // Of events that the journal had when it was asked.
    private static async Task<long> BehindAsync(Server server) =>
        long.Parse((await server.Http.GetStringAsync("/metrics")).Split('\n').Single(l => l.StartsWith("orchestrator_delivery_behind{", StringComparison.Ordinal)).Split(' ')[1], CultureInfo.InvariantCulture);

    private static string Note(JsonElement reconciled, string check) => reconciled.GetProperty("checks").EnumerateArray().Single(c => c.Text("check") == check).Text("note")!;

    private static string Edited(string json, Action<JsonNode> edit)
    {
        var document = JsonNode.Parse(json)!;
        edit(document);
        return document.ToJsonString();
    }

    private static async Task<List<string>> DifferencesAsync(Sandbox box)
    {
        var found = await box.RunAsync("reconcile", "--json");
        var differences = found.Json().GetProperty("differences").EnumerateArray().Select(d => $"{d.Text("check")} {d.Text("of")} {d.Text("what")} {d.Text("journal")} {d.Text("found")}").ToList();
        found.Exits(differences.Count == 0 ? 0 : 1);
        return differences;
    }

    [Fact(DisplayName = "RC02 a report that tells another number is found, with the run, the place and both numbers")]
    public async Task TamperedReport()
    {
        await using var box = new Sandbox();
        var flow = box.Workflow("name: told\ntasks:\n  - {id: a, noop: true}\n  - {id: b, run: exit 3, allow_failure: true}\n");
        var run = (await box.RunJsonAsync(flow)).Json.GetProperty("run_id").GetString()!;
        (await box.RunAsync("reconcile")).Exits(0).Output.ShouldContain("all sources agree");

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

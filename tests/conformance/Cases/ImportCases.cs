using System.Globalization;
using System.Text;
using System.Text.Json;
using Orchestrator.Conformance.Harness;
using Shouldly;
using Xunit;

namespace Orchestrator.Conformance.Cases;

/// <summary>Logs of the DAG runner that people come from: its analytics over them, and the import that keeps them.</summary>
public sealed class ImportCases
{
    private static string At(double hoursAgo) => TimeProvider.System.GetUtcNow().AddHours(-hoursAgo).ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'+00:00'", CultureInfo.InvariantCulture);

    private static string Line(double hoursAgo, string name, string run, string more = "") => $$"""{"timestamp":"{{At(hoursAgo)}}","event":"{{name}}","dag_name":"sales","dag_run_id":"{{run}}"{{more}}}""";

    private static string[] Log() =>
    [
        Line(50, "dag_start", "r1", ",\"tenant\":\"acme\",\"task_count\":1"), Line(50, "task_start", "r1", ",\"task_id\":\"a\""), Line(49.5, "task_ok", "r1", ",\"task_id\":\"a\",\"attempt\":1"),
        Line(49, "dag_done", "r1", ",\"tenant\":\"acme\",\"tasks_succeeded\":1,\"tasks_failed\":0,\"duration_seconds\":3600"),
        Line(2, "dag_start", "r2", ",\"tenant\":\"acme\",\"task_count\":1"), Line(2, "task_start", "r2", ",\"task_id\":\"a\""), Line(1, "task_fail", "r2", ",\"task_id\":\"a\",\"error\":\"no\""),
    ];

    private static string[] State() =>
    [
        $$"""{"timestamp":"{{At(2)}}","event":"run_started","schedule_id":"nightly","job_id":"j","dag_path":"d.yaml","tenant":"acme","run_id":"r2"}""",
        $$"""{"timestamp":"{{At(1)}}","event":"run_finished","schedule_id":"nightly","job_id":"j","dag_path":"d.yaml","tenant":"acme","status":"failed","duration_seconds":3600}""",
    ];

    private static string Joined(params string[] lines) => string.Concat(lines.Select(l => l + "\n"));

    private static string Names(JsonElement json) => string.Join(' ', json.EnumerateObject().Select(p => p.Name));

    private static void Same(JsonElement stats)
    {
        Names(stats).ShouldBe("tasks dags schedules tenants");
        var tasks = stats.GetProperty("tasks");
        Names(tasks.GetProperty("all_time")).ShouldBe("tasks_started tasks_ok tasks_fail tasks_retry avg_duration p95_duration");
        tasks.GetProperty("all_time").GetProperty("avg_duration").GetDouble().ShouldBe(1800, 1);
        tasks.GetProperty("last_24h").GetProperty("error_rate").GetDouble().ShouldBe(1);
        stats.GetProperty("dags").EnumerateArray().Select(d => d.GetProperty("status").GetString()).ShouldBe(["running", "completed"]);
        stats.GetProperty("dags")[1].GetProperty("duration").GetDouble().ShouldBe(3600);
        stats.GetProperty("schedules")[0].GetProperty("last_status").GetString().ShouldBe("failed");
        var tenant = stats.GetProperty("tenants").EnumerateArray().ShouldHaveSingleItem();
        (tenant.GetProperty("tenant").GetString(), tenant.GetProperty("runs").GetInt32(), tenant.GetProperty("tasks").GetInt32(), tenant.GetProperty("error_rate").GetDouble()).ShouldBe(("acme", 1, 1, 1.0));
    }

    [Fact(DisplayName = "AN01 the analytics of a DAG runner's logs are the same read from its files, from its variables and imported")]
    [Trait("Program", "both")]
    public async Task Analytics()
    {
        await using var box = new Sandbox();
        var (log, state) = (box.Write("logs/events.jsonl", Joined(Log())), box.Write("logs/state.jsonl", Joined(State())));
        Same((await box.RunAsync("stats", "--format", "jsonl27", "--events", log, "--state", "logs/state.jsonl")).Exits(0).Json());

        (await box.RunAsync("import", "jsonl27", "--events", log, "--state", state)).Exits(0).Output.ShouldContain("7 lines imported");
        Same((await box.RunAsync("stats", "--format", "jsonl27")).Exits(0).Json());

        box.Environment["ORCH_EVENTS_PATH"] = log;
        box.Environment["STATE_STORE_PATH"] = "logs/state.jsonl";
        Same((await box.RunAsync("stats", "--format", "jsonl27", "--data", box.PathOf("other"))).Exits(0).Json());
    }

    [Fact(DisplayName = "AN02 the analytics of our own runs count what the journal holds")]
    [Trait("Program", "both")]
    public async Task OwnRuns()
    {
        await using var box = new Sandbox();
        var flow = box.Workflow("""
            name: own
            tenant: beta
            fail_fast: false
            tasks:
              - {id: good, noop: true}
              - {id: flaky, run: "test $ORCHESTRATOR_ATTEMPT = 2", retry: {max_attempts: 2, initial_delay: 1ms}}
              - {id: bad, run: exit 3}
              - {id: after, depends_on: [bad], noop: true}
            """);
        (await box.RunAsync("run", flow)).Exits(1);
        (await box.RunAsync("run", flow)).Exits(1);
        var stats = (await box.RunAsync("stats", "--format", "jsonl27")).Exits(0).Json();
        var all = stats.GetProperty("tasks").GetProperty("all_time");
        foreach (var (name, count) in new[] { ("tasks_started", 6), ("tasks_ok", 4), ("tasks_fail", 2), ("tasks_retry", 2) }) all.GetProperty(name).GetInt32().ShouldBe(count, name);
        all.GetProperty("p95_duration").GetDouble().ShouldBeGreaterThan(0);
        stats.GetProperty("tasks").GetProperty("last_24h").GetProperty("error_rate").GetDouble().ShouldBe(2 / 6.0);
        stats.GetProperty("dags").GetArrayLength().ShouldBe(2);
        Names(stats.GetProperty("dags")[0]).ShouldBe("dag_name status start end duration tasks_ok tasks_fail");
        stats.GetProperty("tenants")[0].GetProperty("avg_latency").GetDouble().ShouldBeGreaterThan(0);

        // What `events --format jsonl27` prints is a log that gives the same figures.
        var printed = box.Write("own.jsonl", (await box.RunAsync("events", "--format", "jsonl27")).Exits(0).Output);
        (await box.RunAsync("stats", "--format", "jsonl27", "--events", printed)).Exits(0).Output.ShouldBe((await box.RunAsync("stats", "--format", "jsonl27")).Output);
    }

    [Fact(DisplayName = "AN03 the window is that of the panel's variable and nonsense in it is refused")]
    [Trait("Program", "both")]
    public async Task Window()
    {
        await using var box = new Sandbox();
        var log = box.Write("events.jsonl", Joined(Log()));
        box.Environment["ORCH_PANEL_WINDOW_H"] = "72";
        var tasks = (await box.RunAsync("stats", "--format", "jsonl27", "--events", log)).Exits(0).Json().GetProperty("tasks");
        Names(tasks).ShouldBe("all_time last_72h");
        tasks.GetProperty("last_72h").GetProperty("tasks_started").GetInt32().ShouldBe(2);
        foreach (var nonsense in new[] { "0", "-1", "1.5", "day", "99999999999", "876601" })
        {
            box.Environment["ORCH_PANEL_WINDOW_H"] = nonsense;
            (await box.RunAsync("stats", "--format", "jsonl27", "--events", log)).Refuses(2, "ORCH_PANEL_WINDOW_H", nonsense);
        }
    }

    [Fact(DisplayName = "AN04 without any log or run the analytics are zeros and empty lists")]
    public async Task Empty()
    {
        await using var box = new Sandbox();
        var json = (await box.RunAsync("stats", "--format", "jsonl27")).Exits(0).Json();
        json.GetProperty("tasks").GetProperty("last_24h").EnumerateObject().ShouldAllBe(p => p.Value.GetDouble() == 0);
        (json.GetProperty("dags").GetArrayLength(), json.GetProperty("schedules").GetArrayLength(), json.GetProperty("tenants").GetArrayLength()).ShouldBe((0, 0, 0));
        var missing = await box.RunAsync("stats", "--format", "jsonl27", "--events", "nowhere.jsonl");
        missing.Exits(0).Errors.ShouldContain("nowhere.jsonl");
        missing.Json().GetProperty("tasks").GetProperty("all_time").GetProperty("tasks_started").GetInt32().ShouldBe(0);
        Directory.Exists(box.Data).ShouldBeFalse();
    }

    [Fact(DisplayName = "AN05 importing a log again changes nothing, and one that has grown counts nothing twice")]
    [Trait("Program", "both")]
    public async Task Again()
    {
        await using var box = new Sandbox();
        var log = box.Write("events.jsonl", Joined(Log()[..4]));
        async Task<JsonElement> ImportAsync() => (await box.RunAsync("import", "jsonl27", "--events", log, "--json")).Exits(0).Json().GetProperty("logs")[0];
        string Kept() => string.Join('\n', Directory.EnumerateFiles(Path.Combine(box.Data, "imported"), "*.json*", SearchOption.AllDirectories).Select(f => $"{f} {File.GetLastWriteTimeUtc(f):O}").Order(StringComparer.Ordinal));

        var first = await ImportAsync();
        (first.GetProperty("outcome").GetString(), first.GetProperty("imported").GetInt32()).ShouldBe(("imported", 4));
        var path = first.GetProperty("kept_as").GetString()!;
        path.ShouldBe(Path.Combine(box.Data, "imported", first.GetProperty("sha256").GetString()!, "events.jsonl"));
        File.GetUnixFileMode(path).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.ReadAllText(path).ShouldBe(File.ReadAllText(log));

        var kept = Kept();
        (await ImportAsync()).GetProperty("outcome").GetString().ShouldBe("unchanged");
        (await box.RunAsync("import", "jsonl27", "--events", log)).Exits(0).Output.ShouldContain("nothing was changed");
        Kept().ShouldBe(kept);

        File.AppendAllText(log, Joined(Log()[4..]));
        (await ImportAsync()).GetProperty("outcome").GetString().ShouldBe("extended");
        var all = (await box.RunAsync("stats", "--format", "jsonl27")).Json().GetProperty("tasks").GetProperty("all_time");
        (all.GetProperty("tasks_started").GetInt32(), all.GetProperty("tasks_ok").GetInt32(), all.GetProperty("tasks_fail").GetInt32()).ShouldBe((2, 1, 1));
    }

    [Fact(DisplayName = "AN06 ten thousand damaged lines of every kind are counted, the first twenty are named, and the good ones count")]
    [Trait("Program", "both")]
    public async Task Damage()
    {
        await using var box = new Sandbox();
        byte[][] kinds =
        [
            [.. "{torn"u8], [.. "nonsense"u8], [.. "[1,2]"u8], [.. "17"u8], [.. "\"text\""u8], [.. "null"u8], [0, 0, 0], [.. "{\"event\":\"a\0b\"}"u8], [0xFF, 0xFE, (byte)'{', (byte)'}'],
            [.. "{\"event\":\"\\ud800\"}"u8], [.. "{\"a\":1}{\"b\":2}"u8], [.. "{\"a\":NaN}"u8], Encoding.UTF8.GetBytes($"{{\"a\":{new string('[', 600)}"), [.. "\u001B[2J"u8], [0x80], [.. "{'event':'a'}"u8],
        ];
        using (var log = File.Create(box.PathOf("events.jsonl")))
            for (var i = 0; i < 10_000; i++)
            {
                log.Write(kinds[i % kinds.Length]);
                log.Write(i % 3 == 0 ? "\r\n"u8 : "\n"u8);
                if (i % 100 == 0) log.Write(Encoding.UTF8.GetBytes(Line(1, "task_start", $"r{i}", ",\"task_id\":\"a\"") + "\n\n"));
            }
        var said = (await box.RunAsync("import", "jsonl27", "--events", "events.jsonl", "--json")).Exits(0).Json().GetProperty("logs")[0];
        (said.GetProperty("imported").GetInt32(), said.GetProperty("corrupted").GetInt32(), said.GetProperty("lines").GetInt32()).ShouldBe((100, 10_000, 10_100));
        var named = said.GetProperty("corrupted_lines").EnumerateArray().ToList();
        named.Count.ShouldBe(20);
        (named[0].GetProperty("line").GetInt32(), named[0].GetProperty("problem").GetString()).ShouldBe((1, "is not JSON"));
        named[1].GetProperty("line").GetInt32().ShouldBe(4);   // after the good line and a blank one
        var text = (await box.RunAsync("import", "jsonl27", "--events", "events.jsonl", "--data", box.PathOf("other"))).Exits(0).Output;
        text.ShouldContain("and 9980 more");
        text.ShouldNotContain('\u001B');
        var stats = await box.RunAsync("stats", "--format", "jsonl27", "--events", "events.jsonl");
        stats.Exits(0).Json().GetProperty("tasks").GetProperty("all_time").GetProperty("tasks_started").GetInt32().ShouldBe(100);
        stats.Errors.ShouldContain("10000 corrupted lines");
    }

    [Fact(DisplayName = "AN07 a line of a hundred megabytes is one corrupted line and costs no memory")]
    public async Task LongLine()
    {
        await using var box = new Sandbox();
        using (var log = File.Create(box.PathOf("events.jsonl")))
        {
            var chunk = new byte[1 << 20];
            Array.Fill(chunk, (byte)'x');
            log.Write(Encoding.UTF8.GetBytes(Line(1, "dag_start", "r1") + "\n"));
            for (var i = 0; i < 100; i++) log.Write(chunk);
            log.Write(Encoding.UTF8.GetBytes("\n" + Line(1, "dag_start", "r2")));
        }
        box.Environment["DOTNET_GCHeapHardLimit"] = "0x6000000";   // 96 MiB
        var said = (await box.RunAsync("import", "jsonl27", "--events", "events.jsonl", "--json")).Exits(0).Json().GetProperty("logs")[0];
        (said.GetProperty("imported").GetInt32(), said.GetProperty("corrupted").GetInt32()).ShouldBe((2, 1));
        said.GetProperty("corrupted_lines")[0].GetProperty("line").GetInt32().ShouldBe(2);
        (await box.RunAsync("stats", "--format", "jsonl27")).Exits(0).Json().GetProperty("dags").GetArrayLength().ShouldBe(2);
    }

    [Fact(DisplayName = "AN08 what is no file is refused by name, and nothing of a wrong pair is kept")]
    [Trait("Program", "both")]
    public async Task NoFile()
    {
        await using var box = new Sandbox();
        var log = box.Write("events.jsonl", Joined(Log()));
        (await box.RunAsync("import", "jsonl27")).Refuses(2, "--events", "--state");
        (await box.RunAsync("import", "jsonl27", "--events", log, "--state", "nowhere.jsonl")).Refuses(4, "nowhere.jsonl");
        (await box.RunAsync("import", "jsonl27", "--events", box.Root)).Refuses(2, box.Root, "folder");
        (await box.StartOther("mkfifo", box.PathOf("pipe")).EndAsync()).Exits(0);
        (await box.RunAsync("import", "jsonl27", "--events", "pipe")).Refuses(2, "pipe", "regular file");
        (await box.RunAsync("stats", "--format", "jsonl27", "--events", "pipe")).Exits(0).Errors.ShouldContain("pipe");
        Directory.Exists(Path.Combine(box.Data, "imported")).ShouldBeFalse();
        (await box.RunAsync("stats", "--events", "pipe")).Refuses(2, "--format");
        (await box.RunAsync("stats", "--format", "other")).Refuses(2, "jsonl27");
    }

    [Fact(DisplayName = "AN09 what was exported here and is imported again counts once, and elsewhere it counts")]
    [Trait("Program", "both")]
    public async Task Exported()
    {
        await using var box = new Sandbox();
        (await box.RunAsync("run", box.Workflow("{name: own, tasks: [{id: a, noop: true}]}"))).Exits(0);
        var own = box.Write("own.jsonl", (await box.RunAsync("events", "--format", "jsonl27")).Exits(0).Output);
        (await box.RunAsync("import", "jsonl27", "--events", own)).Exits(0);
        async Task<int> OkAsync(string data) => (await box.RunAsync("stats", "--format", "jsonl27", "--data", data)).Exits(0).Json().GetProperty("tasks").GetProperty("all_time").GetProperty("tasks_ok").GetInt32();
        (await OkAsync(box.Data)).ShouldBe(1);
        (await box.RunAsync("import", "jsonl27", "--events", own, "--data", box.PathOf("other"))).Exits(0);
        (await OkAsync(box.PathOf("other"))).ShouldBe(1);
    }
}

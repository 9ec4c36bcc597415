using System.Text.Json;
using Orchestrator.Conformance.Harness;
using Shouldly;
using Xunit;

namespace Orchestrator.Conformance.Cases;

/// <summary>What the due times to come will do, and how they look in a calendar.</summary>
public sealed class ScheduleForecastCases
{
    private const string Zoned = """
        name: nightly
        schedules:
          - {id: two, cron: '30 3 * * *', timezone: Europe/Helsinki}
          - {id: left, cron: '45 3 * * *', timezone: Europe/Helsinki, dst: {gap: skip, overlap: both}}
          - {id: poll, cron: '*/5 8-18 * * MON-FRI', timezone: Europe/Helsinki}
          - {id: off, cron: '@daily', enabled: false}
        tasks: [{id: a, noop: true}]

        """;

    [Fact(DisplayName = "SO30 a simulation predicts from past lengths what overlaps and what the rule makes of it; what is not known is said to be unknown")]
    public async Task Overlaps()
    {
        await using var box = Box();
        box.Write("workflows/slow.yaml", """
            name: slow
            schedules:
              - {id: skip, cron: '* * * * * *', overlap: skip}
              - {id: queue, cron: '@yearly', overlap: queue}
            tasks: [{id: a, run: 'sleep 2.5', pool: db}]

            """);
        box.Environment["Orchestrator__Pools__db"] = "1";
        var unknown = (await box.RunAsync("schedule", "simulate", "slow/skip", "--next", "10s", "--json")).Exits(0).Json();
        unknown.GetProperty("unknown").EnumerateArray().Select(u => u.GetString()).ShouldBe(["slow/skip"]);
        unknown.GetProperty("due_times").EnumerateArray().ShouldAllBe(d => d.Text("outcome") == "starts" && d.GetProperty("ends_at").ValueKind == JsonValueKind.Null);
        (await box.RunAsync("schedule", "simulate", "slow/skip", "--next", "10s")).Exits(0).Output.ShouldContain("unknown");

        await using var server = await Server.StartAsync(box);
        await Poll.UntilAsync(async () => (await box.RunAsync("runs", "--json")).JsonLines().Any(r => r.Text("status") == "completed"), "a length");
        var known = await server.GetAsync("/api/v1/schedules/simulation?workflow=slow&schedule=skip&from=1h&until=3610s");
        var due = known.GetProperty("due_times").EnumerateArray().ToList();
        due.Count.ShouldBe(10);
        due.Take(4).Select(d => d.Text("outcome")).ShouldBe(["starts", "skipped", "skipped", "starts"]);
        due[0].GetProperty("expected_ms").GetDouble().ShouldBeInRange(2_400, 3_000);
        due[1].Text("earlier_at").ShouldBe(due[0].Text("due_at"));
        (await server.AskAsync("/api/v1/schedules/simulation?from=2h&until=1h")).Status.ShouldBe(400);
        (await server.AskAsync("/api/v1/schedules/simulation?limit=0&until=soon")).Body.GetProperty("errors").GetArrayLength().ShouldBe(2);
        var text = (await box.RunAsync("schedule", "simulate", "slow/skip", "--from", "1h", "--next", "5s")).Exits(0).Output;
        text.ShouldContain("skipped, that of");
        text.ShouldContain("median of the last 20");
        (await box.RunAsync("schedule", "simulate", "--next", "7d", "--to", "8d")).Exits(2);
        (await box.RunAsync("schedule", "simulate", "slow/nope")).Exits(4);
    }

    [Fact(DisplayName = "SO31 a simulation says when more is asked for than there is, and which due times that are")]
    public async Task Shortage()
    {
        await using var box = Box();
        for (var i = 0; i < 3; i++)
            box.Write($"workflows/w{i}.yaml", $"name: w{i}\nschedules: [{{id: s, cron: '0 2 * * *'}}]\ntasks: [{{id: a, run: 'true', pool: db}}]\n");
        box.Environment["Orchestrator__Pools__db"] = "2";
        var page = (await box.RunAsync("schedule", "simulate", "w1", "--json")).Exits(0).Json();
        var shortage = page.GetProperty("shortages").EnumerateArray().Single();
        shortage.Text("limit").ShouldBe("pool db");
        (shortage.GetProperty("most").GetInt32(), shortage.GetProperty("size").GetInt32()).ShouldBe((3, 2));
        page.GetProperty("due_times").EnumerateArray().Single().GetProperty("exceeds").EnumerateArray().Single().GetString().ShouldBe("pool db");
        (await box.RunAsync("schedule", "simulate")).Output.ShouldContain("Too much at once: 3 pool db of 2");
        (await box.RunAsync("schedule", "simulate", "w2")).Output.ShouldContain("waits 1.0 s for pool db");
        var last = (await box.RunAsync("schedule", "simulate", "w2", "--json")).Exits(0).Json().GetProperty("due_times").EnumerateArray().Single();
        last.GetProperty("waits_for").EnumerateArray().Select(l => l.GetString()).ShouldBe(["pool db"]);
        last.GetProperty("starts_at").GetDateTimeOffset().ShouldBe(last.GetProperty("due_at").GetDateTimeOffset().AddSeconds(1));
        for (var i = 0; i < 3; i++)
            box.Write($"workflows/w{i}.yaml", $"name: w{i}\nconcurrency: {{group: 'load-${{{{ params.region }}}}', on_conflict: {(i == 2 ? "skip" : "queue")}}}\nparams: {{region: eu}}\nschedules: [{{id: s, cron: '0 2 * * *'}}]\ntasks: [{{id: a, run: 'true'}}]\n");
        (await box.RunAsync("schedule", "simulate")).Exits(0).Output.ShouldContain("ends at once, group load-eu is full");
    }

    [Fact(DisplayName = "SO32 a simulation marks what clocks that are set shift, leave out and repeat")]
    public async Task Clocks()
    {
        await using var box = Box(("nightly", Zoned));
        var (spring, autumn) = (await Effects("2027-03-27T12:00:00Z"), await Effects("2027-10-30T12:00:00Z"));
        spring.ShouldBe(["two shifted starts", "left left_out left_out"], ignoreOrder: true);
        autumn.ShouldBe(["two first_pass starts", "left first_pass starts", "left last_pass starts"]);
        (await box.RunAsync("schedule", "simulate", "nightly/left", "--from", "2027-03-27T12:00:00Z")).Output.ShouldContain("left out by the clocks");

        async Task<List<string>> Effects(string from) =>
            [.. (await box.RunAsync("schedule", "simulate", "--from", from, "--json")).Exits(0).Json().GetProperty("due_times").EnumerateArray()
                .Where(d => d.Text("schedule") != "poll").Select(d => $"{d.Text("schedule")} {d.Text("clock")} {d.Text("outcome")}")];
    }

    [Fact(DisplayName = "SO33 the calendar of a week is a grid within 80 columns with a letter for each schedule, its clock changes marked, the same beside a `serve` and over HTTP")]
    public async Task Calendar()
    {
        await using var box = Box(("nightly", Zoned));
        box.Environment["TZ"] = "UTC";
        var week = (await box.RunAsync("schedule", "calendar", "--from", "2027-03-26")).Exits(0).Output;
        week.Split('\n').ShouldAllBe(line => line.Length <= 80);
        week.ShouldNotContain("\e[");
        week.ShouldContain("* Sun 28 Mar: clocks forward 1 h");
        var rows = week.Split('\n').Where(l => l.Length > 2 && char.IsAsciiDigit(l[0]) && !l.Contains("March", StringComparison.Ordinal)).ToList();
        rows.Select(r => r.Split(' ')[0]).ShouldBe(["00-02", "03", "04", "05-07", "08-18", "19-23"]);
        rows[1].Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1).ShouldBe(["A:45", "C:30", "A:45", "C:30", "--", "A:45", "C:30", "A:45", "C:30", "A:45", "C:30", "A:45", "C:30"], ignoreOrder: true);
        rows[4].ShouldContain("Bx12");
        week.ShouldContain("C  nightly/two");
        week.ShouldNotContain("nightly/off");
        var json = (await box.RunAsync("schedule", "calendar", "--from", "2027-03-26", "--json")).Exits(0).Json();
        json.GetProperty("days").GetArrayLength().ShouldBe(7);
        json.GetProperty("cells").EnumerateArray().Where(c => c.Text("schedule") == "poll").Sum(c => c.GetProperty("count").GetInt32()).ShouldBe(5 * 11 * 12);
        var day = (await box.RunAsync("schedule", "calendar", "nightly/poll", "--day", "--from", "2027-03-26")).Exits(0).Output;
        day.ShouldContain("Friday 26 March 2027");
        day.ShouldContain("12 times to 08:55");
        day.ShouldContain("(06:00)");   // by the clock of this machine
        await using var server = await Server.StartAsync(box);
        (await server.GetAsync("/api/v1/schedules/calendar?from=2027-03-26")).ToString().ShouldBe(json.ToString());
        (await box.RunAsync("schedule", "calendar", "--from", "2027-03-26")).Output.ShouldBe(week);
        (await server.AskAsync("/api/v1/schedules/calendar?days=40&timezone=EST&from=today")).Status.ShouldBe(400);
        (await box.RunAsync("schedule", "calendar", "--timezone", "Nowhere/Land")).Exits(2);
        (await box.RunAsync("schedule", "calendar", "--day", "--week")).Exits(2);
    }

    private static Sandbox Box(params (string Name, string Text)[] workflows)
    {
        var box = new Sandbox("forecast");
        foreach (var (name, text) in workflows) box.Write($"workflows/{name}.yaml", text);
        box.Environment["Orchestrator__Workflows__Path"] = box.PathOf("workflows");
        return box;
    }
}

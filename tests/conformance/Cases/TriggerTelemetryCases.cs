using System.Text.Json;
using Orchestrator.Conformance.Harness;
using Shouldly;
using Xunit;

namespace Orchestrator.Conformance.Cases;

/// <summary>What triggers did, in metrics and in answers to why.</summary>
public sealed class TriggerTelemetryCases
{
    private const string Shop = """
        name: shop
        params: {day: {type: date, default: "2026-01-01"}}
        triggers:
          - {id: placed, event: placed, params: {day: "${{ default(trigger.event.data.day, '2026-01-01') }}"}}
          - {id: many, event: sold, batch: {max: 2, within: 1h}}
          - {id: off, enabled: false, event: "*"}
        tasks: [{id: a, noop: true}]

        """;

    [Fact(DisplayName = "TG17 deliveries are counted by trigger and outcome, refusals by reason; the counters agree with the ledgers, and an entry that is missing in either is a difference")]
    public async Task Counted()
    {
        await using var box = new Sandbox();
        box.Write("workflows/shop.yaml", Shop);
        await using var server = await Server.StartAsync(box);
        await PostAsync(server, "placed", "a");
        await PostAsync(server, "placed", "a");
        await PostAsync(server, "placed", "b", """{"day":"never"}""");
        for (var i = 0; i < 3; i++) await PostAsync(server, "sold", $"s{i}");
        (await server.PostAsync("/api/v1/events", new { })).Status.ShouldBe(400);
        await Poll.UntilAsync(async () => (await server.GetAsync("/api/v1/runs?status=completed")).GetProperty("runs").GetArrayLength() == 2, "two runs");
        await Poll.UntilAsync(async () => Value(await server.Http.GetStringAsync("/metrics"), "orchestrator_event_rejected_total", "orchestrator_reason=\"body\"") == 1, "the refusal");
        var page = await server.Http.GetStringAsync("/metrics");
        long Of(string trigger, string outcome) => Value(page, "orchestrator_trigger_deliveries_total", "cicd_pipeline_name=\"shop\"", $"orchestrator_trigger_id=\"{trigger}\"", $"orchestrator_trigger_outcome=\"{outcome}\"");
        (Of("placed", "fired"), Of("placed", "duplicate"), Of("placed", "rejected"), Of("many", "held"), Of("many", "fired")).ShouldBe((1, 1, 1, 3, 2));
        Value(page, "orchestrator_trigger_deliveries_total", "orchestrator_reason=\"params\"").ShouldBe(1);
        Value(page, "orchestrator_trigger_runs_total", "orchestrator_trigger_id=\"many\"").ShouldBe(1);
        var reconciled = await box.RunAsync("reconcile", "--json");
        reconciled.Exits(0);
        reconciled.Json().GetProperty("checks").EnumerateArray().Single(c => c.GetProperty("check").GetString() == "metrics").GetProperty("compared").GetInt64().ShouldBeGreaterThanOrEqualTo(5);
    }

    [Fact(DisplayName = "TG18 why says of a workflow what its triggers did last, what waits until when and what was refused, and of a schedule that all are paused, by whom and why")]
    [Trait("Program", "both")]
    public async Task Explained()
    {
        await using var box = new Sandbox();
        box.Environment["Orchestrator__Workflows__Path"] = box.PathOf("workflows");
        box.Write("workflows/shop.yaml", Shop);
        box.Write("workflows/tick.yaml", "name: tick\nschedules: [{id: fast, cron: '* * * * * *'}]\ntasks: [{id: a, noop: true}]\n");
        (await TriggersAsync(box)).Select(g => g.GetProperty("value").GetString()).ShouldBe(["none", "none", "disabled"]);
        await using (var server = await Server.StartAsync(box))
        {
            var run = (await PostAsync(server, "placed", "a")).GetProperty("events")[0].GetProperty("triggers")[0].GetProperty("run_id").GetString()!;
            await server.EndOfAsync(run);
            await PostAsync(server, "sold", "s1");
            var gates = await TriggersAsync(box);
            gates.Select(g => g.GetProperty("value").GetString()).ShouldBe(["fired", "held", "disabled"]);
            gates[0].GetProperty("sentence").GetString()!.ShouldContain(run);
            gates[1].GetProperty("sentence").GetString()!.ShouldContain("1 delivery waits");
            (await WhyAsync(box, "shop")).GetProperty("answer").GetString()!.ShouldContain(run);
            var fired = TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", System.Globalization.CultureInfo.InvariantCulture);
            await PostAsync(server, "placed", "b", """{"day":"never"}""");
            gates = await TriggersAsync(box);
            (gates[0].GetProperty("value").GetString(), gates[0].GetProperty("passes").GetBoolean()).ShouldBe(("rejected", false));
            gates[0].GetProperty("sentence").GetString()!.ShouldContain("(params)");
            (await TriggersAsync(box, "--at", fired))[0].GetProperty("value").GetString().ShouldBe("fired");
            await Poll.UntilAsync(async () => (await WhyAsync(box, "tick/fast")).GetProperty("status").GetString() == "waiting", "the schedule");
            (await box.RunAsync("schedule", "pause", "--all", "--reason", "upgrade")).Exits(0);
            JsonElement why = default;
            await Poll.UntilAsync(async () => (why = await WhyAsync(box, "tick/fast")).GetProperty("gates").EnumerateArray().Any(g => g.GetProperty("sentence").GetString()!.Contains("is decided when the pause of all schedules ends", StringComparison.Ordinal)), "a due time in the pause");
            why.GetProperty("status").GetString().ShouldBe("paused");
            why.GetProperty("answer").GetString()!.ShouldContain("All schedules have been paused since");
            why.GetProperty("answer").GetString()!.ShouldContain("upgrade");
            why.GetProperty("gates").EnumerateArray().Single(g => g.GetProperty("name").GetString() == "maintenance").GetProperty("passes").GetBoolean().ShouldBeFalse();
            (await box.RunAsync("why", "shop")).Exits(0).Output.Split('\n').ShouldAllBe(line => line.Length <= 80);
        }
    }

    private static async Task<List<JsonElement>> TriggersAsync(Sandbox box, params string[] more) =>
        [.. (await WhyAsync(box, "shop", more)).GetProperty("gates").EnumerateArray().Where(g => g.GetProperty("name").GetString() == "trigger")];

    private static async Task<JsonElement> WhyAsync(Sandbox box, string subject, params string[] more) => (await box.RunAsync(["why", subject, "--json", .. more])).Exits(0).Json();

    private static async Task<JsonElement> PostAsync(Server server, string type, string id, string data = "{}")
    {
        var (status, body) = await server.PostAsync("/api/v1/events", new { type, id, data = JsonElement.Parse(data) });
        status.ShouldBeOneOf(200, 202);
        return body;
    }

    private static long Value(string page, string name, params string[] labels) => page.Split('\n').Where(l => l.StartsWith(name + "{", StringComparison.Ordinal) && labels.All(label => l.Contains(label, StringComparison.Ordinal)))
        .Sum(l => long.Parse(l.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture));
}

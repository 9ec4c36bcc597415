using System.Numerics;
using System.Text;
using System.Text.Json;
using Orchestrator.Conformance.Harness;
using Shouldly;
using Xunit;

namespace Orchestrator.Conformance.Cases;

/// <summary>What values are taken at the entrances, and that what is taken can be read for ever.</summary>
public sealed class ValueCases
{
    private const string Half = "\\ud800";

    private const string Flow = """
        name: flow
        params: {list: {type: list, default: []}, text: {type: string, default: ""}}
        outputs: {list: "${{ params.list }}"}
        tasks:
          - {id: each, foreach: {items: "${{ params.list }}"}, noop: true}
          - {id: out, env: {V: "${{ to_json(params.list) }}"}, run: 'printf "{\"v\":%s}\n" "$V" >> "$ORCHESTRATOR_OUTPUT"'}
        """;

    private const string Waits = """
        name: waits
        tasks:
          - {id: w, wait: {event: go}}
          - {id: q, approval: {prompt: "Go on?", fields: {note: {type: string, required: true}}}}
        """;

    private static string Nested(int depth) => new string('[', depth) + new string(']', depth);

    private static async Task<(int Status, string Body)> PostAsync(Server server, string path, string json, string? key = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(json, Encoding.UTF8, "application/json") };
        if (key is not null) request.Headers.Add("Idempotency-Key", key);
        using var answer = await server.Http.SendAsync(request);
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    [Fact(DisplayName = "VA01 a value may be nested 64 levels deep: it is read back everywhere and after a restart; one level more is refused by name")]
    public async Task Depth()
    {
        await using var box = new Sandbox();
        var flow = box.Write("workflows/flow.yaml", Flow);
        string run;
        await using (var server = await Server.StartAsync(box))
        {
            var refused = await PostAsync(server, "/api/v1/workflows/flow/runs", $"{{\"params\":{{\"list\":{Nested(65)}}}}}");
            (refused.Status, refused.Body.Contains("list", StringComparison.Ordinal), refused.Body.Contains("64 levels", StringComparison.Ordinal)).ShouldBe((422, true, true), refused.Body);
            (await PostAsync(server, "/api/v1/workflows/flow/runs", $"{{\"params\":{{\"list\":{Nested(5000)}}}}}")).Status.ShouldBe(400);
            var taken = await PostAsync(server, "/api/v1/workflows/flow/runs", $"{{\"params\":{{\"list\":{Nested(64)}}}}}");
            taken.Status.ShouldBe(202, taken.Body);
            run = JsonDocument.Parse(taken.Body).RootElement.GetProperty("run_id").GetString()!;
            (await server.EndOfAsync(run)).ShouldBe("completed");
            (await server.GetAsync("/api/v1/runs")).GetProperty("runs").GetArrayLength().ShouldBe(1);
        }
        await using (var server = await Server.StartAsync(box))
        {
            var view = JsonDocument.Parse(await server.Http.GetStringAsync($"/api/v1/runs/{run}"), new() { MaxDepth = 128 }).RootElement;
            view.GetProperty("params").GetProperty("list").GetRawText().ShouldBe(Nested(64));
            view.GetProperty("outputs").GetProperty("list").GetRawText().ShouldBe(Nested(64));
            view.GetProperty("tasks").GetProperty("out").GetProperty("outputs").GetProperty("v").GetRawText().ShouldBe(Nested(64));
        }
        (await box.RunAsync("runs")).Exits(0).Output.ShouldContain("completed");
        (await box.RunAsync("reconcile")).Exits(0);
        (await box.RunAsync("run", flow, "--param", $"list={Nested(65)}")).Refuses(2, "list", "64 levels");
        (await box.RunAsync("run", flow, "--param", $"list={Nested(64)}")).Exits(0);
    }

    [Fact(DisplayName = "VA02 half of a surrogate pair in a body is 400 with its place; the run it was for goes on and can be cancelled")]
    public async Task HalfPairs()
    {
        await using var box = new Sandbox();
        box.Write("workflows/flow.yaml", Flow);
        box.Write("workflows/waits.yaml", Waits);
        await using var server = await Server.StartAsync(box);
        foreach (var (body, place) in new[] { ($"{{\"params\":{{\"text\":\"a{Half}\"}}}}", "params.text"), ($"{{\"params\":{{\"list\":[1,\"{Half}\"]}}}}", "params.list[1]"), ($"{{\"requested_by\":\"{Half}\"}}", "requested_by") })
            foreach (var key in new[] { null, "key-1" })
            {
                var refused = await PostAsync(server, "/api/v1/workflows/flow/runs", body, key);
                refused.Status.ShouldBe(400, refused.Body);
                refused.Body.ShouldContain(place);
            }
        var run = await server.SubmitAsync("waits");
        await server.StatusAsync(run, "paused");
        (await PostAsync(server, $"/api/v1/runs/{run}/signals/go", $"{{\"values\":{{\"v\":\"{Half}\"}}}}")).ShouldSatisfyAllConditions(a => a.Status.ShouldBe(400), a => a.Body.ShouldContain("values.v"));
        (await PostAsync(server, $"/api/v1/runs/{run}/signals/go", $"{{\"values\":{{\"{Half}\":1}}}}")).Status.ShouldBe(400);
        (await PostAsync(server, $"/api/v1/runs/{run}/signals/go", $"{{\"values\":{{\"v\":{Nested(65)}}}}}")).ShouldSatisfyAllConditions(a => a.Status.ShouldBe(422), a => a.Body.ShouldContain("64 levels"));
        (await PostAsync(server, $"/api/v1/runs/{run}/approvals/q", $"{{\"decision\":\"approve\",\"values\":{{\"note\":\"{Half}\"}}}}")).Status.ShouldBe(400);
        (await PostAsync(server, $"/api/v1/runs/{run}/approvals/q", $"{{\"decision\":\"reject\",\"comment\":\"{Half}\"}}")).Status.ShouldBe(400);
        (await PostAsync(server, $"/api/v1/runs/{run}/signals/go", "{\"values\":{\"v\":\"\\ud83d\\ude00\"}}")).Status.ShouldBe(200);
        (await box.RunAsync("cancel", run)).Exits(0);
        (await server.EndOfAsync(run)).ShouldBe("cancelled");
        (await box.RunAsync("reconcile")).Exits(0);
    }

    [Fact(DisplayName = "VA03 results nested too deep fail their task as output_limit, results that are no text as error; the journal can be read")]
    public async Task Results()
    {
        await using var box = new Sandbox();
        var flow = box.Workflow("""
            name: x
            fail_fast: false
            tasks:
              - {id: file, env: {V: "%D"}, run: 'printf "{\"v\":%s}\n" "$V" >> "$ORCHESTRATOR_OUTPUT"'}
              - {id: line, env: {V: "%D"}, outputs: stdout_json, run: 'printf "{\"v\":%s}\n" "$V"'}
              - {id: half, run: 'echo "{\"v\":\"\\ud800\"}" >> "$ORCHESTRATOR_OUTPUT"'}
              - {id: text, outputs: stdout_json, run: 'echo "{\"v\":\"\\ud800\"}"'}
              - {id: made, env: {V: "%D"}, transform: {v: "${{ [params.deep] }}"}, noop: true}
            params: {deep: {type: list, default: %E}}
            """.Replace("%D", Nested(65), StringComparison.Ordinal).Replace("%E", Nested(50), StringComparison.Ordinal));
        var (finished, json) = await box.RunJsonAsync(flow);
        finished.ExitCode.ShouldBe(1);
        foreach (var (task, word) in new[] { ("file", "64 levels"), ("line", "64 levels"), ("half", "surrogate"), ("text", "surrogate") })
        {
            var of = json.GetProperty("tasks").GetProperty(task);
            (task, of.GetProperty("status").GetString()).ShouldBe((task, "failed"));
            of.GetProperty("error").GetString().ShouldNotBeNull().ShouldContain(word);
        }
        var id = json.GetProperty("run_id").GetString()!;
        var failed = (await box.EventsAsync(id)).Of("task.failed").ToDictionary(e => e.Text("task")!, e => e.Data().Text("kind"));
        (failed["file"], failed["line"], failed["half"], failed["text"]).ShouldBe(("output_limit", "output_limit", "error", "error"));
        (await box.RunAsync("runs")).Exits(0);
    }

    [Fact(DisplayName = "VA04 an event that cannot be read costs its own run only: lists, serve and every other run go on and name file and byte")]
    public async Task Unreadable()
    {
        await using var box = new Sandbox();
        box.Write("workflows/flow.yaml", Flow);
        var flow = box.PathOf("workflows/flow.yaml");
        var (_, bad) = await box.RunJsonAsync(flow);
        var (_, good) = await box.RunJsonAsync(flow);
        var (id, other) = (bad.GetProperty("run_id").GetString()!, good.GetProperty("run_id").GetString()!);
        var archive = Path.Combine(box.RunFolder(id), "events.jsonl");
        var lines = File.ReadAllLines(archive);
        var at = Array.FindIndex(lines, l => l.Contains("\"task.completed\"", StringComparison.Ordinal));
        var body = lines[at][..lines[at].LastIndexOf(",\"c\":", StringComparison.Ordinal)].Replace("\"data\":{", $"\"data\":{{\"outputs\":{{\"v\":{Nested(600)}}},", StringComparison.Ordinal);
        lines[at] = $"{body},\"c\":\"{Crc(Encoding.UTF8.GetBytes(body)):x8}\"}}";
        File.WriteAllText(archive, string.Join('\n', lines) + "\n");

        (await box.RunAsync("runs")).ShouldSatisfyAllConditions(r => r.Output.ShouldContain(other), r => r.Output.ShouldContain(id));
        var shown = await box.RunAsync("show", id, "--json");
        shown.Output.ShouldContain("damage");
        shown.Output.ShouldContain($"at byte {Encoding.UTF8.GetByteCount(string.Join('\n', lines[..at]) + "\n")}");
        (await box.RunAsync("show", other)).Exits(0).Output.ShouldContain("completed");
        (await box.RunAsync("reconcile")).ShouldSatisfyAllConditions(r => r.ExitCode.ShouldNotBe(0), r => (r.Output + r.Errors).ShouldContain("events.jsonl"));
        await using var server = await Server.StartAsync(box);
        (await server.GetAsync("/api/v1/runs")).GetProperty("runs").GetArrayLength().ShouldBe(2);
        (await server.GetAsync($"/api/v1/runs/{id}")).GetProperty("damage").GetString().ShouldNotBeNull().ShouldContain("events.jsonl");
        var run = await server.SubmitAsync("flow");
        (await server.EndOfAsync(run)).ShouldBe("completed");
    }

    private static uint Crc(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var b in bytes) crc = BitOperations.Crc32C(crc, b);
        return ~crc;
    }
}

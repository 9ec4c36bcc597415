using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Orchestrator.Conformance.Harness;
using Shouldly;
using Xunit;

namespace Orchestrator.Conformance.Cases;

/// <summary>Events that start runs: posted ones in every shape, and this program's own.</summary>
public sealed class EventTriggerCases
{
    private const string Shop = """
        name: shop
        params: {order: none, by: none}
        triggers:
          - {id: placed, event: com.acme.order.*, params: {order: "${{ trigger.event.data.order }}", by: "${{ trigger.event.source }} ${{ trigger.event.type }}"}}
          - {id: eu, event: {type: com.acme.order.placed, source: "/shop/eu*"}, params: {order: "${{ trigger.event.data.order }}"}}
          - {id: many, event: com.acme.item.*, batch: {max: 3, within: 1s}, params: {order: "${{ trigger.count }} ${{ trigger.batch[0].event.id }}"}}
          - {id: off, enabled: false, event: "*"}
        tasks: [{id: a, noop: true}]

        """;

    [Fact(DisplayName = "TG09 an event posted structured, binary, in a batch or as plain JSON starts the runs that wait for it, once each; posted again it is answered with them")]
    public async Task Posted()
    {
        await using var box = Box();
        await using (var server = await Server.StartAsync(box))
        {
            var (status, first) = await PostAsync(server, Event("A-1", "/shop/eu/7"), "application/cloudevents+json");
            status.ShouldBe(202, first.ToString());
            var taken = Taken(first);
            taken.Select(t => (t.Trigger, t.Status)).ShouldBe([("placed", "fired"), ("eu", "fired")]);
            var (again, second) = await PostAsync(server, Event("A-1", "/shop/eu/7"), "application/cloudevents+json");
            again.ShouldBe(200);
            Taken(second).ShouldBe(taken.Select(t => t with { Status = "duplicate" }));
            (await PostAsync(server, Event("A-1", "/shop/us"), "application/cloudevents+json")).Status.ShouldBe(202, "another source is another event");
            (await PostAsync(server, """{"order":"B-1"}""", "application/json", ("ce-specversion", "1.0"), ("ce-id", "B-1"), ("ce-source", "/shop"), ("ce-type", "com.acme.order.paid"))).Status.ShouldBe(202);
            (await PostAsync(server, $"[{Event("C-1", "/shop")},{Event("C-2", "/shop")},{Event("C-1", "/shop")}]", "application/cloudevents-batch+json")).Body.GetProperty("events").EnumerateArray()
                .Select(e => e.GetProperty("triggers")[0].GetProperty("status").GetString()).ShouldBe(["fired", "fired", "duplicate"]);
            (await PostAsync(server, """{"type":"com.acme.order.plain","data":{"order":"D-1"}}""", "application/json")).Status.ShouldBe(202);
            var (none, nothing) = await PostAsync(server, """{"type":"com.acme.other"}""", "application/json");
            (none, nothing.GetProperty("events")[0].GetProperty("triggers").GetArrayLength()).ShouldBe((202, 0));
            for (var i = 1; i <= 4; i++) (await PostAsync(server, $$"""{"type":"com.acme.item.sold","id":"i{{i}}"}""", "application/json")).Status.ShouldBe(202);
            await CompletedAsync(server, "shop", 9);
            await StopAsync(server);
        }
        (await ParamsAsync(box)).ShouldBe(["A-1 /shop/eu/7 com.acme.order.placed", "A-1 none", "A-1 /shop/us com.acme.order.placed", "B-1 /shop com.acme.order.paid", "C-1 /shop com.acme.order.placed",
            "C-2 /shop com.acme.order.placed", "D-1 api com.acme.order.plain", "3 i1 none", "1 i4 none"], ignoreOrder: true);
        (await box.RunAsync("reconcile")).Exits(0);
    }

    [Fact(DisplayName = "TG10 what is no event is 400 or 415 and says why, a large body 413, a flood 429, parameters that do not fit are an answer; each is recorded, and none starts a run")]
    public async Task Refused()
    {
        await using var box = Box();
        await using (var server = await Server.StartAsync(box))
        {
            var (status, problem) = await PostAsync(server, """{"specversion":"0.3","source":"/shop","type":"a"}""", "application/cloudevents+json");
            status.ShouldBe(400);
            problem.GetProperty("code").GetString().ShouldBe("event_body");
            problem.GetProperty("errors").EnumerateArray().Select(e => e.GetString()).ShouldBe(["'specversion' is '0.3'; only 1.0 is supported.", "'id' is missing."]);
            (await PostAsync(server, "{", "application/json")).Status.ShouldBe(400);
            (await PostAsync(server, $"[{Event("A-1", "/shop")},{{}}]", "application/cloudevents-batch+json")).Status.ShouldBe(400, "all or none");
            (await PostAsync(server, "{}", "application/cloudevents+avro")).Status.ShouldBe(415);
            (await PostAsync(server, """{"type":"task.failed","source":"orchestrator.load"}""", "application/json")).Status.ShouldBe(400, "nobody else speaks for the program");
            (await PostAsync(server, $$"""{"type":"a","data":"{{new string('x', 1 << 20)}}"}""", "application/json")).Status.ShouldBe(413);
            var (unfit, answer) = await PostAsync(server, """{"type":"com.acme.order.placed","id":"u","data":{}}""", "application/json");
            (unfit, Taken(answer).Single().Status).ShouldBe((202, "rejected"));
            answer.GetProperty("events")[0].GetProperty("triggers")[0].GetProperty("reason").GetString().ShouldBe("params");
            var flood = 0;
            await Poll.UntilAsync(async () =>
            {
                var statuses = await Task.WhenAll(Enumerable.Range(0, 100).Select(async _ => (await PostAsync(server, """{"type":"nobody.waits"}""", "application/json")).Status));
                flood += statuses.Count(s => s == 429);
                return flood > 0;
            }, "429");
            (await server.GetAsync("/api/v1/runs")).GetProperty("runs").GetArrayLength().ShouldBe(0);
            await StopAsync(server);
            var told = (await box.RunAsync("events", "--json")).JsonLines().Where(e => e.GetProperty("type").GetString() == "event.rejected").Select(e => e.GetProperty("data")).ToList();
            int Count(string reason) => told.Where(e => e.GetProperty("reason").GetString() == reason).Sum(e => e.TryGetProperty("count", out var n) && n.ValueKind == JsonValueKind.Number ? n.GetInt32() : 1);
            (Count("body"), Count("too_large"), Count("flood")).ShouldBe((4, 1, flood));
        }
        (await box.RunAsync("triggers", "history", "shop/placed")).Exits(0).Output.ShouldContain("params");
        (await box.RunAsync("reconcile")).Exits(0);
    }

    [Fact(DisplayName = "TG11 the run is below the trace that the event carries, else the request's, has its correlation id, and its cause is the entry of the ledger")]
    public async Task Traced()
    {
        await using var box = Box();
        await using var server = await Server.StartAsync(box);
        const string Carried = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", Request = "00-1bf7651916cd43dd8448eb211c80319d-c7ad6b7169203332-01";
        var own = Taken((await PostAsync(server, Event("A-1", "/shop", $"\"traceparent\":\"{Carried}\",\"correlationid\":\"order-7\","), "application/cloudevents+json", ("traceparent", Request), ("X-Correlation-Id", "request-1"))).Body).Single().RunId!;
        var sent = Taken((await PostAsync(server, Event("A-2", "/shop"), "application/cloudevents+json", ("traceparent", Request), ("X-Correlation-Id", "request-1"))).Body).Single().RunId!;
        foreach (var (run, trace, correlation) in new[] { (own, Carried[3..35], "order-7"), (sent, Request[3..35], "request-1") })
        {
            await server.EndOfAsync(run);
            (await server.TraceOfAsync(run)).ShouldBe(trace);
            var events = await box.EventsAsync(run);
            events.ShouldAllBe(e => e.GetProperty("correlation_id").GetString() == correlation);
            var fired = (await box.RunAsync("events", "--json")).JsonLines().Single(e => e.GetProperty("type").GetString() == "trigger.fired" && e.GetProperty("run_id").GetString() == run);
            events[0].GetProperty("causation_id").GetString().ShouldBe(fired.GetProperty("event_id").GetString());
        }
    }

    [Fact(DisplayName = "TG12 an event that was answered has its runs after a kill, and once; one that waits in a batch too")]
    public async Task Killed()
    {
        await using var box = Box();
        var ids = new List<string>();
        await using (var server = await Server.StartAsync(box))
        {
            for (var i = 0; i < 20; i++) ids.Add(Taken((await PostAsync(server, Event($"A-{i}", "/shop"), "application/cloudevents+json")).Body).Single().RunId!);
            (await PostAsync(server, """{"type":"com.acme.item.sold","id":"i1"}""", "application/json")).Status.ShouldBe(202);
            server.Process.Signal(9);
            await server.Process.EndAsync();
        }
        await using (var server = await Server.StartAsync(box))
        {
            foreach (var id in ids) (await server.EndOfAsync(id)).ShouldBe("completed");
            Taken((await PostAsync(server, Event("A-0", "/shop"), "application/cloudevents+json")).Body).Single().RunId.ShouldBe(ids[0]);
            await CompletedAsync(server, "shop", 21);
            await StopAsync(server);
        }
        (await box.RunAsync("reconcile")).Exits(0);
    }

    [Fact(DisplayName = "TG13 an event of this program starts runs of other workflows, with its correlation and a link to its trace, also one told while nobody served; two that wait for each other's events stop, which is recorded")]
    public async Task Own()
    {
        await using var box = new Sandbox();
        box.Write("workflows/load.yaml", "name: load\ntasks: [{id: a, run: exit 3}]\n");
        foreach (var name in (string[])["mail", "chat"])
            box.Write($"workflows/{name}.yaml", $$$"""
                name: {{{name}}}
                params: {why: none}
                triggers: [{id: broken, event: {type: task.failed, source: orchestrator.*}, params: {why: "${{ trigger.event.workflow }}/${{ trigger.event.task }} ${{ trigger.event.data.exit_code }}"}}]
                tasks: [{id: tell, run: exit 4}]

                """);
        string load;
        await using (var server = await Server.StartAsync(box))
        {
            load = await server.SubmitAsync("load");
            await EndedAsync(server, 5);
            await Poll.UntilAsync(async () => (await LedgerAsync(box)).Count(e => e.Type == "trigger.rejected") >= 2, "the loop's end");
            server.Process.Signal(9);
            await server.Process.EndAsync();
        }
        (await box.RunAsync("run", box.PathOf("workflows/load.yaml"))).ExitCode.ShouldNotBe(0);
        await using (var server = await Server.StartAsync(box))
        {
            await EndedAsync(server, 10);
            await StopAsync(server);
        }
        (await box.RunAsync("reconcile")).Exits(0);
        var runs = (await box.RunAsync("runs", "--json")).JsonLines();
        runs.Count.ShouldBe(10, "load, mail, chat, mail of chat, chat of mail; twice");
        var entries = await LedgerAsync(box);
        entries.Where(e => e.Type == "trigger.rejected").ShouldAllBe(e => e.Data.GetProperty("reason").GetString() == "loop");
        entries.Where(e => e.Type == "trigger.fired").Select(e => e.Data.GetProperty("params").GetProperty("why").GetString()).Distinct().ShouldBe(["load/a 3", "mail/tell 4", "chat/tell 4"], ignoreOrder: true);
        var first = runs.First(r => r.GetProperty("workflow").GetString() == "mail").GetProperty("run_id").GetString()!;
        var created = (await box.EventsAsync(first))[0];
        created.GetProperty("data").GetProperty("chain").EnumerateArray().Select(c => c.GetString()).ShouldContain("load");
        var all = (await Task.WhenAll(runs.Select(async r => (await box.EventsAsync(r.GetProperty("run_id").GetString()!))[0]))).ToList();
        all.Count(e => e.GetProperty("correlation_id").GetString() == load).ShouldBe(5);
        all.Single(e => e.GetProperty("correlation_id").GetString() == load && e.GetProperty("workflow").GetString() == "mail" && e.GetProperty("data").GetProperty("chain").GetArrayLength() == 1)
            .GetProperty("data").GetProperty("links").ToString().ShouldContain(load.Replace("-", "", StringComparison.Ordinal));
    }

    private static Task EndedAsync(Server server, int runs) => Poll.UntilAsync(async () =>
        (await server.GetAsync("/api/v1/runs?limit=500")).GetProperty("runs").EnumerateArray().Count(r => r.GetProperty("status").GetString() == "failed") == runs, $"{runs} runs");

    private static Task CompletedAsync(Server server, string workflow, int runs) => Poll.UntilAsync(async () =>
        (await server.GetAsync($"/api/v1/runs?workflow={workflow}&status=completed&limit=500")).GetProperty("runs").GetArrayLength() == runs, $"{runs} runs of {workflow}");

    private static async Task StopAsync(Server server)
    {
        server.Process.Signal(15);
        (await server.Process.EndAsync()).Exits(0);
    }

    private static Sandbox Box([System.Runtime.CompilerServices.CallerMemberName] string name = "")
    {
        var box = new Sandbox(name);
        box.Write("workflows/shop.yaml", Shop);
        return box;
    }

    private static string Event(string id, string source, string more = "") =>
        $$$"""{"specversion":"1.0","id":"{{{id}}}","source":"{{{source}}}","type":"com.acme.order.placed",{{{more}}}"data":{"order":"{{{id}}}"}}""";

    private static async Task<(int Status, JsonElement Body)> PostAsync(Server server, string body, string type, params (string Name, string Value)[] headers)
    {
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/events") { Content = content };
        request.Headers.ExpectContinue = body.Length > 1 << 20;   // the answer comes before the body
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        using var answer = await server.Http.SendAsync(request);
        return ((int)answer.StatusCode, await answer.Content.ReadFromJsonAsync<JsonElement>());
    }

    private static List<Started> Taken(JsonElement answer) => [.. answer.GetProperty("events")[0].GetProperty("triggers").EnumerateArray()
        .Select(t => new Started(t.GetProperty("trigger").GetString()!, t.GetProperty("status").GetString()!, t.GetProperty("run_id").GetString()))];

    private static async Task<List<string>> ParamsAsync(Sandbox box) => [.. (await LedgerAsync(box)).Where(e => e.Type == "trigger.fired").Select(e => e.Data.GetProperty("params"))
        .Select(p => $"{p.GetProperty("order").GetString()} {p.GetProperty("by").GetString()}")];

    private static async Task<List<(string Type, JsonElement Data)>> LedgerAsync(Sandbox box) =>
        [.. (await box.RunAsync("journal", "export")).JsonLines().Where(e => e.GetProperty("stream").GetString()!.StartsWith("trigger:", StringComparison.Ordinal))
            .Select(e => (e.GetProperty("type").GetString()!, e.GetProperty("data")))];

    private sealed record Started(string Trigger, string Status, string? RunId);
}

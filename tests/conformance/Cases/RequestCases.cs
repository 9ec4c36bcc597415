using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Orchestrator.Conformance.Harness;
using Shouldly;
using Xunit;

namespace Orchestrator.Conformance.Cases;

/// <summary>Requests that nobody should send, and what the API makes of them.</summary>
public sealed class RequestCases
{
    private const string Quick = "name: quick\nparams: {n: {type: string, default: one}}\ntasks: [{id: a, noop: true}]\n";
    private const string Asking = "name: asking\ntasks: [{id: ask, approval: {prompt: 'Go on?'}}]\n";

    [Fact(DisplayName = "A13 a query parameter that an endpoint does not have is named, with the one that was meant")]
    public async Task UnknownQuery()
    {
        await using var box = new Sandbox();
        await using var server = await Server.StartAsync(box);
        foreach (var (path, said) in ((string, string)[])
        [
            ("/api/v1/runs?limt=5", "Did you mean 'limit'?"), ("/api/v1/runs?limit=5&limit=6", "2 times"), ("/api/v1/workflows?all=1", "takes no query parameters"),
            ("/api/v1/events/stream?type=x", "Did you mean 'types'?"), ("/api/v1/approvals?x", "no query parameters"),
        ])
        {
            var (status, problem) = await server.AskAsync(path);
            status.ShouldBe(400, path);
            problem.GetProperty("code").GetString().ShouldBe("bad_query");
            problem.GetProperty("errors").ToString().ShouldContain(said);
        }
    }

    [Fact(DisplayName = "A14 a wrong method is 405 with the right ones, and HEAD answers what GET would")]
    public async Task Methods()
    {
        await using var box = new Sandbox();
        box.Write("workflows/quick.yaml", Quick);
        await using var server = await Server.StartAsync(box);
        var run = await server.SubmitAsync("quick");
        (await server.EndOfAsync(run)).ShouldBe("completed");
        foreach (var (method, path, allowed) in ((string, string, string)[])
        [
            ("DELETE", "/api/v1/runs", "GET"), ("PUT", "/api/v1/workflows/quick/runs", "POST"), ("PATCH", "/healthz", "GET"), ("GET", $"/api/v1/runs/{run}/cancel", "POST"),
        ])
        {
            using var answer = await server.Http.SendAsync(new(new(method), path));
            answer.StatusCode.ShouldBe(HttpStatusCode.MethodNotAllowed, $"{method} {path}");
            answer.Content.Headers.Allow.ShouldContain(allowed);
            (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("code").GetString().ShouldBe("method_not_allowed");
        }
        foreach (var path in (string[])["/healthz", "/readyz", "/metrics", "/openapi/v1.json", "/api/v1/runs", $"/api/v1/runs/{run}", $"/api/v1/runs/{run}/events", "/api/v1/workflows", "/api/v1/events/stream"])
        {
            using var head = await server.Http.SendAsync(new(HttpMethod.Head, path));
            head.StatusCode.ShouldBe(HttpStatusCode.OK, path);
            head.Content.Headers.ContentType.ShouldNotBeNull(path);
            (await head.Content.ReadAsByteArrayAsync()).ShouldBeEmpty();
        }
        using var nothing = await server.Http.GetAsync("/api/v1/nothing");
        (nothing.StatusCode, nothing.Content.Headers.ContentType!.MediaType).ShouldBe((HttpStatusCode.NotFound, "application/problem+json"));
    }

    [Fact(DisplayName = "A15 a body that is no text, no JSON or not what an endpoint takes is 400 in plain words, and nothing is started")]
    public async Task Bodies()
    {
        await using var box = new Sandbox();
        box.Write("workflows/quick.yaml", Quick);
        box.Write("workflows/asking.yaml", Asking);
        await using var server = await Server.StartAsync(box);
        var asking = await server.SubmitAsync("asking");
        await Poll.UntilAsync(async () => (await server.GetAsync("/api/v1/approvals")).GetProperty("approvals").GetArrayLength() == 1, "the question");
        foreach (var path in (string[])["/api/v1/workflows/quick/runs", $"/api/v1/runs/{asking}/cancel", $"/api/v1/runs/{asking}/approvals/ask", $"/api/v1/runs/{asking}/signals/go", $"/api/v1/runs/{asking}/retry"])
            foreach (var body in (byte[][])
            [
                [.. "{\"requested_by\":\"\\ud800\"}"u8], [.. "{\"\\udfff\":1}"u8], [.. "{\"x\":\"\xff"u8.ToArray()[..6], 0xff, .. "\"}"u8], [.. "{\"a\":"u8], [.. "[1]"u8], [.. "\"text\""u8],
                [.. "{\"nonsense\":1}"u8], [.. "{}{}"u8],
            ])
                (await StatusAsync(path, body)).ShouldBe(400, $"{path} {Encoding.Latin1.GetString(body)}");
        (await StatusAsync("/api/v1/workflows/quick/runs", "{\"links\":[null]}"u8.ToArray())).ShouldBe(422);
        (await StatusAsync("/api/v1/workflows/quick/runs", "{\"params\":[]}"u8.ToArray())).ShouldBe(400);
        (await StatusAsync("/api/v1/workflows/quick/runs", "{\"params\":null,\"links\":null}"u8.ToArray())).ShouldBe(202);
        var runs = (await server.GetAsync("/api/v1/runs")).GetProperty("runs").EnumerateArray().Select(r => r.Text("workflow")).ToList();
        runs.Count(w => w == "quick").ShouldBe(1);
        (await server.GetAsync("/api/v1/approvals")).GetProperty("approvals").GetArrayLength().ShouldBe(1, "the question is still open");

        async Task<int> StatusAsync(string path, byte[] body)
        {
            using var content = new ByteArrayContent(body) { Headers = { ContentType = new("application/json") } };
            using var answer = await server.Http.PostAsync(path, content);
            var text = await answer.Content.ReadAsStringAsync();
            foreach (var leak in (string[])["Orchestrator.Worker", "Orchestrator.AspNetCore", "System.", "LineNumber", "BytePosition", ".NET"]) text.ShouldNotContain(leak);
            return (int)answer.StatusCode;
        }
    }

    [Fact(DisplayName = "A16 what a caller writes forges no line of the log and moves no cursor of a terminal")]
    public async Task ControlCharacters()
    {
        await using var box = new Sandbox();
        box.Write("workflows/asking.yaml", Asking);
        await using var server = await Server.StartAsync(box);
        (await server.Http.GetAsync("/x%0a2026-01-01%2000:00:00.000%20+00:00%20[INF]%20forged%1b[31m%e2%80%a8y%c2%85z")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await server.Http.GetAsync("/api/v1/runs/%0d%0aforged")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        var run = await server.SubmitAsync("asking");
        await Poll.UntilAsync(async () => (await server.GetAsync("/api/v1/approvals")).GetProperty("approvals").GetArrayLength() == 1, "the question");
        using var answer = await server.Http.PostAsJsonAsync($"/api/v1/runs/{run}/approvals/ask", new { decision = "reject", by = "eve\nforged\u001b[31m", comment = "no\r\nforged \u001b]0;title\u0007 \u202egnp" });
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await server.EndOfAsync(run)).ShouldBe("failed");
        var texts = new List<string> { server.Process.Errors };
        foreach (var verb in (string[][])[["show", run], ["events", run], ["runs"], ["logs", run], ["approve"]]) texts.Add((await box.RunAsync(verb)).ToString());
        foreach (var text in texts)
        {
            text.Split('\n').ShouldAllBe(line => !line.TrimStart('\r').StartsWith("forged", StringComparison.Ordinal) && !line.StartsWith("2026-01-01", StringComparison.Ordinal));
            // Events are JSON, whose strings hold what turns the direction of writing as it is.
            text.Where(c => c is not '\n' && (char.IsControl(c) || c is '\u2028' or '\u202e' && !text.Contains("\"specversion\"", StringComparison.Ordinal))).ShouldBeEmpty(text);
        }
        (await box.RunAsync("show", "x\u001b[31m\r\ny")).ToString().Where(c => c is not '\n' && char.IsControl(c)).ShouldBeEmpty();
        server.Process.Errors.ShouldContain("\\n2026-01-01 00:00:00.000 +00:00 [INF] forged\\x1B[31m");
    }

    [Theory(DisplayName = "A18 why a run was cancelled is in its events, its view and its report, asked for by API, beside serve and without one")]
    [InlineData("api")]
    [InlineData("serve")]
    [InlineData("run")]
    public async Task CancelReason(string way)
    {
        await using var box = new Sandbox();
        box.Write("workflows/long.yaml", "name: long\ntasks: [{id: a, run: 'sleep 300'}]\n");
        string run;
        if (way == "run")
        {
            await using var running = box.Start("run", box.PathOf("workflows/long.yaml"));
            run = "";
            await Poll.UntilAsync(async () => (run = (await box.RunAsync("runs", "--json")).JsonLines().Select(r => r.Text("run_id")).FirstOrDefault() ?? "").Length > 0, "the run");
            (await box.RunAsync("cancel", run, "--reason", "wrong day")).Exits(0);
            (await running.EndAsync()).Exits(3);
        }
        else
        {
            await using var server = await Server.StartAsync(box);
            run = await server.SubmitAsync("long");
            if (way == "serve") (await box.RunAsync("cancel", run, "--reason", "wrong day")).Exits(0);
            else
            {
                (await server.Http.PostAsJsonAsync($"/api/v1/runs/{run}/cancel", new { reason = new string('x', 501) })).StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
                (await server.Http.PostAsJsonAsync($"/api/v1/runs/{run}/cancel", new { reason = "wrong day", requested_by = "ada" })).StatusCode.ShouldBe(HttpStatusCode.Accepted);
            }
            (await server.EndOfAsync(run)).ShouldBe("cancelled");
            var view = await server.GetAsync($"/api/v1/runs/{run}");
            view.Text("cancel_comment").ShouldBe("wrong day");
            if (way == "api") view.Text("cancelled_by").ShouldBe("ada");
        }
        (await box.EventsAsync(run)).Of("workflow.cancel_requested").Single().Data().Text("comment").ShouldBe("wrong day");
        (await box.RunAsync("replay", run)).Exits(0);
        await Poll.UntilAsync(() => Directory.EnumerateFiles(box.Data, "report.md", SearchOption.AllDirectories).Any(f => File.ReadAllText(f).Contains("wrong day", StringComparison.Ordinal)), "the report");
    }

    [Fact(DisplayName = "A17 serve on a port that is taken ends at once and says what to change")]
    public async Task BusyPort()
    {
        await using var box = new Sandbox();
        await using var server = await Server.StartAsync(box);
        await using var other = new Sandbox();
        other.Environment["Orchestrator__Api__Url"] = server.Http.BaseAddress!.ToString();
        var began = TimeProvider.System.GetTimestamp();
        var refused = (await other.RunAsync("serve")).Exits(5);
        TimeProvider.System.GetElapsedTime(began).ShouldBeLessThan(TimeSpan.FromSeconds(10), "the host's own stop once waited 15 s for what had never started");
        refused.Errors.ShouldContain("another program listens there");
        refused.Errors.ShouldContain("Orchestrator:Api:Url");
        refused.Errors.ShouldNotContain("disk");
    }
}

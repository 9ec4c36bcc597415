using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Orchestrator.Conformance.Harness;
using Shouldly;
using Xunit;

namespace Orchestrator.Conformance.Cases;

/// <summary>The stream of events: followed from files and over HTTP.</summary>
public sealed class StreamCases
{
    private sealed record SentEvent(string Id, string Type, string Data);

    private static async IAsyncEnumerable<SentEvent> ReadAsync(HttpClient http, string path, string? last = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (last is not null) request.Headers.Add("Last-Event-ID", last);
        using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        answer.EnsureSuccessStatusCode();
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("text/event-stream");
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync());
        string id = "", type = "";
        while (await reader.ReadLineAsync() is { } line)
        {
            if (line.StartsWith("id: ", StringComparison.Ordinal)) id = line[4..];
            else if (line.StartsWith("event: ", StringComparison.Ordinal)) type = line[7..];
            else if (line.StartsWith("data: ", StringComparison.Ordinal)) yield return new(id, type, line[6..]);
        }
    }

    [Fact(DisplayName = "ES01 events of one run are followed over HTTP to its end, and again from any of them on")]
    public async Task OneRun()
    {
        await using var box = new Sandbox();
        box.Write("workflows/x.yaml", $"name: x\ntasks: [{{id: a, run: 'until test -e {box.Root}/go; do sleep 0.02; done'}}, {{id: b, depends_on: [a], noop: true}}]\n");
        await using var server = await Server.StartAsync(box);
        var run = await server.SubmitAsync("x");
        var seen = new List<SentEvent>();
        await foreach (var e in ReadAsync(server.Http, $"/api/v1/runs/{run}/events/stream"))
        {
            seen.Add(e);
            if (e.Type == "task.started" && !File.Exists(box.PathOf("go"))) box.Write("go", "");
        }
        var events = (await box.EventsAsync(run)).Select(e => e.GetProperty("event_id").GetString()).ToList();
        seen.Select(e => JsonSerializer.Deserialize<JsonElement>(e.Data).GetProperty("event_id").GetString()).ShouldBe(events);
        seen[^1].Type.ShouldBe("workflow.completed");

        var rest = new List<SentEvent>();
        await foreach (var e in ReadAsync(server.Http, $"/api/v1/runs/{run}/events/stream?types=task.*", seen[4].Id)) rest.Add(e);
        rest.Select(e => e.Id).ShouldBe(seen.Skip(5).Where(e => e.Type.StartsWith("task.", StringComparison.Ordinal)).Select(e => e.Id));
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/v1/runs/{run}/events/stream");
        request.Headers.Add("Last-Event-ID", seen[^1].Id);
        using var nothing = await server.Http.SendAsync(request);
        ((int)nothing.StatusCode).ShouldBe(204);
    }

    [Fact(DisplayName = "ES02 a subscriber to everything comes back after a kill of the server and misses nothing, twice nothing")]
    public async Task AllRuns()
    {
        await using var box = new Sandbox();
        box.Write("workflows/x.yaml", "name: x\ntasks: [{id: a, noop: true}]\n");
        var seen = new List<SentEvent>();
        var runs = new List<string>();
        await using (var server = await Server.StartAsync(box))
        {
            runs.Add(await server.SubmitAsync("x"));
            runs.Add(await server.SubmitAsync("x"));
            await foreach (var e in ReadAsync(server.Http, "/api/v1/events/stream?after=0&types=workflow.*"))
            {
                seen.Add(e);
                if (seen.Count == 7) break;
            }
            foreach (var run in runs) await server.EndOfAsync(run);
            server.Process.Signal(9);
            await server.Process.EndAsync();
        }
        await using (var server = await Server.StartAsync(box))
        {
            runs.Add(await server.SubmitAsync("x"));
            await foreach (var e in ReadAsync(server.Http, "/api/v1/events/stream?types=workflow.*", seen[^1].Id))
            {
                seen.Add(e);
                if (seen.Count == 15) break;
            }
        }
        seen.Select(e => long.Parse(e.Id, System.Globalization.CultureInfo.InvariantCulture)).ShouldBeInOrder();
        var ids = seen.Select(e => JsonSerializer.Deserialize<JsonElement>(e.Data)).ToList();
        ids.Select(e => e.GetProperty("event_id").GetString()).ShouldBeUnique();
        foreach (var run in runs) ids.Where(e => e.GetProperty("run_id").GetString() == run).Select(e => e.GetProperty("type").GetString())
            .ShouldBe(["workflow.created", "workflow.queued", "workflow.started", "workflow.finalizing", "workflow.completed"]);
    }

    [Fact(DisplayName = "ES06 a subscriber who does not read is cut off while others go on, costs no memory, and goes on where it was when it comes back")]
    public async Task DoesNotRead()
    {
        await using var box = new Sandbox();
        box.Write("workflows/x.yaml", $"name: x\ntasks: [{string.Join(", ", Enumerable.Range(0, 200).Select(i => $"{{id: t{i}, noop: true}}"))}]\n");
        await using var server = await Server.StartAsync(box);
        using var idle = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096 };
        await idle.ConnectAsync(IPAddress.Loopback, server.Http.BaseAddress!.Port);
        await idle.SendAsync(Encoding.ASCII.GetBytes($"GET /api/v1/events/stream?after=0 HTTP/1.1\r\nHost: {server.Http.BaseAddress.Authority}\r\n\r\n"));
        // More than every buffer on the way holds.
        var runs = new List<string>();
        for (var i = 0; i < 30; i++) runs.Add(await server.SubmitAsync("x"));
        foreach (var run in runs) (await server.EndOfAsync(run)).ShouldBe("completed");
        var all = new List<SentEvent>();
        await foreach (var e in ReadAsync(server.Http, "/api/v1/events/stream?after=0"))
        {
            all.Add(e);
            if (all.Count(a => a.Type == "workflow.completed") == runs.Count) break;
        }
        await Poll.UntilAsync(() => server.Process.HasExited || Connections(server.Http.BaseAddress.Port, idle) == 0, "the cut of a subscriber who does not read");
        server.Process.HasExited.ShouldBeFalse();

        var got = new StringBuilder();
        var buffer = new byte[64 << 10];
        try
        {
            while (await idle.ReceiveAsync(buffer) is > 0 and var read) got.Append(Encoding.UTF8.GetString(buffer, 0, read));
        }
        catch (SocketException)
        {
            // Reset, once what had come was read.
        }
        var seen = got.ToString().Split('\n').Where(l => l.StartsWith("id: ", StringComparison.Ordinal)).Select(l => l[4..].Trim()).SkipLast(1).ToList();   // the last may be torn
        seen.Count.ShouldBeLessThan(all.Count);
        await foreach (var e in ReadAsync(server.Http, "/api/v1/events/stream", seen[^1]))
        {
            seen.Add(e.Id);
            if (seen.Count >= all.Count) break;
        }
        seen.ShouldBe(all.Select(e => e.Id));
    }

    /// <summary>Connections of the server that lead to this socket's port.</summary>
    private static int Connections(int port, Socket of) => File.ReadLines("/proc/net/tcp").Count(l =>
        l.Contains($":{port:X4} 0100007F:{((IPEndPoint)of.LocalEndPoint!).Port:X4} 01", StringComparison.Ordinal));

    [Fact(DisplayName = "ES03 events --follow tells of runs of any process, with a server and without, and ends well when it is interrupted")]
    public async Task Follow()
    {
        await using var box = new Sandbox();
        var follow = box.Start("events", "--follow", "--type", "workflow.completed", "--format", "codomyrmex");
        (await box.RunJsonAsync(box.Workflow("name: alone\ntasks: [{id: a, noop: true}]\n"))).Finished.Exits(0);
        await follow.LineAsync(l => l.Contains("\"orchestrator.alone\"", StringComparison.Ordinal));
        box.Write("workflows/x.yaml", "name: served\ntasks: [{id: a, noop: true}]\n");
        await using (var server = await Server.StartAsync(box))
        {
            await server.SubmitAsync("served");
            await follow.LineAsync(l => l.Contains("\"orchestrator.served\"", StringComparison.Ordinal));
        }
        follow.Signal(2);
        var finished = await follow.EndAsync();
        finished.Exits(0);
        finished.JsonLines().Count.ShouldBe(2);
    }

    [Fact(DisplayName = "ES04 events of all runs are told once each, by workflow, type and time, in every format")]
    public async Task AllFormats()
    {
        await using var box = new Sandbox();
        foreach (var name in (string[])["one", "two"]) (await box.RunJsonAsync(box.Workflow($"name: {name}\ntasks: [{{id: a, noop: true}}]\n"))).Finished.Exits(0);
        var all = (await box.RunAsync("events")).JsonLines();
        all.Select(e => e.GetProperty("event_id").GetString()).ShouldBeUnique();
        all.Count(e => e.GetProperty("type").GetString() == "workflow.completed").ShouldBe(2);
        (await box.RunAsync("events", "--workflow", "two", "--type", "task.*")).JsonLines().Select(e => e.GetProperty("workflow").GetString()).ShouldBe(["two", "two"]);
        (await box.RunAsync("events", "--since", "2099-01-01T00:00:00Z")).JsonLines().ShouldBeEmpty();
        (await box.RunAsync("events", "--format", "jsonl27")).JsonLines().Count(e => e.GetProperty("event").GetString() == "dag_done").ShouldBe(2);
        (await box.RunAsync("events", "--format", "omninode")).JsonLines().Count.ShouldBe(8);
        (await box.RunAsync("events", "--format", "job")).JsonLines().Count.ShouldBe(6);
        (await box.RunAsync("events", "--type", "Nope!")).Exits(2);
        (await box.RunAsync("events", "--format", "xml")).Exits(2);
    }

    [Fact(DisplayName = "ES05 a caller's correlation id, by header or body, is on every event of the run, its child and its retry, and every cause exists")]
    public async Task Correlation()
    {
        await using var box = new Sandbox();
        box.Write("workflows/child.yaml", "name: child\ntasks: [{id: c, noop: true}]\n");
        box.Write("workflows/x.yaml", "name: x\nretry: {max_attempts: 2, initial_delay: 10ms}\ntasks: [{id: sub, workflow: child}, {id: b, depends_on: [sub], run: 'exit 1'}]\n");
        box.Write("workflows/tick.yaml", "name: tick\nschedules: [{id: s, cron: '* * * * * *'}]\ntasks: [{id: a, noop: true}]\n");
        await using var server = await Server.StartAsync(box);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/workflows/x/runs");
        request.Headers.Add("X-Correlation-Id", "order-4711");
        using (var answer = await server.Http.SendAsync(request)) ((int)answer.StatusCode).ShouldBe(202);
        (await server.PostAsync("/api/v1/workflows/child/runs", new { correlation_id = "by-body" })).Status.ShouldBe(202);
        (await server.PostAsync("/api/v1/workflows/child/runs", new { correlation_id = "no spaces" })).Status.ShouldBe(422);

        List<JsonElement> events = [];
        await Poll.UntilAsync(async () =>
        {
            events = (await box.RunAsync("events")).JsonLines();
            return events.Count(e => e.GetProperty("type").GetString() == "workflow.failed") == 2 && events.Any(e => e.GetProperty("source").GetString() == "orchestrator.tick" && e.GetProperty("type").GetString() == "workflow.completed")
                && events.Any(e => e.GetProperty("correlation_id").GetString() == "by-body" && e.GetProperty("type").GetString() == "workflow.completed");
        }, "all ends");
        var ordered = events.Where(e => e.GetProperty("correlation_id").GetString() == "order-4711").ToList();
        ordered.Select(e => e.GetProperty("run_id").GetString()).Distinct().Count().ShouldBe(4, "the run, its retry, and the child of each");
        // The journal is whole and holds the ledger of the schedule: every cause that is named is there.
        var ids = events.Select(e => e.GetProperty("event_id").GetString()).ToHashSet();
        var again = (await box.RunAsync("events")).JsonLines().Select(e => e.GetProperty("event_id").GetString()).ToHashSet();
        foreach (var e in events)
            if (e.GetProperty("causation_id").GetString() is { } cause) (ids.Contains(cause) || again.Contains(cause)).ShouldBeTrue($"{e.GetProperty("type")} of {e.GetProperty("source")} names {cause}");
        events.Where(e => e.GetProperty("type").GetString() == "workflow.created" && e.GetProperty("source").GetString() != "orchestrator.x").Count(e => e.GetProperty("causation_id").GetString() is not null).ShouldBeGreaterThan(1);
    }
}

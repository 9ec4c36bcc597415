using System.Text.Json;
using Orchestrator.Conformance.Harness;
using Orchestrator.TestKit.Http;
using Shouldly;
using Xunit;

namespace Orchestrator.Conformance.Cases;

/// <summary>Tasks of kind http against a server on this machine.</summary>
public sealed class HttpCases
{
    [Fact(DisplayName = "H01 a request is sent as written, and its answer is the task's results")]
    public async Task Exchange()
    {
        await using var site = await LoopbackSite.StartAsync(c => LoopbackSite.TextAsync(c, 201, """{"rows": 3, "names": ["a", "b"]}""", "application/json"));
        await using var box = new Sandbox();
        box.Environment["THE_SECRET"] = "hunter2-hunter2";
        var flow = box.Workflow($$$"""
            name: call
            params: {day: {type: string, default: "2026-01-01"}}
            secrets: {TOKEN: {env: THE_SECRET}}
            tasks:
              - id: ask
                http:
                  method: POST
                  url: "{{{site.Url}}}/load?day=${{ params.day }}"
                  headers: {Authorization: "Bearer ${{ secrets.TOKEN }}"}
                  json: {day: "${{ params.day }}", nested: [1, {of: "${{ run.workflow }}"}]}
              - id: use
                depends_on: [ask]
                exec: [echo, "${{ tasks.ask.outputs.status }}-${{ tasks.ask.outputs.body.names[1] }}-${{ tasks.ask.outputs.headers['content-type'] }}"]
            """);
        var (finished, json) = await box.RunJsonAsync(flow);
        finished.Exits(0);
        (site.Last.Method, site.Last.Path, site.Last.Headers["Authorization"]).ShouldBe(("POST", "/load?day=2026-01-01", "Bearer hunter2-hunter2"));
        JsonDocument.Parse(site.Last.Body).RootElement.GetProperty("nested")[1].GetProperty("of").GetString().ShouldBe("call");
        site.Last.Headers["traceparent"].Split('-')[1].ShouldBe(json.GetProperty("run_id").GetString()!.Replace("-", "", StringComparison.Ordinal));
        var folder = json.GetProperty("report_dir").GetString()!;
        File.ReadAllText(Path.Combine(folder, "logs/use.1.log")).ShouldBe("201-b-application/json\n");
        File.ReadAllText(Path.Combine(folder, "logs/ask.1.log")).ShouldContain("< 201 Created");
        foreach (var file in Directory.EnumerateFiles(box.Data, "*", SearchOption.AllDirectories)) File.ReadAllText(file).ShouldNotContain("hunter2", Case.Sensitive, file);
    }

    [Fact(DisplayName = "H02 an unexpected status fails with http_status and says what came; retry.on.http_status decides over the default")]
    public async Task Retries()
    {
        var asked = 0;
        await using var site = await LoopbackSite.StartAsync(async c =>
        {
            if (c.Request.Path == "/late" && Interlocked.Increment(ref asked) > 2) return;
            await LoopbackSite.TextAsync(c, c.Request.Path == "/late" ? 404 : c.Request.Path == "/busy" ? 503 : 400, "not yet there");
        });
        await using var box = new Sandbox();
        var flow = box.Workflow($$"""
            name: retries
            fail_fast: false
            defaults: {retry: {max_attempts: 3, initial_delay: 10ms} }
            tasks:
              - {id: late, http: {url: "{{site.Url}}/late"}, retry: {max_attempts: 3, initial_delay: 10ms, on: {http_status: [404]} } }
              - {id: busy, http: {url: "{{site.Url}}/busy"} }
              - {id: wrong, http: {url: "{{site.Url}}/wrong"} }
              - {id: fine, http: {url: "{{site.Url}}/wrong", expect: [400, 404]} }
            """);
        var (finished, json) = await box.RunJsonAsync(flow);
        finished.Exits(1);
        var tasks = json.GetProperty("tasks");
        (Status(tasks, "late"), Attempts(tasks, "late")).ShouldBe(("completed", 3));
        (Status(tasks, "busy"), Attempts(tasks, "busy")).ShouldBe(("failed", 3));
        (Status(tasks, "wrong"), Attempts(tasks, "wrong")).ShouldBe(("failed", 1));
        Status(tasks, "fine").ShouldBe("completed");
        tasks.GetProperty("wrong").GetProperty("reason").GetString().ShouldBe("http_status");
        tasks.GetProperty("wrong").GetProperty("error").GetString()!.ShouldContain("400 Bad Request");
        tasks.GetProperty("wrong").GetProperty("error").GetString()!.ShouldContain("not yet there");
    }

    [Fact(DisplayName = "H03 Retry-After lengthens the wait, but not above max_delay")]
    public async Task RetryAfter()
    {
        await using var site = await LoopbackSite.StartAsync(c => { c.Response.StatusCode = 429; c.Response.Headers.RetryAfter = "3600"; return Task.CompletedTask; });
        await using var box = new Sandbox();
        var (_, json) = await box.RunJsonAsync(box.Workflow($$"""
            name: later
            tasks: [{id: a, http: "{{site.Url}}", retry: {max_attempts: 2, initial_delay: 10ms, max_delay: 300ms} }]
            """));
        var events = await box.EventsAsync(json.GetProperty("run_id").GetString()!);
        events.Single(e => e.GetProperty("type").GetString() == "task.retrying").GetProperty("data").GetProperty("delay_ms").GetDouble().ShouldBe(300);
    }

    [Fact(DisplayName = "H04 a server that never answers costs the attempt's timeout and no more")]
    public async Task Hanging()
    {
        var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var site = await LoopbackSite.StartAsync(async c =>
        {
            using var registration = c.RequestAborted.Register(() => gone.TrySetResult());
            await gone.Task;
        });
        await using var box = new Sandbox();
        var (finished, json) = await box.RunJsonAsync(box.Workflow($$"""
            name: hang
            tasks: [{id: a, timeout: 500ms, http: "{{site.Url}}"}]
            """));
        finished.Exits(1);
        json.GetProperty("tasks").GetProperty("a").GetProperty("reason").GetString().ShouldBe("timeout");
        await gone.Task.WaitAsync(Running.Patience);
    }

    [Fact(DisplayName = "H05 a large answer fails with output_limit, or is kept as a file of the run")]
    public async Task Large()
    {
        await using var site = await LoopbackSite.StartAsync(c => LoopbackSite.TextAsync(c, 200, new string('x', 3_000_000)));
        await using var box = new Sandbox();
        var (finished, json) = await box.RunJsonAsync(box.Workflow($$"""
            name: large
            fail_fast: false
            tasks:
              - {id: result, http: "{{site.Url}}"}
              - {id: kept, http: {url: "{{site.Url}}", save: in/answer.txt} }
              - {id: use, depends_on: [kept], run: 'wc -c < "$ORCHESTRATOR_ARTIFACTS/$kept__saved"'}
            """));
        finished.Exits(1);
        json.GetProperty("tasks").GetProperty("result").GetProperty("reason").GetString().ShouldBe("output_limit");
        var folder = json.GetProperty("report_dir").GetString()!;
        new FileInfo(Path.Combine(folder, "artifacts/in/answer.txt")).Length.ShouldBe(3_000_000);
        File.ReadAllText(Path.Combine(folder, "logs/use.1.log")).Trim().ShouldBe("3000000");
    }

    [Fact(DisplayName = "H07 a body is decoded by its charset and coding; what is not what its headers say fails by name, and nothing panics")]
    public async Task Bodies()
    {
        await using var site = await LoopbackSite.StartAsync(async c =>
        {
            var (type, coding, body) = c.Request.Path.Value switch
            {
                "/western" => ("text/plain; charset=windows-1252", "", (byte[])[.. "caf"u8, 0xE9, .. " 5 "u8, 0x80]),
                "/japanese" => ("text/plain; charset=Shift_JIS", "", [0x93, 0xFA, 0x96, 0x7B]),
                "/binary" => ("application/octet-stream", "", [1, 0xFF]),
                "/unknown" => ("text/plain; charset=klingon", "", [65]),
                "/nogzip" => ("text/plain", "gzip", [.. "plain"u8]),
                "/cutgzip" => ("text/plain", "gzip", Gzip(new string('x', 10_000))[..30]),
                "/deep" => ("application/json", "", [.. Enumerable.Repeat((byte)'[', 2_000), .. Enumerable.Repeat((byte)']', 2_000)]),
                _ => ("text/plain", "", [.. System.Text.Encoding.UTF8.GetBytes(c.Request.Headers.AcceptEncoding.ToString())]),
            };
            c.Response.ContentType = type;
            if (coding.Length > 0) c.Response.Headers.ContentEncoding = coding;
            await c.Response.Body.WriteAsync(body);
        });
        await using var box = new Sandbox();
        string[] names = ["western", "japanese", "binary", "unknown", "nogzip", "cutgzip", "deep", "asked"];
        var (_, json) = await box.RunJsonAsync(box.Workflow($$"""
            name: bodies
            fail_fast: false
            tasks:
            {{string.Join('\n', names.Select(n => $"  - {{id: {n}, http: {{url: \"{site.Url}/{n}\"{(n == "asked" ? ", headers: {Accept-Encoding: identity}" : "")}}} }}"))}}
              - {id: kept, http: {url: "{{site.Url}}/binary", save: kept.bin} }
            """));
        json.Output("western", "body").GetString().ShouldBe("café 5 €");
        json.Output("japanese", "body").GetString().ShouldBe("日本");
        json.Output("asked", "body").GetString().ShouldBe("identity");
        json.Fate("kept").ShouldBe("completed");
        foreach (var (task, fate, said) in ((string, string, string)[])
        [
            ("binary", "failed error", "not UTF-8: the byte at offset 1"), ("unknown", "failed error", "charset=klingon"), ("nogzip", "failed error", "not gzip"),
            ("cutgzip", "failed error", "cut off"), ("deep", "failed output_limit", "64 levels"),
        ])
            (json.Fate(task), json.Task(task).Text("error")!.Contains(said, StringComparison.Ordinal)).ShouldBe((fate, true), json.Task(task).ToString());
    }

    [Fact(DisplayName = "H08 a redirect to another origin carries neither credentials nor the run's identity, nor does a second hop back, unless propagate says so")]
    public async Task Redirects()
    {
        LoopbackSite? home = null;
        await using var away = await LoopbackSite.StartAsync(c => { c.Response.Redirect(home!.Url + "/back" + c.Request.Path); return Task.CompletedTask; });
        await using var site = home = await LoopbackSite.StartAsync(async c =>
        {
            if (c.Request.Path.StartsWithSegments("/back", StringComparison.Ordinal)) await LoopbackSite.TextAsync(c, 200, "done");
            else c.Response.Redirect(away.Url + c.Request.Path);
        });
        await using var box = new Sandbox();
        box.Environment["THE_SECRET"] = "hunter2-hunter2";
        var (finished, json) = await box.RunJsonAsync(box.Workflow($$$"""
            name: redirects
            secrets: {TOKEN: {env: THE_SECRET}}
            tasks:
              - {id: a, http: {url: "{{{site.Url}}}/plain", headers: {Authorization: "Bearer ${{ secrets.TOKEN }}", X-Run: "${{ run.id }}"} } }
              - {id: b, propagate: context, http: {url: "{{{site.Url}}}/said", headers: {Authorization: "Bearer ${{ secrets.TOKEN }}"} } }
            """));
        finished.Exits(0);
        var (run, trace) = (json.RunId(), json.GetProperty("trace_id").GetString()!);
        foreach (var request in (SeenRequest[])[.. away.Seen, .. site.Seen.Where(r => r.Path.StartsWith("/back", StringComparison.Ordinal))])
        {
            request.Headers.Keys.ShouldNotContain("Authorization", request.Path);
            var said = string.Join('\n', request.Headers.Values);
            said.ShouldNotContain(run);
            said.Contains(trace, StringComparison.Ordinal).ShouldBe(request.Path.EndsWith("/said", StringComparison.Ordinal), request.Path);
        }
        site.Seen.Count(r => r.Headers.ContainsKey("Authorization")).ShouldBe(2);
    }

    [Fact(DisplayName = "H09 header values are checked before the run; a Retry-After of any size waits max_delay at most and no less")]
    public async Task Checked()
    {
        await using var box = new Sandbox();
        foreach (var header in (string[])["X-Name: \"caf\u00e9\"", "X-Name: \"a\\x01b\"", "Content-Length: \"3\"", "transfer-encoding: chunked"])
            (await box.RunAsync("validate", box.Workflow($"name: x\ntasks: [{{id: a, http: {{url: \"http://localhost/\", headers: {{{header}}}}}}}]\n"))).Refuses(2, header.Split(':')[0]);
        (await box.RunAsync("validate", box.Workflow("name: x\nparams: {n: {type: string, default: caf\u00e9}}\ntasks: [{id: a, http: {url: \"http://localhost/\", headers: {X-Name: \"${{ params.n }}\"}}}]\n"))).Exits(0);

        await using var site = await LoopbackSite.StartAsync(c => { c.Response.StatusCode = 429; c.Response.Headers.RetryAfter = c.Request.Path.Value![1..]; return Task.CompletedTask; });
        foreach (var asked in (string[])["99999999999999999999999", "4000000000", "7200"])
        {
            var (_, json) = await box.RunJsonAsync(box.Workflow($$"""
                name: later
                tasks: [{id: a, http: "{{site.Url}}/{{asked}}", retry: {max_attempts: 2, initial_delay: 10ms, max_delay: 300ms} }]
                """));
            (await box.EventsAsync(json.RunId())).Single(e => e.Type() == "task.retrying").GetProperty("data").GetProperty("delay_ms").GetDouble().ShouldBe(300, asked);
        }
    }

    [Fact(DisplayName = "H06 a certificate that nobody vouches for is refused")]
    public async Task Tls()
    {
        await using var site = await LoopbackSite.StartAsync(_ => Task.CompletedTask, tls: true);
        await using var box = new Sandbox();
        var (finished, json) = await box.RunJsonAsync(box.Workflow($$"""
            name: tls
            tasks: [{id: a, http: "{{site.Url}}", retry: {max_attempts: 3, initial_delay: 10ms} }]
            """));
        finished.Exits(1);
        json.GetProperty("tasks").GetProperty("a").GetProperty("error").GetString()!.ShouldContain("not trusted");
        Attempts(json.GetProperty("tasks"), "a").ShouldBe(1);
        site.Seen.ShouldBeEmpty();
    }

    private static string? Status(JsonElement tasks, string id) => tasks.GetProperty(id).GetProperty("status").GetString();

    private static int Attempts(JsonElement tasks, string id) => tasks.GetProperty(id).GetProperty("attempts").GetInt32();

    private static byte[] Gzip(string text)
    {
        using var packed = new MemoryStream();
        using (var into = new System.IO.Compression.GZipStream(packed, System.IO.Compression.CompressionLevel.NoCompression, leaveOpen: true)) into.Write(System.Text.Encoding.UTF8.GetBytes(text));
        return packed.ToArray();
    }
}

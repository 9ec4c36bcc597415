using System.Text.Json;
using Orchestrator.Conformance.Harness;
using Orchestrator.TestKit.Aspire;
using Orchestrator.TestKit.Telemetry;
using Shouldly;
using Xunit;

[assembly: AssemblyFixture(typeof(AspireFixture))]

namespace Orchestrator.Conformance.Cases;

/// <summary>Traces as a backend that people use has them, over both protocols: whole, with as many spans as the journal has facts.</summary>
public sealed class BackendCases(AspireFixture aspire)
{
    private const string Grpc = "grpc", Http = "http/protobuf";

    private async Task<(Sandbox Box, AspireDashboard Dashboard)> BeginAsync(string protocol, string name)
    {
        var (box, dashboard) = (new Sandbox(name), await aspire.DashboardAsync());
        foreach (var (variable, value) in dashboard.Variables(protocol)) box.Environment[variable] = value;
        return (box, dashboard);
    }

    /// <summary>The spans of these runs in one trace, once there are as many as their journals say.</summary>
    private static async Task<IReadOnlyList<ReceivedSpan>> WholeAsync(AspireDashboard dashboard, string trace, IReadOnlyList<IReadOnlyList<JsonElement>> runs)
    {
        var expected = SpanCounts.Of(runs);
        var all = await dashboard.TraceAsync(trace, spans => spans.Count(s => s.Scope == "Orchestrator") >= expected.Total && spans.Any(s => s.ParentId.Length == 0));
        var ids = all.Select(s => s.SpanId).ToHashSet();
        all.Where(s => s.ParentId.Length > 0 && !ids.Contains(s.ParentId)).Select(s => s.Name).ShouldBeEmpty("a parent is missing");
        all.Select(s => s.SpanId).ShouldBeUnique();
        all.Count(s => s.ParentId.Length == 0).ShouldBe(1, "one root");
        var ours = all.Where(s => s.Scope == "Orchestrator").ToList();
        SpanCounts.Of(ours).ShouldBe(expected);
        return ours;
    }

    [Theory(DisplayName = "TB01 a run killed with -9 and resumed is one whole tree in a backend, titled by what ran")]
    [InlineData(Grpc), InlineData(Http)]
    public async Task Killed(string protocol)
    {
        var (box, dashboard) = await BeginAsync(protocol, nameof(Killed));
        await using var _ = box;
        var flow = box.Workflow($"name: killed\nstages: [s]\ntasks: [{{id: first, stage: s, run: 'true'}}, {{id: each, stage: s, depends_on: [first], foreach: [a, b, c], run: 'touch {box.Root}/${{{{ item }}}}; until test -e {box.Root}/go; do sleep 0.02; done'}}]\n");
        var first = box.Start("run", flow, "--json");
        await Poll.UntilAsync(() => ((string[])["a", "b", "c"]).All(f => File.Exists(box.PathOf(f))));
        first.Signal(9);
        await first.EndAsync();
        var id = (await box.RunAsync("runs", "--json")).JsonLines().Single().RunId();
        box.Write("go", "");
        (await box.RunAsync("run", "--resume", id)).Exits(0);
        var spans = await WholeAsync(dashboard, id.Replace("-", "", StringComparison.Ordinal), [await box.EventsAsync(id)]);
        spans.Single(s => s.ParentId.Length == 0).Name.ShouldBe("RUN killed");
        spans.Count(s => s.Attributes.Text("error.type") == "worker_lost").ShouldBeGreaterThanOrEqualTo(3);
    }

    [Theory(DisplayName = "TB02 a fan-out of 200 is whole in a backend and has no more names than one of two")]
    [InlineData(Grpc), InlineData(Http)]
    public async Task FanOut(string protocol)
    {
        var (box, dashboard) = await BeginAsync(protocol, nameof(FanOut));
        await using var _ = box;
        var items = string.Join(", ", Enumerable.Range(0, 200));
        var (finished, json) = await box.RunJsonAsync(box.Workflow($"name: wide\ntasks: [{{id: many, foreach: [{items}], exec: ['true']}}, {{id: last, depends_on: [many], noop: true}}]\n"));
        finished.Exits(0);
        var spans = await WholeAsync(dashboard, json.GetProperty("trace_id").GetString()!, [await box.EventsAsync(json.RunId())]);
        spans.Select(s => s.Name).Distinct().Order(StringComparer.Ordinal).ShouldBeSubsetOf(
            ["RUN wide", "attempt last", "attempt many", "enqueue wide", "queue last", "queue many", "queue wide", "task last", "task many", "true"]);
        spans.Where(s => s.Name == "task many").Select(s => s.Attributes.Text("orchestrator.fan_out.index")).OfType<string>().Order().ShouldBe(Enumerable.Range(0, 200).Select(i => $"{i}").Order());
    }

    [Theory(DisplayName = "TB03 child runs three deep are one whole tree in a backend")]
    [InlineData(Grpc), InlineData(Http)]
    public async Task Children(string protocol)
    {
        var (box, dashboard) = await BeginAsync(protocol, nameof(Children));
        await using var _ = box;
        box.Workflow("name: leaf\ntasks: [{id: a, run: 'true'}]\n", "leaf.yaml");
        box.Workflow("name: low\ntasks: [{id: c, workflow: leaf}]\n", "low.yaml");
        box.Workflow("name: middle\nparams: {n: 0}\ntasks: [{id: b, workflow: low}]\n", "middle.yaml");
        var (finished, json) = await box.RunJsonAsync(box.Workflow("name: top\ntasks: [{id: each, foreach: [1, 2], workflow: middle, params: {n: \"${{ item }}\"}}]\n", "top.yaml"));
        finished.Exits(0);
        var runs = new List<IReadOnlyList<JsonElement>>();
        foreach (var run in (await box.RunAsync("runs", "--json")).JsonLines()) runs.Add(await box.EventsAsync(run.RunId()));
        runs.Count.ShouldBe(7);
        var spans = await WholeAsync(dashboard, json.GetProperty("trace_id").GetString()!, runs);
        var byId = spans.ToDictionary(s => s.SpanId);
        foreach (var leaf in spans.Where(s => s.Name == "attempt a"))
        {
            var up = new List<string>();
            for (var at = leaf; at.ParentId.Length > 0;) up.Add((at = byId[at.ParentId]).Name);
            up.ShouldBe(["task a", "RUN leaf", "attempt c", "task c", "RUN low", "attempt b", "task b", "RUN middle", "attempt each", "task each", "task each", "RUN top"]);
        }
    }

    [Theory(DisplayName = "TB04 a run that waited for an approval is whole in a backend, and its root is linked to the request that started it")]
    [InlineData(Grpc), InlineData(Http)]
    public async Task Approval(string protocol)
    {
        var (box, dashboard) = await BeginAsync(protocol, nameof(Approval));
        await using var _ = box;
        box.Workflow("name: ship\ntasks: [{id: build, run: 'true'}, {id: ask, depends_on: [build], approval: {prompt: 'Ship?'}}, {id: after, depends_on: [ask], run: 'true'}]\n", "workflows/ship.yaml");
        await using var server = await Server.StartAsync(box);
        var run = await server.SubmitAsync("ship");
        await server.StatusAsync(run, "paused");
        (await box.RunAsync("approve", run, "ask")).Exits(0);
        (await server.EndOfAsync(run)).ShouldBe("completed");
        var spans = await WholeAsync(dashboard, run.Replace("-", "", StringComparison.Ordinal), [await box.EventsAsync(run)]);
        var root = spans.Single(s => s.ParentId.Length == 0);
        root.Name.ShouldBe("RUN ship");
        spans.ShouldNotContain(s => s.Name == "attempt ask");
        var link = root.Links.ShouldHaveSingleItem();
        link.Attributes.Text("orchestrator.link.type").ShouldBe("trigger");
        var requests = await dashboard.TraceAsync(link.TraceId, found => found.Any(s => s.SpanId == link.SpanId));
        requests.Single(s => s.SpanId == link.SpanId).Name.ShouldBe("POST /api/v1/workflows/{name}/runs");
    }

    [Theory(DisplayName = "TB05 two installations with the same schedules and definitions share no run, no trace and no event; each trace is whole")]
    [InlineData(Grpc), InlineData(Http)]
    public async Task Installations(string protocol)
    {
        var dashboard = await aspire.DashboardAsync();
        var boxes = new List<Sandbox>();
        var servers = new List<Server>();
        try
        {
            foreach (var name in (string[])["InstallationA", "InstallationB"])
            {
                var (box, _) = await BeginAsync(protocol, name);
                boxes.Add(box);
                box.Workflow("name: ticks\nschedules: [{id: each, cron: '* * * * * ?'}]\ntasks: [{id: a, run: 'true'}]\n", "workflows/ticks.yaml");
                servers.Add(await Server.StartAsync(box));
            }
            // Both have run the same due times, whichever began first.
            var due = new Dictionary<DateTimeOffset, string>[] { [], [] };
            await Poll.UntilAsync(async () =>
            {
                for (var n = 0; n < 2; n++)
                    foreach (var run in (await servers[n].GetAsync("/api/v1/runs?status=completed&limit=100")).GetProperty("runs").EnumerateArray())
                        due[n][(await servers[n].GetAsync($"/api/v1/runs/{run.RunId()}")).GetProperty("due_at").GetDateTimeOffset()] = run.RunId();
                return due[0].Keys.Intersect(due[1].Keys).Count() >= 2;
            }, "due times of both");
            foreach (var server in servers) server.Process.Signal(15);
            foreach (var server in servers) (await server.Process.EndAsync()).Exits(0);
            due[0].Values.Intersect(due[1].Values).ShouldBeEmpty();
            var told = new List<string>();
            foreach (var box in boxes) told.AddRange((await box.RunAsync("events", "--type", "schedule.*")).Exits(0).JsonLines().Select(l => l.Text("event_id")!));
            told.Count.ShouldBeGreaterThan(4);
            told.ShouldBeUnique("a receiver of both takes none for a repetition");
            foreach (var at in due[0].Keys.Intersect(due[1].Keys).Take(2))
                for (var n = 0; n < 2; n++)
                {
                    var run = due[n][at];
                    var spans = await WholeAsync(dashboard, run.Replace("-", "", StringComparison.Ordinal), [await boxes[n].EventsAsync(run)]);
                    spans.Select(s => s.Attributes.Text("cicd.pipeline.run.id")).Distinct().ShouldBe([run]);
                    spans.Single(s => s.ParentId.Length == 0).Attributes.Text("orchestrator.trigger.type").ShouldBe("schedule");
                }
        }
        finally
        {
            foreach (var server in servers) await server.DisposeAsync();
            foreach (var box in boxes) await box.DisposeAsync();
        }
    }
}

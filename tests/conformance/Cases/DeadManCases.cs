using System.Text.Json;
using Orchestrator.Conformance.Harness;
using Orchestrator.TestKit.Http;
using Shouldly;
using Xunit;

namespace Orchestrator.Conformance.Cases;

/// <summary>The dead-man monitor: <c>expected_by</c> of a schedule is told when no run has completed by then, once, through kills.</summary>
public sealed class DeadManCases
{
    private static async Task<List<JsonElement>> OverdueAsync(Sandbox box) =>
        [.. (await box.RunAsync("events", "--type", "schedule.overdue", "--json")).JsonLines()];

    [Fact(DisplayName = "DM01 a run that does not complete in time is told once, also through a kill, with the deadline and what was found")]
    [Trait("Program", "both")]
    public async Task Missed()
    {
        await using var box = new Sandbox();
        var at = TimeProvider.System.GetUtcNow().AddSeconds(20);
        box.Write("workflows/slow.yaml", $$"""
            name: slow
            schedules: [{id: once, at: ["{{at:yyyy-MM-dd'T'HH:mm:ss}}Z"], expected_by: 1s}]
            tasks: [{id: a, run: 'until test -e {{box.Root}}/go; do sleep 0.02; done'}]
            """);
        await using (var server = await Server.StartAsync(box))
        {
            await Poll.UntilAsync(async () => (await OverdueAsync(box)).Count == 1, "the deadline");
            var told = (await OverdueAsync(box))[0].GetProperty("data");
            told.GetProperty("reason").GetString().ShouldBe("not_completed");
            told.GetProperty("found").GetString().ShouldBe("running");
            told.GetProperty("deadline").GetDateTimeOffset().ShouldBe(told.GetProperty("due_at").GetDateTimeOffset().AddSeconds(1));
            var metrics = await server.Http.GetStringAsync("/metrics", TestContext.Current.CancellationToken);
            metrics.ShouldContain("orchestrator_schedule_overdue_total");
            var why = (await box.RunAsync("why", "slow/once", "--json")).Exits(0).Json();
            why.GetProperty("gates").EnumerateArray().Single(g => g.GetProperty("name").GetString() == "expected_by").GetProperty("passes").GetBoolean().ShouldBeFalse();
            server.Process.Signal(9);
            await server.Process.EndAsync();
        }
        box.Write("go", "");
        await using var again = await Server.StartAsync(box);
        await Poll.UntilAsync(async () => (await box.RunAsync("runs", "--json")).JsonLines().All(r => r.GetProperty("status").GetString() == "completed"), "the end of the run");
        (await OverdueAsync(box)).Count.ShouldBe(1);
        (await box.RunAsync("reconcile")).Exits(0);
    }

    [Fact(DisplayName = "DM02 a run that completes in time is nothing to tell; one that fails is")]
    public async Task InTime()
    {
        await using var box = new Sandbox();
        box.Write("workflows/good.yaml", "name: good\nschedules: [{id: s, every: 5s, expected_by: 30s}]\ntasks: [{id: a, noop: true}]\n");
        box.Write("workflows/bad.yaml", "name: bad\nschedules: [{id: s, every: 5s, expected_by: 3s}]\ntasks: [{id: a, run: exit 1}]\n");
        await using var server = await Server.StartAsync(box);
        await Poll.UntilAsync(async () => (await OverdueAsync(box)).Any(e => e.GetProperty("data").GetProperty("found").GetString() == "failed"), "the deadline");
        (await OverdueAsync(box)).ShouldAllBe(e => e.GetProperty("data").GetProperty("workflow").GetString() == "bad");
    }

    [Theory(DisplayName = "DM03 an expected_by that means nothing is refused with its place")]
    [InlineData("expected_by: soon")]
    [InlineData("expected_by: 0s")]
    [InlineData("expected_by: '25:00'")]
    [InlineData("expected_by: [1h]")]
    public async Task Refused(string key)
    {
        await using var box = new Sandbox();
        var flow = box.Workflow($"name: one\nschedules: [{{id: s, cron: '@daily', {key}}}]\ntasks: [{{id: a, noop: true}}]\n");
        var finished = (await box.RunAsync("validate", flow)).Exits(2);
        (finished.Output + finished.Errors).ShouldContain("expected_by");
    }

    [Fact(DisplayName = "DM04 a heartbeat tells an outside monitor of start, success and failure with the run's id, and no private address unless allowed")]
    public async Task Heartbeats()
    {
        await using var site = await LoopbackSite.StartAsync(context => LoopbackSite.TextAsync(context, 204, ""));
        await using var box = new Sandbox();
        box.Environment["Orchestrator__Webhooks__AllowedNetworks"] = "127.0.0.0/8";
        var at = TimeProvider.System.GetUtcNow().AddSeconds(20);
        box.Write("workflows/good.yaml", $"name: good\nschedules: [{{id: s, at: ['{at:yyyy-MM-dd'T'HH:mm:ss}Z'], heartbeat: '{site.Url}/ping/good'}}]\ntasks: [{{id: a, noop: true}}]\n");
        box.Write("workflows/bad.yaml", $"name: bad\nschedules: [{{id: s, at: ['{at:yyyy-MM-dd'T'HH:mm:ss}Z'], heartbeat: '{site.Url}/ping/bad?x=1'}}]\ntasks: [{{id: a, run: exit 1}}]\n");
        await using (var server = await Server.StartAsync(box))
        {
            await Poll.UntilAsync(() => site.Seen.Count >= 4, "four pings");
            var runs = (await box.RunAsync("runs", "--json")).JsonLines().ToDictionary(r => r.GetProperty("workflow").GetString()!, r => r.GetProperty("run_id").GetString()!);
            site.Seen.Select(r => $"{r.Method} {r.Path}").Order(StringComparer.Ordinal).ShouldBe(new[]
            {
                $"POST /ping/bad/fail?x=1&rid={runs["bad"]}", $"POST /ping/bad/start?x=1&rid={runs["bad"]}", $"POST /ping/good/start?rid={runs["good"]}", $"POST /ping/good?rid={runs["good"]}",
            }.Order(StringComparer.Ordinal));
            // Started by hand it is no run of the schedule: nobody outside is told.
            await server.EndOfAsync(await server.SubmitAsync("good"));
        }
        (await box.RunAsync("reconcile")).Exits(0);
        site.Seen.Count.ShouldBe(4);
    }

    [Theory(DisplayName = "DM05 a heartbeat that is no address is refused with its place")]
    [InlineData("ping")]
    [InlineData("ftp://example.com/x")]
    [InlineData("https://user:pass@example.com/x")]
    public async Task NoAddress(string url)
    {
        await using var box = new Sandbox();
        var flow = box.Workflow($"name: one\nschedules: [{{id: s, cron: '@daily', heartbeat: '{url}'}}]\ntasks: [{{id: a, noop: true}}]\n");
        var finished = (await box.RunAsync("validate", flow)).Exits(2);
        (finished.Output + finished.Errors).ShouldContain("heartbeat");
    }
}

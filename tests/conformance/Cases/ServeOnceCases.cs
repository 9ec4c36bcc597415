using System.Net.Sockets;
using Orchestrator.Conformance.Harness;
using Orchestrator.TestKit;
using Shouldly;
using Xunit;

namespace Orchestrator.Conformance.Cases;

/// <summary>`serve --once` as cron starts it: look at all schedules, carry out what is due, end.</summary>
public sealed class ServeOnceCases
{
    private const string Quick = "name: quick\nschedules: [{id: s, cron: '* * * * * *'}]\ntasks: [{id: a, noop: true}]\n";

    [Fact(DisplayName = "SO20 `serve --once` without any schedule ends with 1 and says where it looked; with one that is not due it says nothing")]
    public async Task Nothing()
    {
        await using var box = Box(("plain", "name: plain\ntasks: [{id: a, noop: true}]\n"));
        (await OnceAsync(box)).Refuses(1, "There is no schedule in").Output.ShouldBeEmpty();
        box.Write("workflows/yearly.yaml", "name: yearly\nschedules: [{id: s, cron: '@yearly'}, {id: up, cron: '@reboot'}]\ntasks: [{id: a, noop: true}]\n");
        var first = (await OnceAsync(box)).Exits(0);
        first.Output.ShouldBeEmpty();
        first.Errors.ShouldBeEmpty();
        var again = (await OnceAsync(box, "--json")).Exits(0).Json();
        again.GetProperty("schedules").GetInt32().ShouldBe(2);
        again.GetProperty("started").GetInt32().ShouldBe(0);
        (await box.RunAsync("serve", "--listen")).Exits(2);
    }

    [Fact(DisplayName = "SO21 what came due since the last look is run once, what is too old passes, and the record is whole")]
    public async Task Due()
    {
        await using var box = Box(("quick", Quick));
        (await OnceAsync(box)).Exits(0);
        await PassAsync(box, seconds: 3);
        var look = (await OnceAsync(box, "--json")).Exits(0).Json();
        look.GetProperty("started").GetInt32().ShouldBe(1);
        look.GetProperty("passed").GetInt32().ShouldBeGreaterThanOrEqualTo(2);
        var run = look.GetProperty("runs").EnumerateArray().Single();
        run.Text("status").ShouldBe("completed");
        File.Exists(Path.Combine(box.RunFolder(run.Text("run_id")!), "report.json")).ShouldBeTrue();
        var history = (await box.RunAsync("schedule", "history", "quick/s", "--json")).JsonLines();
        history.Select(e => e.Text("type")).ShouldBe(["schedule.dispatched", "schedule.fired", "schedule.skipped", "schedule.updated"]);
        (await box.RunAsync("reconcile")).Exits(0);
        await PassAsync(box, seconds: 1);
        var text = (await OnceAsync(box)).Exits(0);
        text.Output.ShouldContain("1 completed");
        text.Errors.ShouldBeEmpty();
    }

    [Fact(DisplayName = "SO22 what a catch-up allows is run as its overlap rule says, and all of it has ended when `serve --once` ends")]
    public async Task CatchUp()
    {
        await using var box = Box(("quick", """
            name: quick
            schedules: [{id: s, cron: '* * * * * *', catchup: {policy: all, window: 1h, max: 2}, overlap: queue}]
            tasks: [{id: a, run: 'sleep 1.5'}]

            """));
        (await OnceAsync(box)).Exits(0);
        await PassAsync(box, seconds: 5);
        var look = (await OnceAsync(box, "--json")).Exits(0).Json();
        look.GetProperty("ended").GetProperty("completed").GetInt32().ShouldBe(3);   // two that were missed and the newest
        var events = (await box.RunAsync("events", "--type", "workflow.*")).JsonLines();
        var open = 0;
        foreach (var e in events.Where(e => e.Text("type") is "workflow.started" or "workflow.completed").OrderBy(e => e.Text("time") ?? e.Text("timestamp")))
            (open += e.Text("type") == "workflow.started" ? 1 : -1).ShouldBeInRange(0, 1);
        (await box.RunAsync("reconcile")).Exits(0);
    }

    [Fact(DisplayName = "SO23 a run that fails is told and changes no exit code; a definition that is wrong does, and stops no other")]
    public async Task Fails()
    {
        await using var box = Box(("bad", "name: bad\nschedules: [{id: s, cron: '* * * * * *'}]\ntasks: [{id: a, run: exit 7}]\n"));
        (await OnceAsync(box)).Exits(0);
        await PassAsync(box, seconds: 1);
        var look = (await OnceAsync(box)).Exits(0);
        look.Output.ShouldContain("1 failed");
        box.Write("workflows/wrong.yaml", "name: wrong\nschedules: [{id: s, cron: '99 * * * *'}]\ntasks: [{id: a, noop: true}]\n");
        await PassAsync(box, seconds: 1);
        var both = (await OnceAsync(box)).Refuses(2, "wrong.yaml");
        both.Output.ShouldContain("1 failed");
    }

    [Fact(DisplayName = "SO24 while one carries out a long run no port is open, verbs reach it, and another looks through it so that nothing due is missed")]
    public async Task Two()
    {
        await using var box = Box(("quick", Quick));
        box.Write("workflows/long.yaml", $"name: long\nschedules: [{{id: s, cron: '* * * * * *', overlap: skip}}]\ntasks: [{{id: a, run: 'until test -e {box.PathOf("go")}; do sleep 0.05; done'}}]\n");
        var port = LoopbackPort.Free();
        box.Environment["Orchestrator__Api__Url"] = $"http://127.0.0.1:{port}";
        (await OnceAsync(box)).Exits(0);
        await PassAsync(box, seconds: 1);
        var first = box.Start("serve", "--once", "--json");
        await Poll.UntilAsync(async () => (await box.RunAsync("runs", "--json")).JsonLines().Any(r => r.Text("workflow") == "long" && r.Text("status") == "running"), "the long run");
        using (var client = new TcpClient()) await Should.ThrowAsync<SocketException>(() => client.ConnectAsync("127.0.0.1", port));
        (await box.RunAsync("schedule", "list", "--json")).Exits(0).JsonLines().ShouldAllBe(s => s.GetProperty("in_force").GetBoolean());
        var before = await RunsOf(box, "quick");
        await PassAsync(box, seconds: 1);
        var second = (await OnceAsync(box)).Exits(0);
        second.Output.ShouldBeEmpty();
        second.Errors.ShouldBeEmpty();
        await Poll.UntilAsync(async () => await RunsOf(box, "quick") > before, "a run of what came due meanwhile");
        (await box.RunAsync("serve")).Refuses(5, "serve");
        box.Write("go", "");
        var end = (await first.EndAsync()).Exits(0).Json();
        end.GetProperty("runs").EnumerateArray().Count(r => r.Text("workflow") == "long").ShouldBe(1);
        (await box.RunAsync("reconcile")).Exits(0);
    }

    [Fact(DisplayName = "SO25 beside a `serve` that stays there is nothing to do, and it says so")]
    public async Task Beside()
    {
        await using var box = Box(("quick", Quick));
        await using var server = await Server.StartAsync(box);
        (await OnceAsync(box)).Exits(0).Errors.ShouldContain($"process {server.Process.Pid}");
        (await server.PostAsync("/api/v1/schedules/look", new { })).Body.GetProperty("resident").GetBoolean().ShouldBeTrue();
    }

    [Theory(DisplayName = "SO26 what a signal interrupts, the next one takes over and ends")]
    [InlineData(15, 5)]
    [InlineData(9, 137)]
    public async Task Interrupted(int signal, int exit)
    {
        await using var box = Box();
        box.Write("workflows/long.yaml", $"name: long\nschedules: [{{id: s, cron: '* * * * * *', overlap: skip}}]\ntasks: [{{id: a, run: 'until test -e {box.PathOf("go")}; do sleep 0.05; done'}}]\n");
        box.Environment["Orchestrator__Shutdown__Drain"] = "100ms";
        (await OnceAsync(box)).Exits(0);
        await PassAsync(box, seconds: 1);
        var first = box.Start("serve", "--once");
        await Poll.UntilAsync(async () => (await box.RunAsync("runs", "--json")).JsonLines().Any(r => r.Text("status") == "running"), "the long run");
        var run = (await box.RunAsync("runs", "--json")).JsonLines().Single().Text("run_id");
        first.Signal(signal);
        (await first.EndAsync()).ExitCode.ShouldBe(exit);
        box.Write("go", "");
        var next = (await OnceAsync(box, "--json")).Exits(0).Json();
        next.GetProperty("runs").EnumerateArray().Single(r => r.Text("run_id") == run).Text("status").ShouldBe("completed");
        (await box.RunAsync("reconcile")).Exits(0);
    }

    [Fact(DisplayName = "SO27 debounced deliveries of a look start their run in the same look, and those that wait longer than a minute are listed and left to a later one")]
    public async Task Held()
    {
        await using var box = Box(("quick", Quick),
            ("soon", "name: soon\ntriggers: [{id: t, workflow: quick, debounce: 1500ms}]\ntasks: [{id: a, noop: true}]\n"),
            ("later", "name: later\ntriggers: [{id: t, workflow: quick, batch: {max: 50, within: 1h}}]\ntasks: [{id: a, noop: true}]\n"));
        (await OnceAsync(box)).Exits(0);
        await PassAsync(box, seconds: 1);
        var look = (await OnceAsync(box, "--json")).Exits(0).Json();
        look.GetProperty("runs").EnumerateArray().Select(r => r.Text("workflow")).Order().ShouldBe(["quick", "soon"]);
        var held = look.GetProperty("held").EnumerateArray().Single();
        (held.Text("workflow"), held.Text("trigger"), held.GetProperty("deliveries").GetInt32()).ShouldBe(("later", "t", 1));
        held.GetProperty("until").GetDateTimeOffset().ShouldBeGreaterThan(TimeProvider.System.GetUtcNow().AddMinutes(50));
        await PassAsync(box, seconds: 1);
        var text = (await OnceAsync(box)).Exits(0).Output;
        text.ShouldContain("2 completed");
        text.ShouldContain("2 deliveries of later/t wait until");
        (await box.RunAsync("reconcile")).Exits(0);
    }

    private static Task<Finished> OnceAsync(Sandbox box, params string[] more) => box.RunAsync(["serve", "--once", .. more]);

    private static async Task<int> RunsOf(Sandbox box, string workflow) => (await box.RunAsync("runs", "--json")).JsonLines().Count(r => r.Text("workflow") == workflow);

    // Until so many seconds are due and not decided.
    private static async Task PassAsync(Sandbox box, int seconds)
    {
        var from = TimeProvider.System.GetUtcNow();
        await Poll.UntilAsync(() => Task.FromResult(TimeProvider.System.GetUtcNow() > from.AddSeconds(seconds + 1)), $"{seconds} s to pass in {box.Root}");
    }

    private static Sandbox Box(params (string Name, string Text)[] workflows)
    {
        var box = new Sandbox("once");
        Directory.CreateDirectory(box.PathOf("workflows"));
        foreach (var (name, text) in workflows) box.Write($"workflows/{name}.yaml", text);
        box.Environment["Orchestrator__Workflows__Path"] = box.PathOf("workflows");
        return box;
    }
}

using System.Globalization;
using Orchestrator.Conformance.Harness;
using Orchestrator.TestKit;
using Shouldly;
using Xunit;

namespace Orchestrator.Conformance.Cases;

/// <summary>What a service manager is told, read from its socket.</summary>
[Trait("Program", "both")]
public sealed class ServiceCases
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Theory(DisplayName = "Y01 systemd hears READY=1 when requests are taken, signs of life with counts, and STOPPING=1")]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Told(bool isAbstract)
    {
        await using var box = new Sandbox();
        using var manager = new NotifySocket(isAbstract ? $"@orchestrator-{Guid.NewGuid():N}" : box.PathOf("notify"));
        box.Environment["NOTIFY_SOCKET"] = manager.Name;
        box.Environment["WATCHDOG_USEC"] = "400000";
        box.Environment["Orchestrator__Runner__Slots"] = "8";
        box.Write("workflows/x.yaml", $"name: x\ntasks: [{{id: a, run: 'until test -e {box.Root}/go; do sleep 0.02; done; echo \"socket=${{NOTIFY_SOCKET:-none}}\" >> \"$ORCHESTRATOR_OUTPUT\"'}}]\n");
        await using var server = await Server.StartAsync(box);
        (await manager.UntilAsync("READY=1", Patience)).ShouldContain("STATUS=0 runs running, 0 waiting, 0 of 8 places in use");
        (await server.Http.GetAsync("/readyz")).IsSuccessStatusCode.ShouldBeTrue("what it says is true");

        var run = await server.SubmitAsync("x");
        (await manager.UntilAsync("STATUS=1 runs running, 0 waiting, 1 of 8 places in use", Patience)).ShouldContain("WATCHDOG=1");
        box.Write("go", "");
        (await server.EndOfAsync(run)).ShouldBe("completed");
        (await server.GetAsync($"/api/v1/runs/{run}")).ToString().ShouldContain("\"socket\":\"none\"", Case.Sensitive, "a task must not speak for the service");

        server.Process.Signal(15);
        (await manager.UntilAsync("STOPPING=1", Patience))[1].ShouldStartWith("STATUS=Stopping: ");
        (await server.Process.EndAsync()).Exits(0);
    }

    [Fact(DisplayName = "Y02 a program that stands still gives no sign of life, and gives one again when it goes on")]
    public async Task StandsStill()
    {
        await using var box = new Sandbox();
        using var manager = new NotifySocket(box.PathOf("notify"));
        box.Environment["NOTIFY_SOCKET"] = manager.Name;
        box.Environment["WATCHDOG_USEC"] = "200000";
        await using var server = await Server.StartAsync(box);
        await manager.UntilAsync("WATCHDOG=1", Patience);
        server.Process.Signal(19);
        await Poll.UntilAsync(() => File.ReadAllText($"/proc/{server.Process.Pid}/stat").Contains(") T ", StringComparison.Ordinal), "the stop");
        manager.Drain("WATCHDOG=1");
        using (var again = new PeriodicTimer(TimeSpan.FromMilliseconds(500))) await again.WaitForNextTickAsync();   // over twice the time it is given
        manager.Drain("WATCHDOG=1").ShouldBeFalse();
        server.Process.Signal(18);
        await manager.UntilAsync("WATCHDOG=1", Patience);
    }

    [Fact(DisplayName = "Y03 a server that recovers says so before it is ready")]
    public async Task Recovery()
    {
        await using var box = new Sandbox();
        using var manager = new NotifySocket(box.PathOf("notify"));
        box.Environment["NOTIFY_SOCKET"] = manager.Name;
        await using var server = await Server.StartAsync(box);
        (await manager.NextAsync(Patience)).ShouldBe(["STATUS=Starting: opening the journal"]);
        (await manager.NextAsync(Patience)).ShouldBe(["STATUS=Starting: taking over runs"]);
        (await manager.NextAsync(Patience))[0].ShouldBe("READY=1");
        (await manager.NextAsync(Patience))[0].ShouldStartWith("STATUS=", Case.Sensitive, string.Create(CultureInfo.InvariantCulture, $"no watchdog is set for {server.Process.Pid}"));
    }

    [Fact(DisplayName = "Y04 health says whether serve takes work, where it listens, and why not")]
    public async Task Health()
    {
        await using var box = new Sandbox();
        (await box.RunAsync("health")).Refuses(5, "none runs");
        await using var server = await Server.StartAsync(box);
        (await box.RunAsync("health")).Exits(0).Output.ShouldStartWith("ok: http://127.0.0.1:");
        var json = (await box.RunAsync("health", "--live", "--json")).Exits(0).Json();
        (json.GetProperty("status").GetString(), json.GetProperty("pid").GetInt32()).ShouldBe(("ok", server.Process.Pid));
        new Uri(json.GetProperty("url").GetString()!).AbsolutePath.ShouldBe("/healthz");

        box.Write("workflows/x.yaml", $"name: x\ntasks: [{{id: a, run: 'until test -e {box.Root}/go; do sleep 0.02; done'}}]\n");
        await Poll.UntilAsync(async () => (await server.GetAsync("/api/v1/workflows")).ToString().Contains("\"x\"", StringComparison.Ordinal), "the workflow");
        await server.StatusAsync(await server.SubmitAsync("x"), "running");
        server.Process.Signal(15);   // it drains until the task ends
        await Poll.UntilAsync(async () => (await server.Http.GetAsync("/readyz")).StatusCode == System.Net.HttpStatusCode.ServiceUnavailable, "the drain");
        (await box.RunAsync("health")).Refuses(5, "stopping");
        (await box.RunAsync("health", "--live")).Exits(0);
        box.Write("go", "");
        (await server.Process.EndAsync()).Exits(0);
    }
}

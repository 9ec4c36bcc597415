using Microsoft.Extensions.Hosting.Systemd;
using Microsoft.Extensions.Logging.Abstractions;
using Orchestrator.Worker.Systemd;

namespace Orchestrator.Worker.Tests.Hosting;

public sealed class ServiceNotifierTests
{
    [Fact]
    public async Task Ready_and_stopping_carry_the_status()
    {
        var manager = new RecordingManager();
        await using var notifier = Notifier(manager);
        notifier.Describe = () => "all is well";
        notifier.Notify(ServiceState.Ready);
        notifier.Notify(ServiceState.Stopping);
        (await manager.NextAsync()).ShouldBe(["READY=1", "STATUS=all is well"]);
        (await manager.NextAsync()).ShouldBe(["STOPPING=1", "STATUS=Stopping: all is well"]);
    }

    [Theory]
    [InlineData("7", 20)]
    [InlineData("8", null)]
    [InlineData("", 20)]
    public async Task A_watchdog_meant_for_another_process_is_not_ours(string pid, int? seconds)
    {
        await using var notifier = Notifier(new RecordingManager(), ("WATCHDOG_USEC", "20000000"), ("WATCHDOG_PID", pid));
        notifier.Watchdog.ShouldBe(seconds is { } s ? TimeSpan.FromSeconds(s) : null);
    }

    [Theory]
    [InlineData("")]
    [InlineData("vsock:2:1234")]
    [InlineData("/")]
    public async Task Without_a_socket_that_is_understood_nothing_is_sent(string name)
    {
        var manager = new RecordingManager();
        await using (var notifier = Notifier(manager, ("NOTIFY_SOCKET", name)))
        {
            notifier.IsEnabled.ShouldBeFalse();
            notifier.Notify(ServiceState.Ready);
        }
        manager.TryNext().ShouldBeFalse();
    }

    [Fact]
    public async Task A_service_manager_that_is_gone_hurts_nobody()
    {
        await using var notifier = Notifier(new RecordingManager { Refuses = true });
        notifier.Notify(ServiceState.Ready);
        notifier.Alive();
    }

    [Fact]
    public async Task A_service_manager_that_reads_nothing_blocks_nobody()
    {
        var manager = new RecordingManager();
        manager.Reads.Reset();
        await using (var notifier = Notifier(manager))
        {
            notifier.Notify(ServiceState.Ready);
            for (var i = 0; i < 1000; i++) notifier.Alive();
        }
        manager.Reads.Set();
        (await manager.NextAsync())[0].ShouldBe("READY=1", "what came first is kept");
    }

    internal static ServiceNotifier Notifier(RecordingManager manager, params (string Name, string Value)[] more)
    {
        var variables = new Dictionary<string, string> { ["NOTIFY_SOCKET"] = "/run/notify" };
        foreach (var (name, value) in more) variables[name] = value;
        return new(manager, variables, 7, NullLogger.Instance);
    }
}

using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Orchestrator.TestKit;
using Orchestrator.Worker.Hosting;

namespace Orchestrator.Worker.Tests.Hosting;

public sealed class HeartbeatTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly ILogger Log = NullLogger.Instance;
    private readonly Sandbox _box = new();
    private readonly ManualTimeProvider _clock = new();

    [Fact]
    public async Task A_sign_of_life_is_sent_at_half_the_time_and_only_after_the_loop_has_answered()
    {
        using var manager = new NotifySocket(_box.PathOf("notify"));
        using var notifier = ServiceNotifier.From(Variables(manager, ("WATCHDOG_USEC", "20000000")), 7, Log);
        var answers = new List<TaskCompletionSource>();
        var asked = new SemaphoreSlim(0);
        Task Ping(CancellationToken stop)
        {
            answers.Add(new(TaskCreationOptions.RunContinuationsAsynchronously));
            asked.Release();
            return answers[^1].Task.WaitAsync(stop);
        }
        await using var heartbeat = new Heartbeat(notifier, Ping, () => "3 runs", _clock, Log);

        await NextQuestionAsync(asked);
        manager.Drain("WATCHDOG=1").ShouldBeFalse("the loop has not answered yet");
        answers[0].SetResult();
        (await manager.NextAsync(Patience)).ShouldBe(["WATCHDOG=1", "STATUS=3 runs"]);

        await _clock.WaitForTimersAsync(1);
        _clock.Advance(TimeSpan.FromSeconds(10));
        await NextQuestionAsync(asked);
        _clock.Advance(TimeSpan.FromSeconds(10));   // the loop hangs: no sign of life, and an administrator sees why
        (await manager.NextAsync(Patience)).ShouldBe(["STATUS=The engine's loop does not answer"]);
        answers.Count.ShouldBe(2, "one question at a time");

        answers[1].SetResult();
        (await manager.NextAsync(Patience)).ShouldBe(["WATCHDOG=1", "STATUS=3 runs"]);
    }

    [Fact]
    public async Task An_abstract_socket_is_told_the_status_where_no_sign_of_life_is_waited_for()
    {
        using var manager = new NotifySocket($"@orchestrator-test-{Guid.NewGuid():N}");
        using var notifier = ServiceNotifier.From(Variables(manager), 7, Log);
        notifier.Ready("all is well");
        notifier.Stopping("bye");
        await using (new Heartbeat(notifier, _ => Task.CompletedTask, () => "idle", _clock, Log))
        {
            (await manager.NextAsync(Patience)).ShouldBe(["READY=1", "STATUS=all is well"]);
            (await manager.NextAsync(Patience)).ShouldBe(["STOPPING=1", "STATUS=bye"]);
            (await manager.NextAsync(Patience)).ShouldBe(["STATUS=idle"]);
        }
    }

    [Theory]
    [InlineData("7", 20)]
    [InlineData("8", null)]
    [InlineData("", 20)]
    public void A_watchdog_meant_for_another_process_is_not_ours(string pid, int? seconds)
    {
        using var manager = new NotifySocket(_box.PathOf("notify"));
        using var notifier = ServiceNotifier.From(Variables(manager, ("WATCHDOG_USEC", "20000000"), ("WATCHDOG_PID", pid)), 7, Log);
        notifier.Watchdog.ShouldBe(seconds is { } s ? TimeSpan.FromSeconds(s) : null);
    }

    [Theory]
    [InlineData("")]
    [InlineData("vsock:2:1234")]
    [InlineData("/")]
    public void Without_a_socket_that_is_understood_nothing_is_sent(string name)
    {
        using var notifier = ServiceNotifier.From(new Dictionary<string, string> { ["NOTIFY_SOCKET"] = name }, 7, Log);
        notifier.IsWanted.ShouldBeFalse();
        notifier.Ready("unheard");
    }

    [Fact]
    public void A_service_manager_that_is_gone_hurts_nobody()
    {
        using var notifier = ServiceNotifier.From(new Dictionary<string, string> { ["NOTIFY_SOCKET"] = _box.PathOf("nobody-listens") }, 7, Log);
        notifier.Ready("unheard");
        notifier.Alive("unheard");
    }

    public void Dispose() => _box.Dispose();

    private static Dictionary<string, string> Variables(NotifySocket manager, params (string Name, string Value)[] more)
    {
        var variables = new Dictionary<string, string> { ["NOTIFY_SOCKET"] = manager.Name };
        foreach (var (name, value) in more) variables[name] = value;
        return variables;
    }

    private static async Task NextQuestionAsync(SemaphoreSlim asked) => (await asked.WaitAsync(Patience)).ShouldBeTrue("the loop is asked");
}

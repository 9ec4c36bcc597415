using Microsoft.Extensions.Logging.Abstractions;
using Orchestrator.TestKit;
using Orchestrator.Worker.Systemd;

namespace Orchestrator.Worker.Tests.Hosting;

public sealed class HeartbeatTests
{
    private readonly ManualTimeProvider _clock = new();

    [Fact]
    public async Task A_sign_of_life_is_sent_at_half_the_time_and_only_after_the_loop_has_answered()
    {
        var manager = new RecordingManager();
        await using var notifier = ServiceNotifierTests.Notifier(manager, ("WATCHDOG_USEC", "20000000"));
        notifier.Describe = () => "3 runs";
        var answers = new List<TaskCompletionSource>();
        var asked = new SemaphoreSlim(0);
        Task Ping(CancellationToken stop)
        {
            answers.Add(new(TaskCreationOptions.RunContinuationsAsynchronously));
            asked.Release();
            return answers[^1].Task.WaitAsync(stop);
        }
        await using var heartbeat = new Heartbeat(notifier, Ping, _clock, NullLogger.Instance);

        await NextQuestionAsync(asked);
        manager.TryNext().ShouldBeFalse("the loop has not answered yet");
        answers[0].SetResult();
        (await manager.NextAsync()).ShouldBe(["WATCHDOG=1", "STATUS=3 runs"]);

        await _clock.WaitForTimersAsync(1);
        _clock.Advance(TimeSpan.FromSeconds(10));
        await NextQuestionAsync(asked);
        _clock.Advance(TimeSpan.FromSeconds(10));   // the loop hangs: no sign of life, and an administrator sees why
        (await manager.NextAsync()).ShouldBe(["STATUS=The engine's loop does not answer"]);
        answers.Count.ShouldBe(2, "one question at a time");

        answers[1].SetResult();
        (await manager.NextAsync()).ShouldBe(["WATCHDOG=1", "STATUS=3 runs"]);
    }

    [Fact]
    public async Task Only_the_status_is_sent_if_no_sign_of_life_is_waited_for()
    {
        var manager = new RecordingManager();
        await using var notifier = ServiceNotifierTests.Notifier(manager);
        notifier.Describe = () => "idle";
        await using var heartbeat = new Heartbeat(notifier, _ => Task.CompletedTask, _clock, NullLogger.Instance);
        (await manager.NextAsync()).ShouldBe(["STATUS=idle"]);
    }

    private static async Task NextQuestionAsync(SemaphoreSlim asked) => (await asked.WaitAsync(TimeSpan.FromSeconds(30))).ShouldBeTrue("the loop is asked");
}

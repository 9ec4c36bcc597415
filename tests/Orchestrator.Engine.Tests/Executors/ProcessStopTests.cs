using Microsoft.Extensions.Logging.Abstractions;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Executors.Process;
using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Executors;

public sealed class ProcessStopTests
{
    private static readonly TimeSpan Never = TimeSpan.FromHours(1);

    [Fact(Timeout = 60_000)]
    public async Task Descendants_in_other_sessions_end_with_the_attempt()
    {
        using var scene = new AttemptScene(new() { KillGrace = Never });
        var fifo = scene.Fifo("pids");
        using var stop = new CancellationTokenSource();
        var running = scene.DoUntilAsync(scene.Shell(
            $"setsid sleep 1000 & a=$!; b=$( (setsid sleep 1000 >/dev/null & echo $!) ); sleep 1000 & echo $a $b $! $$ > {fifo}; wait"), stop.Token);
        var pids = (await AttemptScene.ReadFifoAsync(fifo)).Split(' ').Select(int.Parse).ToList();
        pids.ShouldAllBe(p => AttemptScene.IsAlive(p));
        await stop.CancelAsync();
        var cancelled = (await running).ShouldBeOfType<TaskOutcome.Cancelled>();
        pids.ShouldAllBe(p => !AttemptScene.IsAlive(p));
        cancelled.Process!.Signal.ShouldBe(15);
        cancelled.Process.LeftBehind.ShouldBe(0);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_process_that_ignores_the_request_is_killed_after_the_grace()
    {
        using var scene = new AttemptScene(new() { KillGrace = TimeSpan.FromMilliseconds(100) });
        var fifo = scene.Fifo("pids");
        using var stop = new CancellationTokenSource();
        var running = scene.DoUntilAsync(scene.Shell($"trap '' TERM; (setsid sleep 1000 & echo $! $$ > {fifo}); while :; do sleep 1000; done"), stop.Token);
        var pids = (await AttemptScene.ReadFifoAsync(fifo)).Split(' ').Select(int.Parse).ToList();
        await stop.CancelAsync();
        (await running).ShouldBeOfType<TaskOutcome.Cancelled>().Process!.Signal.ShouldBe(9);
        pids.ShouldAllBe(p => !AttemptScene.IsAlive(p));
    }

    [Fact(Timeout = 60_000)]
    public async Task A_process_that_obeys_ends_the_grace_early_and_can_say_goodbye()
    {
        using var scene = new AttemptScene(new() { KillGrace = Never });
        var fifo = scene.Fifo("pids");
        using var stop = new CancellationTokenSource();
        var attempt = scene.Shell($"trap 'echo bye; exit 3' TERM; sleep 1000 & echo $$ > {fifo}; wait");
        var running = scene.DoUntilAsync(attempt, stop.Token);
        await AttemptScene.ReadFifoAsync(fifo);
        await stop.CancelAsync();
        (await running).ShouldBeOfType<TaskOutcome.Cancelled>().Process!.ExitCode.ShouldBe(3);
        File.ReadAllText(scene.LogOf(attempt)).ShouldEndWith("bye\n");
    }

    [Fact(Timeout = 60_000)]
    public async Task A_stopped_process_ends_too()
    {
        using var scene = new AttemptScene(new() { KillGrace = Never });
        var fifo = scene.Fifo("pids");
        using var stop = new CancellationTokenSource();
        var running = scene.DoUntilAsync(scene.Shell($"sleep 1000 & kill -STOP $!; echo $! > {fifo}; wait"), stop.Token);
        var pid = int.Parse(await AttemptScene.ReadFifoAsync(fifo));
        await stop.CancelAsync();
        (await running).ShouldBeOfType<TaskOutcome.Cancelled>();
        AttemptScene.IsAlive(pid).ShouldBeFalse();
    }

    [Fact(Timeout = 60_000)]
    public async Task What_lives_on_after_a_success_is_counted_and_recovery_can_end_it()
    {
        using var scene = new AttemptScene();
        using var others = new AttemptScene();
        var stop = TestContext.Current.CancellationToken;
        // What is between fork and exec has no environment for a moment, and is not known by it.
        var left = await scene.DoAsync(scene.Shell("sleep 1000 & first=$!; setsid sleep 1000 & for p in $first $!; do until grep -qx sleep /proc/$p/comm; do :; done; done; echo $!"));
        left.ShouldBeOfType<TaskOutcome.Succeeded>();
        left.Process!.LeftBehind.ShouldBe(2);
        var foreign = await others.DoAsync(others.Shell("sleep 1000 &"));

        using var kills = new KillSet(new() { KillGrace = Never }, TimeProvider.System, NullLogger<KillSet>.Instance);
        (await kills.EndAsync(scene.Run, new("another"), stop: stop)).ShouldBe(new KillReport(0, []), new SameReport());
        var report = await kills.EndRunsAsync([scene.Run], stop: stop);
        (report.Ended, report.Survivors.Count).ShouldBe((2, 0));
        (await kills.EndRunsAsync([scene.Run], stop: stop)).Ended.ShouldBe(0);
        (await kills.EndAsync(others.Run, new("task-1"), 1, stop: stop)).Ended.ShouldBe(foreign.Process!.LeftBehind);
    }

    [Fact]
    public async Task A_stop_before_the_start_starts_nothing()
    {
        using var scene = new AttemptScene();
        (await scene.DoUntilAsync(scene.Shell("true"), new CancellationToken(canceled: true))).ShouldBeOfType<TaskOutcome.Cancelled>();
        Directory.Exists(scene.RunDirectory).ShouldBeFalse();
    }

    private sealed class SameReport : IEqualityComparer<KillReport>
    {
        public bool Equals(KillReport? x, KillReport? y) => x!.Ended == y!.Ended && x.Survivors.SequenceEqual(y.Survivors);
        public int GetHashCode(KillReport obj) => obj.Ended;
    }
}

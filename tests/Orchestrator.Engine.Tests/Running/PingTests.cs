using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Running;

/// <summary>Whether the loop lives is asked of the loop itself.</summary>
public sealed class PingTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_loop_that_hangs_does_not_answer_until_it_goes_on()
    {
        await using var rig = new Rig();
        await rig.Engine.PingAsync().WaitAsync(Patience);

        using var go = new ManualResetEventSlim();
        var hangs = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using (rig.Engine.Subscribe(_ => { hangs.TrySetResult(); go.Wait(Patience); }))
        {
            _ = rig.StartAsync(Rig.Flow(Rig.Task("a")));
            await hangs.Task.WaitAsync(Patience);
            var asked = rig.Engine.PingAsync();
            asked.IsCompleted.ShouldBeFalse();
            go.Set();
            await asked.WaitAsync(Patience);
        }
    }

    [Fact]
    public async Task A_loop_that_ended_as_it_should_keeps_nobody_waiting()
    {
        await using var rig = new Rig();
        await rig.Engine.StopAsync(TimeSpan.Zero).WaitAsync(Patience);
        await rig.Engine.PingAsync().WaitAsync(Patience);
    }
}

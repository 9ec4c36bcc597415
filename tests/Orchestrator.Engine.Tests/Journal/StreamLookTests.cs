using Orchestrator.Engine.Journal;
using Orchestrator.TestKit;
using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Journal;

public sealed class StreamLookTests : IDisposable
{
    private readonly ManualTimeProvider _clock = new();
    private readonly StreamLook _look;

    public StreamLookTests() => _look = new(_clock, TimeSpan.FromSeconds(20));

    [Fact]
    public async Task It_is_time_every_so_often()
    {
        for (var i = 0; i < 3; i++)
        {
            var next = NextAsync();
            for (var second = 1; second < 20; second++)
            {
                _clock.Advance(TimeSpan.FromSeconds(1));
                await SettleAsync();
                next.IsCompleted.ShouldBeFalse($"second {second} of round {i}");
            }
            _clock.Advance(TimeSpan.FromSeconds(1));
            await next.WaitAsync(TimeSpan.FromSeconds(30));
        }
    }

    [Theory]
    [InlineData(3600)]
    [InlineData(-3600)]
    [InlineData(-2)]
    public async Task It_is_time_soon_after_the_clock_was_set(double seconds)
    {
        var next = NextAsync();
        _clock.SetWallClock(_clock.GetUtcNow().AddSeconds(seconds));
        _clock.Advance(TimeSpan.FromSeconds(1));
        await next.WaitAsync(TimeSpan.FromSeconds(30));
        next = NextAsync();
        _clock.Advance(TimeSpan.FromSeconds(1));
        await SettleAsync();
        next.IsCompleted.ShouldBeFalse("it was set once");
    }

    [Fact]
    public async Task A_clock_that_is_slewed_is_not_set()
    {
        var next = NextAsync();
        for (var second = 1; second < 20; second++)
        {
            _clock.SetWallClock(_clock.GetUtcNow().AddMilliseconds(400));
            _clock.Advance(TimeSpan.FromSeconds(1));
            await SettleAsync();
        }
        next.IsCompleted.ShouldBeFalse();
    }

    public void Dispose() => _look.Dispose();

    private Task NextAsync() => _look.NextAsync(CancellationToken.None);

    // Whoever was woken has gone on to the next tick.
    private static async Task SettleAsync()
    {
        for (var i = 0; i < 20; i++) await Task.Run(static () => { });
    }
}

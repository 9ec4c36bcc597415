using FsCheck;
using FsCheck.Fluent;
using Orchestrator.Core.Definitions;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Definitions;

public sealed class DurationTextTests
{
    [Theory]
    [InlineData("250ms", 0.25)]
    [InlineData("30s", 30)]
    [InlineData("5m", 300)]
    [InlineData("2h", 7200)]
    [InlineData("1d", 86400)]
    [InlineData("90", 90)]
    [InlineData("1.5", 1.5)]
    [InlineData("1h30m", 5400)]
    [InlineData(" 1.5h ", 5400)]
    [InlineData("0", 0)]
    public void Durations_read_as_people_write_them(string text, double seconds)
    {
        DurationText.TryParse(text, out var duration).ShouldBeTrue();
        duration.TotalSeconds.ShouldBe(seconds);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-5s")]
    [InlineData("5 s")]
    [InlineData("5x")]
    [InlineData("s")]
    [InlineData("1m1h")]
    [InlineData("1m1m")]
    [InlineData("1e3")]
    [InlineData("1h30")]
    [InlineData("99999999999999d")]
    [InlineData("10000000d10000000d")]
    public void Anything_else_is_not_a_duration(string text) => DurationText.TryParse(text, out _).ShouldBeFalse();

    [Fact]
    public void What_is_written_reads_back_the_same() => Prop.ForAll(ArbMap.Default.ArbFor<TimeSpan>(), duration =>
    {
        var positive = duration < TimeSpan.Zero ? duration == TimeSpan.MinValue ? TimeSpan.MaxValue : -duration : duration;
        return DurationText.TryParse(DurationText.Format(positive), out var back) && back == positive;
    }).QuickCheckThrowOnFailure();
}

using Orchestrator.AspNetCore.Requests;

namespace Orchestrator.AspNetCore.Tests;

public sealed class EarliestStartTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("2026-03-01T14:00Z", "2026-03-01T14:00:00Z")]
    [InlineData("2026-03-01T16:00:00+02:00", "2026-03-01T14:00:00Z")]
    [InlineData("2026-03-01T14:00:00.5Z", "2026-03-01T14:00:00.5Z")]
    [InlineData("2020-01-01T00:00:00Z", "2020-01-01T00:00:00Z")]
    [InlineData("2h", "2026-03-01T14:00:00Z")]
    public void An_instant_with_its_offset_or_a_time_from_now_is_understood(string text, string instant)
    {
        EarliestStart.TryRead(text, Now, out var read).ShouldBeTrue();
        read.ShouldBe(DateTimeOffset.Parse(instant, System.Globalization.CultureInfo.InvariantCulture));
    }

    [Theory]
    [InlineData("2026-03-01T14:00:00")]
    [InlineData("2026-03-01")]
    [InlineData("tomorrow")]
    [InlineData("")]
    [InlineData("2126-03-01T14:00:00Z")]
    [InlineData("-5m")]
    public void What_could_mean_anything_is_refused(string text) => EarliestStart.TryRead(text, Now, out _).ShouldBeFalse();
}

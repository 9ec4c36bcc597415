using FsCheck;
using FsCheck.Fluent;
using Orchestrator.Core.Statistics;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Statistics;

public sealed class TimeBucketTests
{
    [Fact]
    public void Empty_buckets_are_there_and_both_ends_of_the_window_count()
    {
        var buckets = TimeBuckets.Activity(15, 41, 10,
        [
            (14, RunStatus.Failed), (15, RunStatus.Completed), (19, RunStatus.Failed), (40, RunStatus.Cancelled), (41, RunStatus.Completed), (39, RunStatus.Running),
        ]);
        buckets.ShouldBe([new(10, 1, 1, 0), new(20, 0, 0, 0), new(30, 0, 0, 0), new(40, 0, 0, 1)]);
        buckets[0].Total.ShouldBe(2);
        TimeBuckets.Activity(15, 15, 10, []).ShouldBeEmpty();
    }

    [Fact]
    public void Too_many_buckets_are_refused()
    {
        TimeBuckets.Activity(0, 10_000, 1, []).Length.ShouldBe(10_000);
        Should.Throw<ArgumentOutOfRangeException>(() => TimeBuckets.Activity(0, 10_001, 1, []));
        Should.Throw<ArgumentOutOfRangeException>(() => TimeBuckets.Activity(0, 1, 0, []));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(24, 30)]
    [InlineData(168, 180)]
    [InlineData(24 * 60, 24 * 60)]
    [InlineData(24 * 100_000, 24 * 60 * 30)]
    public void A_window_gets_the_narrowest_usual_width(int hours, int minutes) => TimeBuckets.WidthFor(TimeSpan.FromHours(hours)).ShouldBe(TimeSpan.FromMinutes(minutes));

    [Fact]
    public void An_instant_lies_in_the_bucket_that_begins_before_it_by_less_than_the_width() => Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed =>
    {
        var random = new Random(seed);
        var at = DateTimeOffset.UnixEpoch.AddSeconds(random.Next()).AddTicks(random.Next());
        var width = random.NextInt64(1, 100_000_000_000);
        var us = TimeBuckets.Microseconds(at);
        var start = TimeBuckets.StartOf(us, width);
        (us - start).ShouldBeInRange(0, width - 1);
        (start % width).ShouldBe(0);
        us.ShouldBe((at.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / 10);
    }).Check(Config.QuickThrowOnFailure);
}

using FsCheck;
using FsCheck.Fluent;
using Orchestrator.Core.Statistics;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Statistics;

public sealed class PercentileTests
{
    [Theory]
    [InlineData(1, 50, 1)]
    [InlineData(1, 99, 1)]
    [InlineData(2, 50, 1)]
    [InlineData(2, 51, 2)]
    [InlineData(20, 50, 10)]
    [InlineData(20, 95, 19)]
    [InlineData(20, 96, 20)]
    [InlineData(19, 95, 19)]
    [InlineData(100, 95, 95)]
    [InlineData(100, 99, 99)]
    [InlineData(101, 99, 100)]
    [InlineData(100, 0, 1)]
    [InlineData(100, 100, 100)]
    public void The_nearest_rank_is_a_sample(int n, int percent, double expected) =>
        Percentiles.NearestRank([.. Enumerable.Range(1, n).Select(i => (double)i)], percent).ShouldBe(expected);

    [Fact]
    public void Without_samples_there_is_no_percentile_and_no_mean()
    {
        Percentiles.NearestRank([], 95).ShouldBeNull();
        Percentiles.Mean([]).ShouldBeNull();
        Percentiles.Mean([1, 2, 6]).ShouldBe(3);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(101)]
    public void A_percent_out_of_range_is_refused(int percent) => Should.Throw<ArgumentOutOfRangeException>(() => Percentiles.NearestRank([1], percent));

    [Fact]
    public void It_is_the_smallest_sample_that_so_many_percent_do_not_exceed() => Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed =>
    {
        var random = new Random(seed);
        var samples = Enumerable.Range(0, random.Next(1, 60)).Select(_ => (double)random.Next(12)).ToArray();
        var percent = random.Next(1, 101);
        var slow = samples.Where(x => samples.Count(y => y <= x) * 100 >= percent * samples.Length).Min();
        Percentiles.NearestRank(Percentiles.Sorted(samples), percent).ShouldBe(slow);
    }).Check(Config.QuickThrowOnFailure);
}

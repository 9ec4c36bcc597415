using FsCheck;
using FsCheck.Fluent;
using Orchestrator.Core.Statistics;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Statistics;

public sealed class DurationTests
{
    private static readonly DateTimeOffset s_start = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);

    private static double[] Same(int n, double value) => [.. Enumerable.Repeat(value, n)];

    [Theory]
    [InlineData(4, 200, false)]
    [InlineData(5, 29, false)]
    [InlineData(5, 30, true)]
    public void Too_few_samples_compare_nothing(int recent, int baseline, bool isThere) =>
        (DurationRegression.Of(Same(recent, 1), Same(baseline, 1)) is not null).ShouldBe(isThere);

    [Theory]
    [InlineData(49, false)]
    [InlineData(50, true)]
    public void The_latest_20_are_compared_with_what_came_before(int all, bool isThere) => (DurationRegression.Of(Same(all, 1)) is not null).ShouldBe(isThere);

    [Fact]
    public void At_most_200_before_the_latest_20_count()
    {
        var regression = DurationRegression.Of([.. Same(20, 300), .. Same(200, 100), .. Same(500, 900)])!;
        (regression.RecentMs, regression.BaselineMs, regression.Ratio).ShouldBe((300, 100, 3.0));
        regression.Score.ShouldBe(200 / 5.0);   // MAD 0: 5 % of M bound the spread
        regression.IsRegression.ShouldBeTrue();
    }

    [Theory]
    [InlineData(100, 117.6, false)]    // 3.52 robust deviations, but only 17.6 % more
    [InlineData(100, 119.9, false)]
    [InlineData(100, 120, true)]
    [InlineData(100, 80, false)]       // faster
    [InlineData(2, 5.5, false)]        // 3.5 times 1 ms is not above 3.5
    [InlineData(2, 5.6, true)]
    [InlineData(0, 3, false)]
    [InlineData(0, 4, true)]
    public void Both_the_ratio_and_the_score_must_be_large(double before, double now, bool isRegression) =>
        DurationRegression.Of(Same(20, now), Same(100, before))!.IsRegression.ShouldBe(isRegression);

    [Fact]
    public void A_wide_baseline_asks_for_a_larger_change()
    {
        // 60 to 140 ms: median 100, median deviation 20, so 1.4826 * 20 * 3.5 = 103.8 ms are ordinary.
        var baseline = Enumerable.Range(0, 201).Select(i => 60 + (i * 0.4)).Take(200).ToArray();
        DurationRegression.Of(Same(20, 200), baseline)!.IsRegression.ShouldBeFalse();
        DurationRegression.Of(Same(20, 210), baseline)!.IsRegression.ShouldBeTrue();
    }

    [Fact]
    public void Without_a_baseline_above_0_there_is_no_ratio() => DurationRegression.Of(Same(5, 10), Same(30, 0))!.Ratio.ShouldBeNull();

    [Fact]
    public void A_regression_is_what_the_slow_formula_says() => Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed =>
    {
        var random = new Random(seed);
        var all = Enumerable.Range(0, random.Next(260)).Select(_ => Math.Round(random.NextDouble() * 50, 1)).ToArray();
        var (recent, before) = (all.Take(20).Order().ToList(), all.Skip(20).Take(200).Order().ToList());
        var found = DurationRegression.Of(all);
        (found is null).ShouldBe(recent.Count < 5 || before.Count < 30);
        if (found is null) return;
        var (m, old) = (recent[((recent.Count + 1) / 2) - 1], before[((before.Count + 1) / 2) - 1]);
        var mad = before.Select(x => Math.Abs(x - old)).Order().ElementAt(((before.Count + 1) / 2) - 1);
        found.Score.ShouldBe((m - old) / new[] { 1.4826 * mad, 0.05 * old, 1 }.Max(), 1e-9);
        (found.RecentMs, found.BaselineMs).ShouldBe((m, old));
    }).Check(Config.QuickThrowOnFailure);

    [Fact]
    public void The_threshold_is_the_SLA_or_the_p95_of_20_and_more()
    {
        double[] twenty = [.. Enumerable.Range(1, 20).Select(i => (double)i)];
        DurationThreshold.Of(7, twenty).ShouldBe(7);
        DurationThreshold.Of(null, twenty).ShouldBe(19);
        DurationThreshold.Of(null, twenty.AsSpan(1)).ShouldBeNull();
        DurationThreshold.CountOver([18, 19, 20], 19).ShouldBe(1);
        DurationThreshold.CountOver([1], null).ShouldBeNull();
    }

    [Fact]
    public void A_running_run_is_expected_to_end_as_others_did()
    {
        double[] sorted = [.. Enumerable.Range(1, 20).Select(i => i * 1000.0)];
        var end = ExpectedEnd.Of(s_start, s_start.AddSeconds(19), sorted)!;
        (end.Samples, end.Likely, end.Latest, end.IsAtRisk).ShouldBe((20, s_start.AddSeconds(10), s_start.AddSeconds(19), false));
        ExpectedEnd.Of(s_start, s_start.AddSeconds(19.001), sorted)!.IsAtRisk.ShouldBeTrue();
        ExpectedEnd.Of(s_start, s_start, []).ShouldBeNull();
        ExpectedEnd.Of(s_start, s_start, [double.MaxValue]).ShouldBeNull();
    }
}

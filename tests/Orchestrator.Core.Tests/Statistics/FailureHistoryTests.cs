using FsCheck;
using FsCheck.Fluent;
using Orchestrator.Core.Statistics;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Statistics;

public sealed class FailureHistoryTests
{
    private static readonly DateTimeOffset s_start = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);

    // One letter a minute: c completed, f failed, . nothing.
    private static IEnumerable<RunOutcome> Runs(string letters) =>
        letters.Select((c, i) => (c, i)).Where(x => x.c != '.').Select(x => new RunOutcome(s_start.AddMinutes(x.i), x.c == 'c'));

    [Theory]
    [InlineData("", 0, null, 0)]
    [InlineData("ccc", 0, null, 0)]
    [InlineData("cff", 2, null, 0)]
    [InlineData("fff", 3, null, 0)]
    [InlineData("cfc", 0, 1.0, 1)]
    [InlineData("cffc", 0, 2.0, 1)]
    [InlineData("cf..fc", 0, 4.0, 1)]
    [InlineData("cfccffff.c", 0, 3.0, 2)]
    [InlineData("ffcfc", 0, 1.0, 1)]
    [InlineData("cfcf", 1, 1.0, 1)]
    public void Streak_and_mean_time_to_recovery(string letters, int streak, double? mttrMinutes, int recoveries)
    {
        var history = FailureHistory.Of(Runs(letters));
        (history.Streak, history.MttrMs, history.Recoveries).ShouldBe((streak, mttrMinutes * 60_000, recoveries));
    }

    [Fact]
    public void The_last_success_and_the_begin_of_the_streak_are_named()
    {
        var history = FailureHistory.Of(Runs("cfc.ff"));
        history.LastSuccess.ShouldBe(s_start.AddMinutes(2));
        history.FailingSince.ShouldBe(s_start.AddMinutes(4));
        history.SinceSuccess(s_start.AddMinutes(10)).ShouldBe(TimeSpan.FromMinutes(8));
        history.SinceSuccess(s_start).ShouldBe(TimeSpan.Zero);
        FailureHistory.Of(Runs("ff")).SinceSuccess(s_start).ShouldBeNull();
    }

    [Fact]
    public void At_one_instant_the_failure_comes_first() =>
        FailureHistory.Of([new(s_start, true), new(s_start, false)]).Streak.ShouldBe(0);

    [Fact]
    public void The_order_in_which_runs_are_given_changes_nothing() => Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed =>
    {
        var random = new Random(seed);
        var runs = Enumerable.Range(0, random.Next(30)).Select(_ => new RunOutcome(s_start.AddSeconds(random.Next(20)), random.Next(2) == 0)).ToArray();
        var expected = FailureHistory.Of(runs);
        random.Shuffle(runs);
        FailureHistory.Of(runs).ShouldBe(expected);

        // A slow reference for the two counts.
        var sorted = runs.OrderBy(r => r.EndedAt).ThenBy(r => r.IsCompleted ? 1 : 0).ToList();
        expected.Streak.ShouldBe(sorted.Count - 1 - sorted.FindLastIndex(r => r.IsCompleted));
        expected.Recoveries.ShouldBe(Enumerable.Range(1, Math.Max(0, sorted.Count - 1)).Count(i => sorted[i - 1].IsCompleted && !sorted[i].IsCompleted && sorted[i..].Any(r => r.IsCompleted)));
    }).Check(Config.QuickThrowOnFailure);

    [Theory]
    [InlineData(0, 0, null, null)]
    [InlineData(3, 1, 0.75, 0.25)]
    [InlineData(0, 2, 0.0, 1.0)]
    public void Rates_are_of_what_finished(long completed, long failed, double? success, double? failure)
    {
        Rates.Success(completed, failed).ShouldBe(success);
        Rates.Failure(completed, failed).ShouldBe(failure);
    }

    [Fact]
    public void The_flake_score_is_null_where_nothing_finished() => (Rates.Flake(0, 0), Rates.Flake(1, 4)).ShouldBe((null, 0.25));
}

using FsCheck;
using FsCheck.Fluent;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Runs;

public sealed class RetryRuleTests
{
    private static readonly RunId Run = RunId.New(new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), new byte[10]);

    [Theory]
    [InlineData(503, true, "", true)]
    [InlineData(404, false, "", false)]
    [InlineData(404, false, "404", true)]
    [InlineData(503, true, "404", false)]
    public void A_list_of_statuses_overrules_what_is_retried_by_default(int status, bool retryable, string list, bool again) =>
        After(new() { OnHttpStatus = [.. list.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse)] },
            new(FailureKind.HttpStatus, "x", retryable) { HttpStatus = status }).HasValue.ShouldBe(again);

    [Theory]
    [InlineData("40001", "40001", true)]
    [InlineData("40P01", "40", true)]
    [InlineData("23505", "40,08006", false)]
    [InlineData("23505", "", true)]
    public void A_list_of_SQLSTATEs_takes_codes_and_classes(string state, string list, bool again) =>
        After(new() { OnSqlState = [.. list.Split(',', StringSplitOptions.RemoveEmptyEntries)] }, new(FailureKind.SqlError, "x") { SqlState = state }).HasValue.ShouldBe(again);

    [Fact]
    public void A_filter_judges_only_failures_that_carry_what_it_names()
    {
        var policy = new RetryPolicy { OnExitCodes = [75], OnHttpStatus = [503], OnSqlState = ["40"] };
        After(policy, new(FailureKind.Timeout, "x")).ShouldNotBeNull();
        After(policy, new(FailureKind.ExitCode, "x") { Process = new("a", 1, 1, null, 0) }).ShouldBeNull();
        After(policy, new(FailureKind.ExitCode, "x") { Process = new("a", 1, 75, null, 0) }).ShouldNotBeNull();
        After(policy with { OnKinds = [FailureKind.HttpStatus] }, new(FailureKind.Timeout, "x")).ShouldBeNull();
    }

    [Theory]
    [InlineData(10, 60, 10)]      // asked for less than the policy waits anyway: no
    [InlineData(1, 60, 2)]
    [InlineData(90, 60, 60)]      // the policy's maximum holds
    [InlineData(90, 300, 90)]
    [InlineData(100_000, 7200, 7200)]
    public void What_the_other_side_asks_for_lengthens_the_wait_within_bounds(int asked, int most, int expected) =>
        After(new() { InitialDelay = TimeSpan.FromSeconds(2), MaxDelay = TimeSpan.FromSeconds(most) }, new(FailureKind.HttpStatus, "x") { RetryAfter = TimeSpan.FromSeconds(asked) })
            .ShouldBe(TimeSpan.FromSeconds(expected));

    [Fact]
    public void A_longest_possible_wish_does_no_harm() =>
        After(new(), new(FailureKind.HttpStatus, "x") { RetryAfter = TimeSpan.MaxValue }).ShouldBe(TimeSpan.FromSeconds(60));

    [Fact]
    public void The_draws_of_a_known_run_are_these()
    {
        var policy = new RetryPolicy { Jitter = true };
        double[] delays = [.. Enumerable.Range(1, 6).Select(n => RetryJitter.DelayAfter(policy, Run, new("load"), n).TotalMilliseconds)];
        delays.ShouldBe(Golden);
    }

    private static readonly double[] Golden = [2521.972, 3419.819, 3752.794, 1653.008, 4020.975, 12003.985];

    [Fact]
    public void Jitter_stays_between_the_initial_delay_and_three_times_the_one_before_and_below_the_maximum() =>
        Check.One(Config.QuickThrowOnFailure, Prop.ForAll(
            Gen.Choose(0, 5000).SelectMany(i => Gen.Choose(0, 100_000).SelectMany(m => Gen.Choose(1, 40).SelectMany(n => Gen.Choose(0, 1000).Select(t => (Initial: i, Most: Math.Max(i, m), Attempts: n, Task: t))))).ToArbitrary(),
            c =>
            {
                var policy = new RetryPolicy { Jitter = true, InitialDelay = TimeSpan.FromMilliseconds(c.Initial), MaxDelay = TimeSpan.FromMilliseconds(c.Most) };
                var before = policy.InitialDelay.TotalMilliseconds;
                for (var n = 1; n <= c.Attempts; n++)
                {
                    var delay = RetryJitter.DelayAfter(policy, Run, new($"t{c.Task}"), n);
                    if (delay != RetryJitter.DelayAfter(policy, Run, new($"t{c.Task}"), n)) return false;
                    var ms = delay.TotalMilliseconds;
                    if (ms < c.Initial || ms > c.Most || ms > (3 * before) + 0.01) return false;
                    before = ms;
                }
                return true;
            }));

    [Fact]
    public void Tasks_that_fail_together_do_not_come_back_together() =>
        Enumerable.Range(0, 100).Select(i => RetryJitter.DelayAfter(new() { Jitter = true }, Run, new($"t{i}"), 1)).Distinct().Count().ShouldBe(100);

    private static TimeSpan? After(RetryPolicy policy, TaskOutcome.Failed failed)
    {
        var task = A.Task("a") with { Retry = policy };
        return Retries.After(Run, task, new() { Attempt = 1 }, failed, isEnding: false).Delay;
    }
}

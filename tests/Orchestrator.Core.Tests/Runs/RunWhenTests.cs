using Orchestrator.Core.Runs;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Runs;

public sealed class RunWhenTests
{
    // Columns: all succeeded, one failed of two, one skipped of two, one cancelled of two, all failed, no dependency.
    [Theory]
    [InlineData(RunWhen.AllSuccess, true, false, false, false, false, true)]
    [InlineData(RunWhen.NoneFailed, true, false, true, false, false, true)]
    [InlineData(RunWhen.NoneSkipped, true, true, false, true, true, true)]
    [InlineData(RunWhen.OneSuccess, true, true, true, true, false, true)]
    [InlineData(RunWhen.OneFailed, false, true, false, false, true, false)]
    [InlineData(RunWhen.AllDone, true, true, true, true, true, true)]
    public void The_six_rules_are_this_table(RunWhen rule, bool allSuccess, bool oneFailed, bool oneSkipped, bool oneCancelled, bool allFailed, bool none)
    {
        Gates.Opens(rule, new(2, 2, 0, 0, 0)).ShouldBe(allSuccess);
        Gates.Opens(rule, new(2, 1, 1, 0, 0)).ShouldBe(oneFailed);
        Gates.Opens(rule, new(2, 1, 0, 1, 0)).ShouldBe(oneSkipped);
        Gates.Opens(rule, new(2, 1, 0, 0, 1)).ShouldBe(oneCancelled);
        Gates.Opens(rule, new(2, 0, 2, 0, 0)).ShouldBe(allFailed);
        Gates.Opens(rule, default).ShouldBe(none);
    }
}

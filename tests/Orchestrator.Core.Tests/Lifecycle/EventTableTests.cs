using System.Runtime.CompilerServices;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Lifecycle;
using Orchestrator.Core.Runs;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Lifecycle;

public sealed class EventTableTests
{
    private static readonly string[] AllTypes =
    [
        .. typeof(JournalEvent).Assembly.GetTypes()
            .Where(t => t is { IsAbstract: false } && t.IsAssignableTo(typeof(JournalEvent)))
            .Select(t => ((JournalEvent)RuntimeHelpers.GetUninitializedObject(t)).Type),
    ];

    [Fact]
    public void Every_event_has_a_row_and_every_row_an_event() => EventTable.Types.Order().ShouldBe(AllTypes.Order());

    [Fact]
    public void Numbers_are_unique_and_in_their_range()
    {
        var numbers = EventTable.Types.Select(EventTable.Number).ToArray();
        numbers.ShouldBeUnique();
        numbers.ShouldAllBe(n => n >= 4000 && n < 4200);
    }

    [Theory]
    [InlineData("workflow.failed", 2)]
    [InlineData("stage.failed", 2)]
    [InlineData("task.failed", 2)]
    [InlineData("task.retrying", 1)]
    [InlineData("task.cancelled", 1)]
    [InlineData("workflow.cancelled", 1)]
    [InlineData("telemetry.degraded", 1)]
    [InlineData("workflow.completed", 0)]
    [InlineData("workflow.cancel_requested", 0)]
    [InlineData("task.started", 0)]
    public void Priority_follows_from_the_type(string type, int priority) => EventTable.Priority(type).ShouldBe(priority);

    [Fact]
    public void Short_types_are_upper_case_with_underscores() => EventTable.ShortType("workflow.cancel_requested").ShouldBe("WORKFLOW_CANCEL_REQUESTED");

    [Fact]
    public void Severity_follows_from_the_event()
    {
        var task = new TaskId("t");
        Severity(new TaskQueued(task, "slot")).ShouldBe(EventSeverity.Debug);
        Severity(new TaskStarted(task, 1, 1, "run")).ShouldBe(EventSeverity.Info);
        Severity(new TaskCancelled(task, 0, CancelReason.FailFast)).ShouldBe(EventSeverity.Info);
        Severity(new TaskFailed(task, 1) { Error = "e", Kind = FailureKind.ExitCode }).ShouldBe(EventSeverity.Error);
        Severity(new StageFailed("s", "e", FailureKind.ExitCode, 1)).ShouldBe(EventSeverity.Error);
        Severity(new WorkflowRecovered("worker lost", 2, "b")).ShouldBe(EventSeverity.Warn);
        Severity(new TaskSkipped(task, SkipReason.Condition)).ShouldBe(EventSeverity.Info);
        Severity(new TaskSkipped(task, SkipReason.DependencyFailed)).ShouldBe(EventSeverity.Warn);
        Severity(new ScheduleSkipped("s", "w", default, "overlap")).ShouldBe(EventSeverity.Info);
        Severity(new ScheduleSkipped("s", "w", default, "misfire")).ShouldBe(EventSeverity.Warn);
    }

    private static EventSeverity Severity(JournalEvent e) => EventTable.Severity(e);
}

using Orchestrator.Core;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Reconciliation;
using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Reconciliation;

public sealed class MetricsReconciliationTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_page_is_read_with_its_labels_escapes_and_timestamps()
    {
        var page = MetricsText.Read("# HELP a_total x\n# TYPE a_total counter\na_total{l=\"one \\\"two\\\" \\\\ \\n\",m=\"\"} 3 1700000000\nb 1e3\nc{x=\"1\",} +Inf\n");
        page.Select(s => s.Name).ShouldBe(["a_total", "b", "c"]);
        page[0]["l"].ShouldBe("one \"two\" \\ \n");
        (page[0].Value, page[1].Value, page[2].Value).ShouldBe((3, 1000, double.PositiveInfinity));
        Should.Throw<FormatException>(() => MetricsText.Read("a{b=1} 2")).Message.ShouldContain("a{b=1} 2");
    }

    [Fact]
    public void Counts_that_are_those_of_the_journal_do_not_differ()
    {
        var (compared, found) = MetricsReconciliation.Compare(Page(1, 1, 0), Journal("w1"), Page(1, 1, 0));
        found.ShouldBeEmpty();
        compared.ShouldBe(6);
    }

    [Fact]
    public void A_count_that_the_metrics_have_twice_is_found() =>
        MetricsReconciliation.Compare(Page(2, 1, 0), Journal("w1"), Page(2, 1, 0)).Differences.ShouldHaveSingleItem()
            .ShouldBe(new("metrics", "cicd_pipeline_run_duration_seconds_count{flow}", "success", "1", "2"));

    [Fact]
    public void While_the_worker_is_at_work_the_journal_may_lie_between_two_looks_at_its_metrics() =>
        MetricsReconciliation.Compare(Page(0, 0, 1), Journal("w1"), Page(3, 2, 7)).Differences.ShouldBeEmpty();

    [Fact]
    public void An_active_run_that_the_journal_does_not_know_is_found() =>
        MetricsReconciliation.Compare(Page(1, 1, 2), Journal("w1"), Page(1, 1, 2)).Differences.ShouldHaveSingleItem().What.ShouldBe("open runs");

    [Fact]
    public void What_another_worker_or_an_earlier_process_of_the_same_name_did_is_not_counted()
    {
        Journal("w2").Counts.ShouldBeEmpty();
        var later = new WorkerCounters("w1", Noon.AddHours(1));
        later.Add(Events());
        later.Counts.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(0, 1, 1, true)]    // begun and ended in this worker's life
    [InlineData(0, 1, 0, false)]
    [InlineData(0, 1, 2, false)]
    [InlineData(-1, 1, 1, true)]   // older than the worker: whoever ended it counted it
    [InlineData(-1, 1, 0, true)]
    [InlineData(-1, 1, 2, false)]
    [InlineData(-2, -1, 0, true)]
    [InlineData(-2, -1, 1, false)]
    public void A_run_that_ended_before_it_had_started_counts_once(int created, int ended, int told, bool agrees)
    {
        var stream = StreamId.Run(RunId.New(Noon, new byte[10]));
        var counters = new WorkerCounters("w1", Noon);
        counters.Add([
            new(stream, 1, Noon.AddMinutes(created), new WorkflowCreated { Workflow = "flow", DefinitionVersion = "v" }),
            new(stream, 2, Noon.AddMinutes(ended), new WorkflowCancelled { CancelReason = CancelReason.RunCancelled, Total = 1, Completed = 0, Failed = 0, FailedAllowed = 0, Skipped = 0, Cancelled = 1, DurationMs = 1, Reason = "r" }),
        ]);
        var page = MetricsText.Read($"cicd_pipeline_run_duration_seconds_count{{cicd_pipeline_name=\"flow\",cicd_pipeline_run_state=\"pending\",cicd_pipeline_result=\"cancellation\"}} {told}\n");
        var found = MetricsReconciliation.Compare(page, counters, page).Differences;
        found.Count.ShouldBe(agrees ? 0 : 1);
        foreach (var difference in found) difference.What.ShouldBe("cancellation, never started");
    }

    private static WorkerCounters Journal(string instance)
    {
        var counters = new WorkerCounters(instance, Noon);
        counters.Add(Events());
        return counters;
    }

    /// <summary>One run of two tasks: one repeated, one cancelled while it waited to be repeated.</summary>
    private static List<RecordedEvent> Events()
    {
        var stream = StreamId.Run(RunId.New(Noon, new byte[10]));
        JournalEvent[] events =
        [
            new WorkflowCreated { Workflow = "flow", DefinitionVersion = "v" }, new WorkflowStarted { TotalTasks = 1, InstanceId = "w1" },
            new TaskStarted(new("a"), 1, 2, "noop"),
            new TaskRetrying(new("a"), 1) { NextAttempt = 2, DelayMs = 1, RetryAt = Noon, Error = "x", ErrorType = FailureKind.ExitCode },
            new TaskCancelled(new("a"), 1, CancelReason.FailFast),
            new WorkflowCompleted { Total = 1, Completed = 0, Failed = 0, FailedAllowed = 0, Skipped = 0, Cancelled = 1, DurationMs = 1, Reason = "r" },
        ];
        return [.. events.Select((e, i) => new RecordedEvent(stream, i + 1, Noon.AddSeconds(i), e))];
    }

    private static IReadOnlyList<MetricSample> Page(int runs, int retries, int active) => MetricsText.Read($$"""
        target_info{service_instance_id="w1"} 1
        cicd_pipeline_run_duration_seconds_count{cicd_pipeline_name="flow",cicd_pipeline_run_state="pending"} 1
        cicd_pipeline_run_duration_seconds_count{cicd_pipeline_name="flow",cicd_pipeline_run_state="executing",cicd_pipeline_result="success"} {{runs}}
        orchestrator_task_attempt_duration_seconds_count{cicd_pipeline_name="flow",cicd_pipeline_task_run_result="failure"} {{retries}}
        orchestrator_task_duration_seconds_count{cicd_pipeline_name="flow",cicd_pipeline_task_run_result="cancellation"} {{retries}}
        orchestrator_task_retries_total{cicd_pipeline_name="flow"} {{retries}}
        cicd_pipeline_run_active{cicd_pipeline_run_state="executing"} {{active}}
        """);
}

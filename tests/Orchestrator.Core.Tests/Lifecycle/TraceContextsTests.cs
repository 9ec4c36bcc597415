using Orchestrator.Core.Lifecycle;
using Orchestrator.Core.Runs;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Lifecycle;

public sealed class TraceContextsTests
{
    private static readonly RunId Run = ALife.Run;

    [Fact]
    public void A_process_gets_the_id_of_its_own_span_in_the_runs_trace()
    {
        var stamp = TraceContexts.ForProcess(Run, null, "sales nightly", ALife.Fetch, 2);
        stamp.TraceParent.ShouldBe($"00-{Run.Hex}-{TraceIds.SpanId(Run, TraceIds.Process, "fetch", 2)}-01");
        stamp.TraceState.ShouldBeNull();
        stamp.Baggage.ShouldBe($"orchestrator.run.id={Run},cicd.pipeline.name=sales%20nightly");
    }

    [Fact]
    public void A_callers_trace_state_and_sampling_are_passed_on_but_not_its_baggage()
    {
        var stamp = TraceContexts.ForProcess(Run, new("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00", "a=1", "user=ann"), "w", ALife.Fetch, 1);
        stamp.TraceParent.ShouldStartWith("00-4bf92f3577b34da6a3ce929d0e0e4736-");
        stamp.TraceParent.ShouldEndWith("-00");
        stamp.TraceState.ShouldBe("a=1");
        stamp.Baggage!.ShouldNotContain("ann");
    }

    [Theory]
    [InlineData("")]
    [InlineData("garbage")]
    [InlineData("00-00000000000000000000000000000000-00f067aa0ba902b7-01")]
    [InlineData("00-4bf92f3577b34da6a3ce929d0e0e473X-00f067aa0ba902b7-01")]
    public void An_invalid_caller_context_is_no_context(string traceParent)
    {
        var inbound = new TraceStamp(traceParent);
        TraceIds.TraceId(Run, inbound).ShouldBe(Run.Hex);
        TraceContexts.IsSampled(inbound).ShouldBeTrue();
    }

    [Fact]
    public void Span_ids_differ_by_kind_task_and_attempt_and_never_by_time()
    {
        string[] ids =
        [
            TraceIds.SpanId(Run, TraceIds.Run), TraceIds.SpanId(Run, TraceIds.Task, "a"), TraceIds.SpanId(Run, TraceIds.Task, "b"),
            TraceIds.SpanId(Run, TraceIds.Attempt, "a", 1), TraceIds.SpanId(Run, TraceIds.Attempt, "a", 2),
        ];
        ids.ShouldBeUnique();
        ids.ShouldAllBe(id => id.Length == 16);
        TraceIds.SpanId(Run, TraceIds.Task, "a").ShouldBe(ids[1]);
    }
}

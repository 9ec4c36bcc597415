using Orchestrator.Core.Definitions;
using Orchestrator.Core.Lifecycle;
using Orchestrator.Core.Runs;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Lifecycle;

public sealed class EnvelopeProjectionTests
{
    private readonly LifecycleEnvelope[] _all = ALife.Envelopes();

    [Fact]
    public void What_is_constant_for_the_run_stands_in_every_envelope()
    {
        foreach (var e in _all)
        {
            e.RunId.ShouldBe(ALife.Run);
            e.Workflow.ShouldBe("nightly");
            e.Source.ShouldBe("orchestrator.nightly");
            e.CorrelationId.ShouldBe(ALife.Run.ToString());
            e.DefinitionVersion.ShouldBe(ALife.Created.DefinitionVersion);
            (e.TenantId, e.ProjectId, e.ScheduleId).ShouldBe(("acme", "sales", "0200"));
            e.Trace!.TraceId.ShouldBe(ALife.Run.Hex);
        }
        _all.Select(e => e.Seq).ShouldBe(Enumerable.Range(1, _all.Length).Select(n => (long)n));
    }

    [Fact]
    public void Each_event_names_the_one_that_caused_it()
    {
        int?[] causes = [null, 1, 2, 3, 4, 5, 6, 7, 8, 3, 10, 11, 12, 13, 14, 15];
        for (var i = 1; i < _all.Length; i++)
            _all[i].CausationId.ShouldBe(_all[causes[i]!.Value - 1].EventId.ToString(), $"event {i + 1}, {_all[i].Type}");
        _all[0].CausationId.ShouldBe("cause-0");
    }

    [Theory]
    [InlineData("\"deps\"", "deps")]
    [InlineData("\"\"", "each[0]")]
    [InlineData("3.10", "3.10")]
    [InlineData("true", "true")]
    [InlineData("null", "each[0]")]
    [InlineData("{}", "each[0]")]
    [InlineData("[\"deps\"]", "each[0]")]
    [InlineData("{\"os\": \"linux\", \"py\": 3.10}", "os=linux, py=3.10")]
    [InlineData("{\"name\": \"deps\", \"more\": {}}", "each[0]")]
    [InlineData("long", "each[0]")]
    public void A_child_of_a_fan_out_has_its_item_as_its_module_where_that_is_a_name_and_no_other_task_has_one(string item, string module)
    {
        if (item == "long") item = $"\"{new string('x', 201)}\"";
        var (each, child) = (new TaskId("each"), new TaskId("each[0]"));
        var e = ALife.Envelopes(
        [
            ALife.Created, new WorkflowQueued("accepted", "default", 0, 1), new WorkflowStarted { TotalTasks = 3 }, new TaskStarted(each, 1, 1, "foreach"),
            new TaskExpanded(each, 1, System.Text.Json.JsonElement.Parse($"[{item}]")), new TaskStarted(child, 1, 1, "noop"), new TaskCompleted(child, 1), new TaskCompleted(each, 1),
        ]);
        e.Select(x => x.Module).ShouldBe([null, null, null, null, null, module, module, null]);
    }

    [Fact]
    public void Tasks_never_started_are_cancelled_by_the_request_to_cancel()
    {
        var e = ALife.Envelopes(
        [
            ALife.Created, new WorkflowQueued("accepted", "default", 0, 1), new WorkflowStarted { TotalTasks = 3 },
            new WorkflowCancelRequested(CancelReason.RunCancelled, "ann"), new TaskCancelled(ALife.Load, 0, CancelReason.RunCancelled),
        ]);
        e[4].CausationId.ShouldBe(e[3].EventId.ToString());
    }

    [Fact]
    public void Stages_and_attempts_are_told()
    {
        _all.Select(e => e.Stage).ShouldBe(
            [null, null, null, "extract", "extract", "extract", "extract", "extract", "extract", "default", "default", "default", "default", "default", null, null]);
        _all[6].Attempt.ShouldBe(2);
        _all[12].Attempt.ShouldBeNull("a skipped task has made no attempt");
        _all[2].OwnerEpoch.ShouldBe(1);
        _all[0].OwnerEpoch.ShouldBe(0);
    }

    [Fact]
    public void Events_belong_to_the_span_they_are_about()
    {
        Span(2).ShouldBe(TraceIds.SpanId(ALife.Run, TraceIds.Run));
        Span(3).ShouldBe(TraceIds.SpanId(ALife.Run, TraceIds.Stage, "extract"));
        Span(4).ShouldBe(TraceIds.SpanId(ALife.Run, TraceIds.Attempt, "fetch", 1));
        Span(5).ShouldBe(TraceIds.SpanId(ALife.Run, TraceIds.Attempt, "fetch", 1));
        Span(7).ShouldBe(TraceIds.SpanId(ALife.Run, TraceIds.Task, "fetch"));
        Span(9).ShouldBe(TraceIds.SpanId(ALife.Run, TraceIds.Run), "the implicit stage has no span");
        Span(12).ShouldBe(TraceIds.SpanId(ALife.Run, TraceIds.Task, "tell"));
        Span(15).ShouldBe(TraceIds.SpanId(ALife.Run, TraceIds.Run));

        string Span(int index) => _all[index].Trace!.SpanId;
    }

    [Fact]
    public void A_callers_trace_and_correlation_are_kept()
    {
        var created = ALife.Created with { CorrelationId = "order-7", Trace = new("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01") };
        var e = ALife.Envelopes([created]).Single();
        e.CorrelationId.ShouldBe("order-7");
        e.Trace!.TraceId.ShouldBe("4bf92f3577b34da6a3ce929d0e0e4736");
    }

    [Fact]
    public void Event_ids_are_derived_and_of_version_8()
    {
        ALife.Envelopes().Select(e => e.EventId).ShouldBe(_all.Select(e => e.EventId));
        _all.Select(e => e.EventId).ShouldBeUnique();
        _all.ShouldAllBe(e => e.EventId.Version == 8 && (e.EventId.Variant & 0xC) == 8);
    }

    [Fact]
    public void A_reader_of_old_events_claims_no_more_of_the_producer_than_they_tell()
    {
        var e = ALife.Envelopes(producer: EventProducer.Unknown);
        e[0].Producer.ShouldBe(EventProducer.Unknown);
        e[2].Producer.ShouldBe(new EventProducer("orchestrator", "node-1", null, null));
    }

    [Fact]
    public void Remembering_events_gives_the_later_ones_the_same_envelopes()
    {
        var events = ALife.Recorded().ToArray();
        var projection = new EnvelopeProjection(ALife.Run, ALife.Definition, ALife.Producer);
        foreach (var e in events.Take(7)) projection.Remember(e);
        events.Skip(7).Select(projection.Next).ShouldBe(_all.Skip(7));
    }
}

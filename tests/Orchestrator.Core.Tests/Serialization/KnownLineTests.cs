using System.Buffers;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Serialization;
using Orchestrator.Core.Serialization.Known;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Serialization;

/// <summary>The quick way to read a line: either it says the same as the general one, or nothing.</summary>
public sealed class KnownLineTests
{
    private static readonly TaskId Task = new("load");
    private readonly JournalCodec _codec = new();

    [Fact]
    public void The_most_frequent_events_are_read_the_quick_way()
    {
        var process = new ProcessFacts("sh", 4711, 0);
        JournalEvent[] frequent =
        [
            new WorkflowQueued("accepted", "default", 0, 0),
            new WorkflowStarted { TotalTasks = 4, QueueWaitMs = 1.25, InstanceId = "host-1" },
            new TaskQueued(Task, "slots"),
            new TaskStarted(Task, 1, 1, "exec"),
            new TaskStarted(new("load[12]"), 1, 1, "exec") { Role = TaskEvent.Handler },
            new TaskCompleted(Task, 1) { DurationMs = 1.5, AttemptDurationMs = 1.25, Attempts = 1 },
            new TaskCompleted(Task, 1) { DurationMs = 1.5, AttemptDurationMs = 1.25, ExitCode = 0, Process = process, LogRef = "logs/load.1.log" },
            new TaskCompleted(Task, 1) { DurationMs = 1.5, Process = process with { Usage = new(1.25, 0.5, null, 0, 4096) } },
            new TaskCompleted(Task, 1) { DurationMs = 1.5, Process = process with { Usage = new(1.25, 0.5, 1L << 33, 0, 4096) }, LogRef = "logs/load.1.log" },
            new WorkflowCompleted { Total = 1, Completed = 1, Failed = 0, FailedAllowed = 0, Skipped = 0, Cancelled = 0, DurationMs = 3, Reason = "all 1 tasks completed" },
        ];
        foreach (var e in frequent)
        {
            KnownLine.TryRead(Line(e), null).ShouldNotBeNull(e.ToString());
            Same(e);
        }
    }

    [Fact]
    public void Every_event_reads_the_same_both_ways()
    {
        foreach (var e in SampleEvents.All) Same(e);
    }

    [Fact]
    public void Only_free_values_and_escapes_are_left_to_the_general_reader()
    {
        var slow = SampleEvents.All.Where(e => KnownLine.TryRead(Line(e), null) is null).ToList();
        slow.Where(e => !Encoding.UTF8.GetString(Line(e)).Contains('\\') && !HasValues(e)).Select(e => e.Type).ShouldBeEmpty();
        slow.Count.ShouldBeLessThan(SampleEvents.All.Count / 5);
    }

    private static bool HasValues(JournalEvent e) => e is TaskExpanded or CheckpointApproved or TaskCompleted { InlineOutputs: not null } or WorkflowCompleted { WorkflowResult: not null }
        or WorkflowCreated { Params.Count: > 0 } or WorkflowCreated { Labels.Count: > 0 } or WorkflowCreated { Links.IsDefault: false } or ScheduleUpdated { Open.IsDefaultOrEmpty: false }
        or TriggerReceived { Facts: not null } or TriggerFired { Params.Count: > 0 } or TriggerRestated { Pending.IsDefaultOrEmpty: false } or BackfillCreated { Params.Count: > 0 };

    [Fact]
    public void Any_duration_reads_the_same_both_ways() => Prop.ForAll<NormalFloat, int, PositiveInt>((any, whole, micros) =>
    {
        foreach (var ms in (double[])[any.Get, whole, whole / 1000.0, Math.Round(micros.Get * 0.001, 3), Math.Round(any.Get, 6)])
            Same(new TaskCompleted(Task, 1) { DurationMs = ms, QueueMs = -ms, AttemptDurationMs = ms * 3 });
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_member_that_is_not_expected_leaves_the_line_to_the_general_reader()
    {
        var text = Encoding.UTF8.GetString(Line(new TaskStarted(Task, 1, 1, "exec")));
        string[] unusual =
        [
            text.Replace("\"max_attempts\":1", "\"max_attempts\": 1", StringComparison.Ordinal),
            text.Replace("\"executor\":\"exec\"", "\"executor\":\"ex\\u0065c\"", StringComparison.Ordinal),
            text.Replace("\"executor\":\"exec\"", "\"executor\":\"exec\",\"later\":1", StringComparison.Ordinal),
            text.Replace("\"max_attempts\":1,\"executor\":\"exec\"", "\"executor\":\"exec\",\"max_attempts\":1", StringComparison.Ordinal),
        ];
        foreach (var line in unusual)
        {
            line.ShouldNotBe(text);
            KnownLine.TryRead(Encoding.UTF8.GetBytes(line), null).ShouldBeNull(line);
            JournalCodec.Read(Encoding.UTF8.GetBytes(line)).Event.ShouldBe(new TaskStarted(Task, 1, 1, "exec"));
        }
    }

    [Fact]
    public void No_prefix_of_a_line_is_taken_for_a_line()
    {
        var line = Line(new TaskCompleted(Task, 1) { DurationMs = 1.5, Process = new("sh", 1, 0), LogRef = "logs/load.1.log" });
        var data = Encoding.UTF8.GetString(line).IndexOf(",\"b\":", StringComparison.Ordinal);
        for (var length = 0; length < data + 5; length++) KnownLine.TryRead(line.AsSpan(0, length), null).ShouldBeNull();
    }

    private void Same(JournalEvent e)
    {
        var line = Line(e);
        if (KnownLine.TryRead(line, null) is not { } quick) return;
        var general = JournalLine.ReadAny(line, null);
        (quick.Stream, quick.Seq, quick.Time).ShouldBe((general.Stream, general.Seq, general.Time));
        quick.Event.ToString().ShouldBe(general.Event.ToString());
        Encoding.UTF8.GetString(Line(quick.Event)).ShouldBe(Encoding.UTF8.GetString(Line(general.Event)));
    }

    private byte[] Line(JournalEvent e)
    {
        var output = new ArrayBufferWriter<byte>();
        _codec.Write(output, SampleEvents.Record(e, 7), new(3, 4096, 2));
        return output.WrittenSpan.ToArray();
    }
}

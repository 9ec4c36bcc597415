using System.Buffers;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Serialization;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Serialization;

public sealed class JournalCodecTests
{
    private readonly JournalCodec _codec = new();

    [Fact]
    public void Every_event_type_has_a_sample_and_a_name_of_its_own()
    {
        var types = typeof(JournalEvent).Assembly.GetTypes().Where(t => t.IsSubclassOf(typeof(JournalEvent)) && !t.IsAbstract).ToHashSet();
        SampleEvents.All.Select(e => e.GetType()).ToHashSet().SetEquals(types).ShouldBeTrue();
        SampleEvents.All.DistinctBy(e => e.GetType()).Select(e => e.Type).Distinct().Count().ShouldBe(types.Count);
    }

    [Fact]
    public void Every_event_reads_back_as_it_was_written()
    {
        foreach (var e in SampleEvents.All)
        {
            var recorded = SampleEvents.Record(e, 7);
            var line = Line(recorded, new(3, 4096, 2));
            var back = JournalCodec.Read(line);
            (back.Stream, back.Seq, back.Time).ShouldBe((recorded.Stream, recorded.Seq, recorded.Time));
            back.Event.ShouldBeOfType(e.GetType());
            if (e is TaskEvent task) ((TaskEvent)back.Event).ShouldSatisfyAllConditions(t => t.Task.ShouldBe(task.Task), t => t.Attempt.ShouldBe(task.Attempt));
            Encoding.UTF8.GetString(Line(back, new(3, 4096, 2))).ShouldBe(Encoding.UTF8.GetString(line));
        }
    }

    [Fact]
    public void The_written_form_of_every_event_is_the_one_checked_in()
    {
        var actual = string.Concat(SampleEvents.All.Select((e, i) => Encoding.UTF8.GetString(Line(SampleEvents.Record(e, i + 1), new(i / 2 + 1, 80 + (i / 2 * 500), (i % 2) + 1)))));
        var path = Golden("v2.jsonl");
#pragma warning disable RS0030 // The switch is the developer's, not the program's.
        if (Environment.GetEnvironmentVariable("ORCHESTRATOR_GOLDEN") == "write") File.WriteAllText(path, actual);
#pragma warning restore RS0030
        actual.ShouldBe(File.ReadAllText(path));
    }

    [Fact]
    public void The_data_of_every_event_is_what_the_shape_it_is_read_by_would_write()
    {
        foreach (var e in SampleEvents.All)
        {
            var shape = ReadShapes.Of(e.Type).ShouldNotBeNull();
            var written = JsonNode.Parse(Line(SampleEvents.Record(e, 1), default))!["data"]!.ToJsonString();
            written.ShouldBe(JsonNode.Parse(JsonSerializer.Serialize(e, shape))!.ToJsonString(), e.Type);
        }
    }

    [Fact]
    public void Lines_written_by_earlier_versions_still_read()
    {
        foreach (var file in Directory.GetFiles(Path.GetDirectoryName(Golden(""))!, "*.jsonl"))
            foreach (var line in File.ReadLines(file))
            {
                LineTrailer.TryRead(Encoding.UTF8.GetBytes(line), out _).ShouldBeTrue(line);
                JournalCodec.Read(Encoding.UTF8.GetBytes(line)).Event.Type.ShouldBe((string)JsonNode.Parse(line)!["type"]!);
            }
    }

    [Fact]
    public void A_line_of_version_1_says_the_same_today_and_nothing_that_it_did_not_know()
    {
        foreach (var line in File.ReadLines(Golden("v1.jsonl")).Select(Encoding.UTF8.GetBytes))
        {
            LineTrailer.TryRead(line, out var mark).ShouldBeTrue();
            mark.IsOfVersion1.ShouldBeTrue();
            var e = JournalCodec.Read(line);
            if (e.Event is WorkflowCreated created) created.Labels.ShouldBeNull();
            if (e.Event is AttemptClosed closed) (closed.ClosesAttempt, closed.Loss, closed.RetryRefused).ShouldBe((null, null, null));
            var data = (byte[] l) => JsonNode.Parse(l)!["data"]!.ToJsonString();
            data(Line(e, new(9, 80, 1))).ShouldBe(data(line));
        }
    }

    [Fact]
    public void A_fact_of_a_later_version_in_a_line_of_version_1_counts_as_not_said()
    {
        var text = Encoding.UTF8.GetString(Line(SampleEvents.Record(new WorkflowCreated
        {
            Workflow = "w", DefinitionVersion = new('a', 64), Labels = ImmutableSortedDictionary<string, string>.Empty.Add("team", "data"),
        }), new(1, 80, 1)));
        ((WorkflowCreated)JournalCodec.Read(Encoding.UTF8.GetBytes(text)).Event).Labels!["team"].ShouldBe("data");
        ((WorkflowCreated)JournalCodec.Read(Encoding.UTF8.GetBytes(text.Replace("\"v\":2", "\"v\":1", StringComparison.Ordinal))).Event).Labels.ShouldBeNull();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Facts_that_a_line_does_not_state_are_worked_out_from_the_text_that_did(int version)
    {
        JournalEvent Old(JournalEvent e)
        {
            var root = JsonNode.Parse(Line(SampleEvents.Record(e), new(1, 80, 1)))!.AsObject();
            root["v"] = version;
            foreach (var fact in (string[])["loss", "pool", "retry_refusal", "closes_attempt", "retry_refused"]) root["data"]!.AsObject().Remove(fact);
            return JournalCodec.Read(Encoding.UTF8.GetBytes(root.ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))).Event;
        }

        LossCause? Loss(string error) => ((TaskRetrying)Old(new TaskRetrying(new("a"), 2) { NextAttempt = 3, DelayMs = 0, RetryAt = SampleEvents.At, Error = error, ErrorType = FailureKind.WorkerLost })).Loss;
        Loss("Attempt 12 was lost: the worker was stopped.").ShouldBe(LossCause.WorkerStopped);
        Loss("Attempt 2 was lost: resumed by ann.").ShouldBe(LossCause.WorkerGone);
        Loss("Attempt x was lost: the worker was stopped.").ShouldBeNull();
        Loss(" was lost: the worker was stopped.").ShouldBeNull();
        Loss("1 of 3 items failed, first 'a[0]': Attempt 1 was lost: the worker was stopped.").ShouldBeNull("the fan-out itself lost nothing");
        ((TaskFailed)Old(new TaskFailed(new("a"), 2) { Error = "Attempt 2 was lost: the worker was stopped. It is not idempotent, so it is not repeated.", Kind = FailureKind.WorkerLost })).Loss.ShouldBe(LossCause.WorkerStopped);
        ((TaskFailed)Old(new TaskFailed(new("a"), 2) { Error = "Attempt 2 was lost: the worker was stopped.", Kind = FailureKind.Error })).Loss.ShouldBeNull();

        string? Pool(string reason) => ((TaskQueued)Old(new TaskQueued(new("a"), reason))).Pool;
        Pool("waiting for a slot of pool 'it's'").ShouldBe("it's");
        Pool("waiting for a slot").ShouldBeNull();
        Pool("waiting for a slot of pool '").ShouldBeNull();

        string? Refusal(string reason) => ((WorkflowFailed)Old(new WorkflowFailed { Counts = new(1, 0, 1, 0, 0, 0), DurationMs = 1, Reason = reason, Error = "e", ErrorType = FailureKind.Error, ErrorClass = ErrorClass.Task })).RetryRefusal;
        Refusal("1 failed of 1 tasks; it could not be started anew: no place").ShouldBe("no place");
        Refusal("1 failed of 1 tasks").ShouldBeNull();
    }

    [Fact]
    public void A_line_can_be_put_elsewhere_without_reading_what_it_says()
    {
        foreach (var file in Directory.GetFiles(Path.GetDirectoryName(Golden(""))!, "*.jsonl"))
            foreach (var line in File.ReadLines(file).Select(Encoding.UTF8.GetBytes))
            {
                var moved = new ArrayBufferWriter<byte>();
                LineTrailer.Mark(moved, line, new(77, 12_345, 6));
                moved.WrittenSpan[^1].ShouldBe((byte)'\n');
                LineTrailer.TryRead(moved.WrittenSpan[..^1], out var mark).ShouldBeTrue();
                mark.ShouldBe(new LineMark(77, 12_345, 6));
                LineTrailer.Content(moved.WrittenSpan).ToArray().ShouldBe(LineTrailer.Content(line).ToArray());
            }
    }

    [Fact]
    public void Fields_stand_in_the_order_that_lets_a_reader_stop_early()
    {
        var keys = JsonNode.Parse(Line(SampleEvents.Record(new TaskStarted(new("a"), 1, 2, "run")), new(1, 80, 1)))!.AsObject().Select(p => p.Key);
        keys.ShouldBe(["seq", "type", "time", "stream", "run_id", "v", "task", "attempt", "data", "b", "f", "e", "c"]);
        var system = JsonNode.Parse(Line(SampleEvents.Record(new WorkerStarted("i", "1")), new(1, 80, 0)))!.AsObject().Select(p => p.Key);
        system.ShouldBe(["seq", "type", "time", "stream", "v", "data", "b", "f", "c"]);
    }

    [Fact]
    public void A_changed_byte_anywhere_spoils_the_line()
    {
        var line = Line(SampleEvents.Record(new TaskStarted(new("a"), 1, 2, "run")), new(12, 4096, 0))[..^1];
        LineTrailer.TryRead(line, out var mark).ShouldBeTrue();
        mark.ShouldBe(new LineMark(12, 4096, 0));
        for (var i = 0; i < line.Length; i++)
        {
            line[i] ^= 1;
            LineTrailer.TryRead(line, out _).ShouldBeFalse($"byte {i}");
            line[i] ^= 1;
        }
        for (var length = 0; length < line.Length; length++) LineTrailer.TryRead(line.AsSpan(0, length), out _).ShouldBeFalse();
    }

    [Fact]
    public void A_newer_version_is_refused_by_name_even_with_an_unknown_type()
    {
        var text = Encoding.UTF8.GetString(Line(SampleEvents.Record(new TaskStarted(new("a"), 1, 2, "run")), new(1, 80, 1)));
        Should.Throw<JournalFormatException>(() => JournalCodec.Read(Encoding.UTF8.GetBytes(text.Replace("\"v\":2", "\"v\":3", StringComparison.Ordinal))))
            .Message.ShouldContain("format version 3");
        Should.Throw<JournalFormatException>(() => JournalCodec.Read(Encoding.UTF8.GetBytes(
            text.Replace("\"v\":2", "\"v\":3", StringComparison.Ordinal).Replace("task.started", "task.exploded", StringComparison.Ordinal)))).Message.ShouldContain("format version 3");
        Should.Throw<JournalFormatException>(() => JournalCodec.Read(Encoding.UTF8.GetBytes(text.Replace("task.started", "task.exploded", StringComparison.Ordinal))))
            .Message.ShouldContain("task.exploded");
    }

    [Theory]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("[1]")]
    [InlineData("""{"seq":1}""")]
    [InlineData("""{"seq":1,"type":"task.started","time":"x","stream":"run:1","v":1,"data":{}}""")]
    public void Anything_else_is_a_clear_error(string text) =>
        Should.Throw<JournalFormatException>(() => JournalCodec.Read(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void The_header_is_read_without_the_rest()
    {
        var line = Line(SampleEvents.Record(new WorkflowFinalizing(RunStatus.Failed), 9), new(1, 80, 1));
        JournalLine.TryReadHeader(line, out var header).ShouldBeTrue();
        header.Seq.ShouldBe(9);
        Encoding.UTF8.GetString(header.Type).ShouldBe("workflow.finalizing");
        Encoding.UTF8.GetString(header.Stream).ShouldBe("run:" + SampleEvents.Run);
        Encoding.UTF8.GetString(header.TimeText).ShouldBe("2026-01-01T00:00:00.123456Z");
        header.EndsRun.ShouldBeFalse();
        JournalLine.TryReadHeader("{\"seq\":1,"u8, out _).ShouldBeFalse();
        foreach (var e in SampleEvents.All)
        {
            JournalLine.TryReadHeader(Line(SampleEvents.Record(e), default), out var h).ShouldBeTrue();
            h.EndsRun.ShouldBe(e is WorkflowEnded, e.Type);
        }
    }

    [Fact]
    public void The_checksum_is_the_published_one() => Crc32C.Of("123456789"u8).ShouldBe(0xE3069283u);

    private byte[] Line(RecordedEvent e, LineMark mark)
    {
        var output = new ArrayBufferWriter<byte>();
        _codec.Write(output, e, mark);
        return output.WrittenSpan.ToArray();
    }

    private static string Golden(string name, [CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "golden", name);
}

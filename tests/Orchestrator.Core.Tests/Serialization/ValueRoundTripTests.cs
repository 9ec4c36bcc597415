using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Lifecycle;
using Orchestrator.Core.Lifecycle.Compatibility;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Runs.View;
using Orchestrator.Core.Serialization;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Serialization;

/// <summary>Whatever value an entrance accepts is the same after the journal, in views and in envelopes.</summary>
public sealed class ValueRoundTripTests
{
    private static readonly string[] Texts =
        ["", "plain", "\u0000\u001f\u007f", "\"\\/\b\f\n\r\t", "ä€\ud83d\ude00", "\u2028\ufeff\uffff", "<&>'", "e\u0301", new('x', 70_000)];

    private static readonly string[] Numbers =
        ["0", "-0", "-0.0", "1e999", "1E-999", "123456789012345678901234567890", "0.1000000000000000055511151231257827", "9007199254740993", "-9223372036854775808", "1.10", "3e+5"];

    [Fact]
    public void Random_values_are_the_same_after_the_journal_and_in_views_and_envelopes()
    {
        var random = new Random(4711);
        for (var n = 0; n < 300; n++) Survives(Value(random, n % 10 == 0 ? JsonBounds.MaxDepth : random.Next(6), deep: n % 10 == 0));
    }

    [Fact]
    public void The_deepest_value_is_the_same_after_the_journal_and_in_views_and_envelopes()
    {
        Survives(new string('[', JsonBounds.MaxDepth) + new string(']', JsonBounds.MaxDepth));
        Survives(string.Concat(Enumerable.Repeat("{\"a\":", JsonBounds.MaxDepth - 1)) + "{}" + new string('}', JsonBounds.MaxDepth - 1));
    }

    [Fact]
    public void Lines_written_by_versions_without_the_bound_are_read()
    {
        var deep = JsonBounds.Parse(Encoding.UTF8.GetBytes(new string('[', 128) + new string(']', 128)));
        var values = ImmutableSortedDictionary<string, JsonElement>.Empty.Add("v", deep);
        Holds(Back(new WorkflowCreated { Workflow = "flow", DefinitionVersion = new('a', 64), Params = values }).Params["v"], deep);
    }

    private static void Survives(string json)
    {
        var value = JsonBounds.Parse(Encoding.UTF8.GetBytes(json));
        JsonBounds.Fault(value).ShouldBeNull();
        var values = ImmutableSortedDictionary<string, JsonElement>.Empty.Add("v", value);
        var created = new WorkflowCreated { Workflow = "flow", DefinitionVersion = new('a', 64), Params = values, CorrelationId = "c" };
        Holds(Back(created).Params["v"], value);
        var task = new TaskId("load");
        Holds(Back(new TaskCompleted(task, 1) { Outputs = values }).Outputs!["v"], value);
        Holds(Back(new TaskExpanded(task, 1, JsonBounds.Parse(Encoding.UTF8.GetBytes($"[{json}]")))).Items[0], value);
        Holds(Back(new CheckpointApproved(task, 1, "ann") { Values = values }).Values["v"], value);
        var completed = new WorkflowCompleted { Total = 1, Completed = 1, Failed = 0, FailedAllowed = 0, Skipped = 0, Cancelled = 0, DurationMs = 1, Reason = "ok", WorkflowResult = values };
        Holds(Back(completed).WorkflowResult!["v"], value);

        RecordedEvent[] events = [SampleEvents.Record(created, 1), SampleEvents.Record(new TaskCompleted(task, 1) { Outputs = values }, 2), SampleEvents.Record(completed, 3)];
        var flow = new WorkflowDefinition { Name = "flow", Tasks = [new TaskDefinition { Id = task, Action = new NoopAction() }] };
        var view = RunView.From(flow, SampleEvents.Run, events);
        foreach (var report in new[] { RunViewJson.Full(view), RunViewJson.Full(view, indented: true) })
        {
            using var read = JsonDocument.Parse(report, JsonBounds.Documents);
            Holds(read.RootElement.GetProperty("params").GetProperty("v"), value);
        }
        using (var summary = JsonDocument.Parse(RunViewJson.Summary(view), JsonBounds.Documents))
            Holds(summary.RootElement.GetProperty("tasks").GetProperty("load").GetProperty("outputs").GetProperty("v"), value);
        var projection = new EnvelopeProjection(SampleEvents.Run, flow, EventProducer.Unknown);
        using var lines = new ShapeLines();
        var writer = new EnvelopeJson();
        foreach (var e in events) writer.Write(lines, projection.Next(e), e.Stream);
        var envelopes = Encoding.UTF8.GetString(lines.Written.Span).Split('\n');
        Holds(JsonBounds.Parse(Encoding.UTF8.GetBytes(envelopes[0])).GetProperty("data").GetProperty("params").GetProperty("v"), value);
        Holds(JsonBounds.Parse(Encoding.UTF8.GetBytes(envelopes[1])).GetProperty("data").GetProperty("outputs").GetProperty("v"), value);
    }

    private static TEvent Back<TEvent>(TEvent e) where TEvent : JournalEvent
    {
        using var codec = new JournalCodec();
        var line = new ArrayBufferWriter<byte>();
        codec.Write(line, SampleEvents.Record(e, 1), new(1, 80, 1));
        LineTrailer.TryRead(line.WrittenSpan[..^1], out _).ShouldBeTrue();
        return JournalCodec.Read(line.WrittenSpan).Event.ShouldBeOfType<TEvent>();
    }

    // DeepEquals compares numbers as decimals of any length; what text a number has counts too.
    private static void Holds(JsonElement found, JsonElement value) =>
        (JsonElement.DeepEquals(found, value) && Numerals(found).SequenceEqual(Numerals(value))).ShouldBeTrue($"{found.ToString().Length} characters are not the {value.ToString().Length} that were written");

    private static IEnumerable<string> Numerals(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number => [value.GetRawText()],
        JsonValueKind.Array => value.EnumerateArray().SelectMany(Numerals),
        JsonValueKind.Object => value.EnumerateObject().SelectMany(p => Numerals(p.Value)),
        _ => [],
    };

    private static string Value(Random random, int depth, bool deep) => depth == 0 ? Scalar(random) : random.Next(deep ? 2 : 3) switch
    {
        0 => $"[{Value(random, depth - 1, deep)}{(deep ? "" : "," + Scalar(random))}]",
        1 => $"{{{Text(random)}:{Value(random, depth - 1, deep)}}}",
        _ => Scalar(random),
    };

    private static string Scalar(Random random) => random.Next(5) switch
    {
        0 => Numbers[random.Next(Numbers.Length)],
        1 => random.Next(2) == 0 ? "true" : "false",
        2 => "null",
        _ => Text(random),
    };

    private static string Text(Random random)
    {
        var text = Texts[random.Next(Texts.Length)];
        return random.Next(2) == 0 ? JsonSerializer.Serialize(text) : '"' + string.Concat(text.Take(20).Select(c => $"\\u{(int)c:x4}")) + '"';
    }
}

using System.Text;
using System.Text.Json;
using Orchestrator.Core.Lifecycle;
using Orchestrator.Core.Lifecycle.Compatibility;
using Orchestrator.Core.Runs;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Lifecycle;

public sealed class EnvelopeJsonTests
{
    [Fact]
    public void Every_line_has_the_same_members_in_the_same_order()
    {
        string[] members =
        [
            "specversion", "event_id", "seq", "type", "short_type", "version", "time", "source", "priority", "severity", "correlation_id",
            "causation_id", "stream", "run_id", "workflow", "definition_version", "stage", "task", "module", "attempt", "tenant_id",
            "project_id", "schedule_id", "owner_epoch", "trace", "producer", "data",
        ];
        foreach (var line in Lines())
        {
            line.ShouldNotContain("\n");
            using var json = JsonDocument.Parse(line);
            json.RootElement.EnumerateObject().Select(p => p.Name).ShouldBe(members);
        }
    }

    [Fact]
    public void A_line_holds_the_envelope_and_the_events_own_data()
    {
        using var json = JsonDocument.Parse(Lines()[5]);
        var e = json.RootElement;
        e.GetProperty("type").GetString().ShouldBe("task.retrying");
        e.GetProperty("short_type").GetString().ShouldBe("TASK_RETRYING");
        e.GetProperty("time").GetString().ShouldBe("2026-01-01T00:00:05.000000Z");
        e.GetProperty("severity").GetString().ShouldBe("warn");
        e.GetProperty("priority").GetInt32().ShouldBe(1);
        e.GetProperty("stream").GetString().ShouldBe("run:" + ALife.Run);
        e.GetProperty("producer").GetProperty("instance_id").GetString().ShouldBe("node-1");
        e.GetProperty("trace").GetProperty("trace_id").GetString().ShouldBe(ALife.Run.Hex);
        var data = e.GetProperty("data");
        data.GetProperty("next_attempt").GetInt32().ShouldBe(2);
        data.GetProperty("delay_ms").GetDouble().ShouldBe(1000);
        data.GetProperty("error_type").GetString().ShouldBe("exit_code");
        data.TryGetProperty("task", out _).ShouldBeFalse("task and attempt stand in the envelope");
    }

    [Fact]
    public void Whatever_a_text_holds_is_read_back_as_it_was()
    {
        string?[] texts = [null, "", "plain", "a \"quoted\" \\ one", "line\nend\u0001", "\u00fc\u4e16\ud83d\ude00", new string('"', 3000)];
        var like = ALife.Envelopes().First();
        var envelopes = texts.SelectMany(text => (LifecycleEnvelope[])
        [
            like with { Stage = text },
            like with { Module = text },
            like with { CausationId = text },
            like with { Workflow = text, TenantId = text, ProjectId = text, ScheduleId = text, CorrelationId = text, DefinitionVersion = text, Trace = null },
            like with { Source = text ?? "none", OwnerEpoch = text?.Length ?? 0, RunId = null, Producer = like.Producer with { Hostname = text ?? "none" } },
        ]).ToList();
        var lines = Lines(envelopes);
        for (var i = 0; i < envelopes.Count; i++)
        {
            using var json = JsonDocument.Parse(lines[i]);
            var read = json.RootElement;
            var e = envelopes[i];
            (string, string?)[] members =
            [
                ("stage", e.Stage), ("module", e.Module), ("causation_id", e.CausationId), ("workflow", e.Workflow), ("tenant_id", e.TenantId), ("project_id", e.ProjectId),
                ("schedule_id", e.ScheduleId), ("correlation_id", e.CorrelationId), ("definition_version", e.DefinitionVersion), ("source", e.Source), ("run_id", e.RunId?.ToString()),
            ];
            foreach (var (name, value) in members) read.GetProperty(name).GetString().ShouldBe(value);
            read.GetProperty("owner_epoch").GetInt32().ShouldBe(e.OwnerEpoch);
            read.GetProperty("producer").GetProperty("hostname").GetString().ShouldBe(e.Producer.Hostname);
            read.GetProperty("trace").ValueKind.ShouldBe(e.Trace is null ? JsonValueKind.Null : JsonValueKind.Object);
        }
    }

    private static string[] Lines() => Lines(ALife.Envelopes());

    private static string[] Lines(IEnumerable<LifecycleEnvelope> envelopes)
    {
        using var lines = new ShapeLines();
        var shape = EventShapes.Of(EventFormat.Native);
        foreach (var e in envelopes) shape.Write(e, StreamId.Run(ALife.Run), lines);
        return Encoding.UTF8.GetString(lines.Written.Span).Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}

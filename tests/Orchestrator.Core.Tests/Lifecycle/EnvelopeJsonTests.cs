using System.Text.Json;
using Orchestrator.Core.Lifecycle;
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

    private static string[] Lines() => [.. ALife.Envelopes().Select(e => EnvelopeJson.Write(e, StreamId.Run(ALife.Run)))];
}

using Orchestrator.Engine.Reconciliation;
using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Reconciliation;

public sealed class ExportReconciliationTests
{
    [Theory]
    [InlineData(10, 7, 2, "10 spans = 7 taken + 2 dropped + 1 waiting", null)]
    [InlineData(10, 10, 1, "10 spans = 10 taken + 1 dropped + -1 waiting", "export spans taken + dropped at most 10 made 11")]
    [InlineData(100_000, 10, 1, "100000 spans = 10 taken + 1 dropped + 99989 waiting", "export spans made - taken - dropped at most 65536 waiting 99989")]
    [InlineData(0, 0, 0, "`serve` exports no spans or log records", null)]
    public void What_was_made_is_taken_dropped_or_waiting(long made, long taken, long dropped, string note, string? difference)
    {
        var page = MetricsText.Read($$"""
            orchestrator_telemetry_made_total{orchestrator_telemetry_signal="traces"} {{made}}
            orchestrator_telemetry_published_total{orchestrator_telemetry_signal="traces"} {{taken}}
            orchestrator_telemetry_dropped_total{orchestrator_reason="export_failed",orchestrator_telemetry_signal="traces"} {{dropped}}
            orchestrator_telemetry_dropped_total{orchestrator_reason="queue_full",orchestrator_telemetry_signal="events"} 99
            """);
        var found = ExportReconciliation.Of(page);
        found.Note.ShouldBe(note);
        found.Differences.Select(d => $"{d.Check} {d.Subject} {d.What} {d.Journal} {d.Found}").SingleOrDefault().ShouldBe(difference);
    }
}

using System.Text.Json;
using Orchestrator.TestKit.Telemetry;

namespace Orchestrator.Conformance.Harness;

/// <summary>How many spans of each kind there are, by a trace and by the journals of its runs.</summary>
internal sealed record SpanCounts(int Runs, int Accepted, int Stages, int Waits, int Tasks, int Attempts, int Processes)
{
    private static readonly string[] WithoutAttempts = ["foreach", "matrix", "approval", "wait"];

    public int Total => Runs + Accepted + Stages + Waits + Tasks + Attempts + Processes;

    public static SpanCounts Of(IReadOnlyCollection<ReceivedSpan> spans)
    {
        int Named(string word) => spans.Count(s => s.Name.StartsWith(word + " ", StringComparison.Ordinal));
        return new(Named("RUN"), Named("enqueue"), Named("stage"), Named("queue"), Named("task"), Named("attempt"), spans.Count(s => s.Kind == SpanKind.Client));
    }

    /// <param name="runs">The events of each run.</param>
    public static SpanCounts Of(IReadOnlyCollection<IReadOnlyList<JsonElement>> runs) => runs.Select(OfRun).Aggregate((a, b) => new(
        a.Runs + b.Runs, a.Accepted + b.Accepted, a.Stages + b.Stages, a.Waits + b.Waits, a.Tasks + b.Tasks, a.Attempts + b.Attempts, a.Processes + b.Processes));

    private static SpanCounts OfRun(IReadOnlyList<JsonElement> events) => new(
        events.Count(e => e.IsEnd()),
        events.Of("workflow.created").Count(),
        events.Count(e => e.Type() is "stage.completed" or "stage.failed" or "stage.skipped" && e.Data().Text("stage_name") != "default"),
        1 + events.Of("task.queued").Select(e => e.Text("task")).Distinct().Count(),
        events.Count(e => e.Type() is "task.completed" or "task.failed" or "task.skipped" or "task.cancelled"),
        events.Of("task.started").Count(e => !WithoutAttempts.Contains(e.Data().Text("executor"))),
        events.Count(e => e.Type().StartsWith("task.", StringComparison.Ordinal) && e.Data().TryGetProperty("process", out var process) && process.ValueKind == JsonValueKind.Object));
}

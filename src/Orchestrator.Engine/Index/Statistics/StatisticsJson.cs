using System.Globalization;
using System.Text.Json;
using Orchestrator.Core.Statistics;

namespace Orchestrator.Engine.Index.Statistics;

/// <summary>Statistics as JSON: instants are UTC, durations milliseconds, rates from 0 to 1, null what nothing is known of.</summary>
internal static class StatisticsJson
{
    /// <summary>Writes the members of an object.</summary>
    public static void WriteMembers(Utf8JsonWriter w, StatisticsAnswer answer)
    {
        w.WriteStartObject("window");
        w.WriteString("from", Instant(answer.Scope.From));
        w.WriteString("to", Instant(answer.Scope.To));
        w.WriteEndObject();
        w.WriteString("workflow", answer.Scope.Workflow);
        w.WriteString("tenant", answer.Scope.Tenant);
        w.WriteStartObject("runs");
        Members(w, answer.All);
        w.WriteEndObject();
        w.WriteString("by", answer.By.Word);
        Array(w, "groups", answer.Runs, (run, of) => Members(run, of));
        Array(w, "tasks", answer.Tasks, Members);
        Array(w, "errors", answer.Errors, static (e, of) =>
        {
            e.WriteString("error_class", of.ErrorClass.Length == 0 ? null : of.ErrorClass);
            e.WriteString("error_type", of.ErrorType.Length == 0 ? null : of.ErrorType);
            e.WriteNumber("runs", of.Runs);
            e.WriteString("last_at", Instant(of.LastAt));
        });
        Array(w, "workflows", answer.Standings, Standing);
        w.WriteStartObject("activity");
        w.WriteNumber("bucket_ms", answer.Width.TotalMilliseconds);
        Array(w, "buckets", answer.Activity, static (b, of) =>
        {
            b.WriteString("at", Instant(DateTimeOffset.UnixEpoch.AddMicroseconds(of.StartUs)));
            b.WriteNumber("completed", of.Completed);
            b.WriteNumber("failed", of.Failed);
            b.WriteNumber("cancelled", of.Cancelled);
        });
        w.WriteEndObject();
    }

    private static void Members(Utf8JsonWriter w, RunFigures of)
    {
        if (of.Group.Length > 0) w.WriteString("group", of.Group);
        w.WriteNumber("total", of.Total);
        w.WriteNumber("completed", of.Completed);
        w.WriteNumber("failed", of.Failed);
        w.WriteNumber("cancelled", of.Cancelled);
        w.WriteNumber("retries", of.Retries);
        Number(w, "success_rate", of.SuccessRate);
        Summary(w, "duration_ms", of.Duration);
        Summary(w, "queue_ms", of.Queue);
        w.WriteNumber("failures_in_a_row", of.History.Streak);
        Number(w, "mttr_ms", of.History.MttrMs);
        w.WriteString("last_success", of.History.LastSuccess is { } at ? Instant(at) : null);
        Cost(w, of.CpuMs, of.IoBytes, of.PeakBytes);
    }

    private static void Members(Utf8JsonWriter w, TaskFigures of)
    {
        w.WriteString("group", of.Group);
        w.WriteNumber("total", of.Total);
        w.WriteNumber("completed", of.Completed);
        w.WriteNumber("failed", of.Failed);
        w.WriteNumber("skipped", of.Skipped);
        w.WriteNumber("cancelled", of.Cancelled);
        w.WriteNumber("attempts", of.Attempts);
        Number(w, "success_rate", of.SuccessRate);
        Number(w, "flake_score", of.FlakeScore);
        Number(w, "skip_rate", of.SkipRate);
        Summary(w, "duration_ms", of.Duration);
        Summary(w, "queue_ms", of.Queue);
        w.WriteNumber("time_ms", Math.Round(of.TimeMs, 3));
        Number(w, "expected_ms", of.ExpectedMs);
        Number(w, "over_expected", of.OverExpected);
        w.WriteNumber("critical", of.Critical);
        Cost(w, of.CpuMs, of.IoBytes, of.PeakBytes);
    }

    private static void Standing(Utf8JsonWriter w, WorkflowStanding of)
    {
        w.WriteString("workflow", of.Workflow);
        w.WriteNumber("failures_in_a_row", of.Streak);
        w.WriteString("last_success", of.LastSuccess is { } at ? Instant(at) : null);
        if (of.Regression is not { } r)
        {
            w.WriteNull("regression");
            return;
        }
        w.WriteStartObject("regression");
        w.WriteBoolean("slower", r.IsRegression);
        w.WriteNumber("recent_ms", r.RecentMs);
        w.WriteNumber("baseline_ms", r.BaselineMs);
        Number(w, "ratio", r.Ratio);
        w.WriteNumber("score", Math.Round(r.Score, 3));
        w.WriteEndObject();
    }

    private static void Cost(Utf8JsonWriter w, double? cpu, long? io, long? peak)
    {
        Number(w, "cpu_ms", cpu);
        Number(w, "io_bytes", io);
        Number(w, "peak_bytes", peak);
    }

    private static void Summary(Utf8JsonWriter w, string name, SampleSummary of)
    {
        w.WriteStartObject(name);
        w.WriteNumber("count", of.Count);
        Number(w, "mean", of.Mean);
        Number(w, "p50", of.P50);
        Number(w, "p95", of.P95);
        Number(w, "p99", of.P99);
        Number(w, "max", of.Max);
        w.WriteEndObject();
    }

    private static string Instant(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);

    private static void Number(Utf8JsonWriter w, string name, double? value)
    {
        if (value is { } number) w.WriteNumber(name, Math.Round(number, 6));
        else w.WriteNull(name);
    }

    private static void Array<T>(Utf8JsonWriter w, string name, IEnumerable<T> items, Action<Utf8JsonWriter, T> members)
    {
        w.WriteStartArray(name);
        foreach (var item in items)
        {
            w.WriteStartObject();
            members(w, item);
            w.WriteEndObject();
        }
        w.WriteEndArray();
    }
}

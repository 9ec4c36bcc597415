using System.Globalization;
using System.Text.Json;
using System.Text.Unicode;
using Orchestrator.Core.Serialization;

namespace Orchestrator.Core.Statistics.Compatibility;

/// <summary>Reads lines of the logs of a DAG runner.</summary>
public static class DagLogReader
{
    /// <summary>Most bytes of a line; a longer one counts as damaged.</summary>
    public const int MaxLineBytes = 1 << 20;

    private static readonly string[] s_instants =
    [
        "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd' 'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd' 'HH:mmK",
    ];

    /// <summary>Reads a line; false when it is damaged.</summary>
    /// <param name="line">Without its end.</param>
    /// <param name="read">The event; null when the line is damaged.</param>
    /// <param name="problem">What is wrong, to follow "the line"; null when nothing is.</param>
    public static bool TryRead(ReadOnlySpan<byte> line, out DagLogEvent? read, out string? problem)
    {
        (read, problem) = (null, null);
        if (line.Length > MaxLineBytes) problem = $"is longer than {MaxLineBytes} bytes";
        else if (line.Contains((byte)0)) problem = "holds a NUL byte";
        else if (!Utf8.IsValid(line)) problem = "is not UTF-8";
        else
            try
            {
                read = Read(line);
                if (read is null) problem = "is not a JSON object";
            }
            catch (JsonException) { problem = "is not JSON"; }
            catch (InvalidOperationException) { problem = "holds half of a surrogate pair, which is not text"; }
        return read is not null;
    }

    /// <summary>Reads an instant as ISO 8601 writes it; one without an offset is UTC. Null when it is none.</summary>
    public static DateTimeOffset? Instant(string? text) =>
        text is { Length: > 0 and < 64 } && DateTimeOffset.TryParseExact(
            text, s_instants, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var instant) ? instant : null;

    private static DagLogEvent? Read(ReadOnlySpan<byte> line)
    {
        var json = new Utf8JsonReader(line, JsonBounds.Reading);
        json.Read();
        if (json.TokenType != JsonTokenType.StartObject)
        {
            json.Skip();
            json.Read();
            return null;
        }
        var e = new DagLogEvent();
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName) e = Member(e, ref json);
        json.Read();   // nothing may follow
        return e;
    }

    private static DagLogEvent Member(DagLogEvent e, ref Utf8JsonReader json)
    {
        var name = json.GetString();
        json.Read();
        var (text, number) = (json.TokenType == JsonTokenType.String ? json.GetString() : null, Number(ref json));
        json.Skip();
        return name switch
        {
            "event" => e with { Event = text ?? "" },
            "timestamp" => e with { TimestampText = text, Timestamp = Instant(text) },
            "dag_name" => e with { DagName = text },
            "dag_run_id" => e with { DagRunId = text },
            "tenant" => e with { Tenant = text },
            "task_id" => e with { TaskId = text },
            "task_count" => e with { TaskCount = Count(number) },
            "attempt" => e with { Attempt = Count(number) },
            "error" => e with { Error = text },
            "tasks_succeeded" => e with { TasksSucceeded = Count(number) },
            "tasks_failed" => e with { TasksFailed = Count(number) },
            "duration_seconds" => e with { DurationSeconds = number is >= 0 and < double.PositiveInfinity ? number : null },
            "schedule_id" => e with { ScheduleId = text },
            "job_id" => e with { JobId = text },
            "dag_path" => e with { DagPath = text },
            "run_id" => e with { RunId = text },
            "status" => e with { Status = text },
            _ => e,
        };
    }

    private static double? Number(ref Utf8JsonReader json) => json.TokenType == JsonTokenType.Number && json.TryGetDouble(out var number) ? number : null;

    private static int? Count(double? number) => number is >= 0 and <= int.MaxValue && number == Math.Floor(number.Value) ? (int)number : null;
}

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

    private const int UtcLength = 32;

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
    public static DateTimeOffset? Instant(string? text)
    {
        if (text is not { Length: > 0 and < 64 }) return null;
        // What Python's isoformat writes of a UTC time with microseconds: nearly every line.
        if (text.Length == UtcLength && text.EndsWith("+00:00", StringComparison.Ordinal))
        {
            Span<byte> known = stackalloc byte[InstantJson.Length];
            for (var i = 0; i < InstantJson.Length - 1; i++) known[i] = (byte)Math.Min(text[i], '\x7F');
            known[^1] = (byte)'Z';
            if (InstantJson.TryParse(known, out var quick)) return quick;
        }
        const DateTimeStyles utc = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
        return DateTimeOffset.TryParseExact(text, s_instants, CultureInfo.InvariantCulture, utc, out var instant) ? instant : null;
    }

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
        string? name = null, timestamp = null, dag = null, dagRun = null, tenant = null, task = null, error = null;
        string? schedule = null, job = null, path = null, run = null, status = null;
        double? tasks = null, attempt = null, succeeded = null, failed = null, seconds = null;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            switch (json.GetString())
            {
                case "event": name = Text(ref json); break;
                case "timestamp": timestamp = Text(ref json); break;
                case "dag_name": dag = Text(ref json); break;
                case "dag_run_id": dagRun = Text(ref json); break;
                case "tenant": tenant = Text(ref json); break;
                case "task_id": task = Text(ref json); break;
                case "task_count": tasks = Number(ref json); break;
                case "attempt": attempt = Number(ref json); break;
                case "error": error = Text(ref json); break;
                case "tasks_succeeded": succeeded = Number(ref json); break;
                case "tasks_failed": failed = Number(ref json); break;
                case "duration_seconds": seconds = Number(ref json); break;
                case "schedule_id": schedule = Text(ref json); break;
                case "job_id": job = Text(ref json); break;
                case "dag_path": path = Text(ref json); break;
                case "run_id": run = Text(ref json); break;
                case "status": status = Text(ref json); break;
                default: Text(ref json); break;
            }
        }
        json.Read();   // nothing may follow
        return new()
        {
            Event = name ?? "", Timestamp = Instant(timestamp), TimestampText = timestamp, DagName = dag,
            DagRunId = dagRun, Tenant = tenant, TaskId = task, TaskCount = Count(tasks),
            Attempt = Count(attempt), Error = error, TasksSucceeded = Count(succeeded), TasksFailed = Count(failed),
            DurationSeconds = seconds is >= 0 and < double.PositiveInfinity ? seconds : null,
            ScheduleId = schedule, JobId = job, DagPath = path, RunId = run, Status = status,
        };
    }

    // The value of the member that has just been named; null where it is of another type. Both leave the reader at its end.
    private static string? Text(ref Utf8JsonReader json)
    {
        json.Read();
        if (json.TokenType == JsonTokenType.String) return json.GetString();
        json.Skip();
        return null;
    }

    private static double? Number(ref Utf8JsonReader json)
    {
        json.Read();
        if (json.TokenType == JsonTokenType.Number) return json.TryGetDouble(out var number) ? number : null;
        if (json.TokenType == JsonTokenType.String) json.GetString();   // a text that is none damages the line
        json.Skip();
        return null;
    }

    private static int? Count(double? number) => number is >= 0 and <= int.MaxValue && number == Math.Floor(number.Value) ? (int)number : null;
}

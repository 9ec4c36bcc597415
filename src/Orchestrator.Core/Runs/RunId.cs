using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Orchestrator.Core.Runs;

/// <summary>
/// Identity of a run: a lower-case UUID whose first 48 bits are a Unix time in milliseconds, so ids sort by time.
/// A UUIDv7 (RFC 9562) for most runs; a UUIDv8 derived from (installation, schedule, due time) for scheduled ones, so that one
/// due time can never start two runs.
/// </summary>
[JsonConverter(typeof(RunIdJson))]
public readonly record struct RunId(Guid Value) : IComparable<RunId>
{
    /// <summary>A UUIDv7 from an instant and ten random bytes.</summary>
    public static RunId New(DateTimeOffset now, ReadOnlySpan<byte> random) => Compose(now, random, version: 7);

    /// <summary>
    /// The id of the run that <paramref name="scheduleKey"/> (<c>workflow/schedule</c>) starts for <paramref name="due"/> in an installation.
    /// </summary>
    public static RunId ForSchedule(string installation, string scheduleKey, DateTimeOffset due)
    {
        var text = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{installation}\n{scheduleKey}\n{due.ToUnixTimeMilliseconds()}");
        return Compose(due, SHA256.HashData(Encoding.UTF8.GetBytes(text)), version: 8);
    }

    /// <summary>
    /// The id of the run that <paramref name="triggerKey"/> (<c>workflow/trigger</c>) starts for a delivery in
    /// an installation; its time is when that was decided.
    /// </summary>
    public static RunId ForTrigger(string installation, string triggerKey, string delivery, DateTimeOffset now) =>
        Compose(now, SHA256.HashData(Encoding.UTF8.GetBytes($"{installation}\ntrigger:{triggerKey}\n{delivery}")), version: 8);

    /// <summary>The id of a run of <paramref name="scheduleKey"/> (<c>workflow/schedule</c>) that a user requested, by the request's own id.</summary>
    public static RunId ForManual(string installation, string scheduleKey, string request, DateTimeOffset at) =>
        Compose(at, SHA256.HashData(Encoding.UTF8.GetBytes($"{installation}\nmanual:{scheduleKey}\n{request}")), version: 8);

    /// <summary>The id of the run that an attempt of a task starts: derived, so that the attempt can never start two.</summary>
    public static RunId ForChild(RunId parent, Definitions.TaskId task, int attempt, DateTimeOffset now) => Derived($"{parent}/{task}/{attempt}", now);

    /// <summary>The id of the run that repeats a failed run as a whole.</summary>
    public static RunId ForRetry(RunId failed, DateTimeOffset now) => Derived($"{failed}/retry", now);

    /// <summary>The id of the run of an item of a backfill, which is decided once: it is never the id of another run of the same due time.</summary>
    public static RunId ForBackfill(string installation, string backfill, string item, DateTimeOffset now) => Derived($"{installation}\nbackfill:{backfill}\n{item}", now);

    /// <summary>The id of a run that another runner executed, from its key in imported logs: the same however often they are imported.</summary>
    public static RunId ForImport(string key, DateTimeOffset start) =>
        Compose(start < DateTimeOffset.UnixEpoch ? DateTimeOffset.UnixEpoch : start, SHA256.HashData(Encoding.UTF8.GetBytes($"import:{key}")), version: 8);

    private static RunId Derived(FormattableString what, DateTimeOffset now) =>
        Compose(now, SHA256.HashData(Encoding.UTF8.GetBytes(FormattableString.Invariant(what))), version: 8);

    /// <summary>Reads the 36-character form; false when it is not one.</summary>
    public static bool TryParse(string? text, out RunId id)
    {
        var ok = Guid.TryParseExact(text, "D", out var value);
        id = new(value);
        return ok;
    }

    /// <exception cref="FormatException">The text is not a UUID.</exception>
    public static RunId Parse(string text) => TryParse(text, out var id) ? id : throw new FormatException($"'{text}' is not a run id.");

    /// <summary>The instant in the first 48 bits; also the date (UTC) of the run's folder.</summary>
    public DateTimeOffset Time
    {
        get
        {
            Span<byte> bytes = stackalloc byte[16];
            Value.TryWriteBytes(bytes, bigEndian: true, out _);
            return DateTimeOffset.FromUnixTimeMilliseconds(BinaryPrimitives.ReadInt64BigEndian(bytes) >> 16);
        }
    }

    /// <summary>The 128 bits as 32 lower-case hexadecimal digits: the run's own trace id.</summary>
    public string Hex => Value.ToString("N");

    /// <inheritdoc/>
    public int CompareTo(RunId other) => string.CompareOrdinal(ToString(), other.ToString());

    /// <summary>36 characters, lower case.</summary>
    public override string ToString() => Value.ToString("D");

    private static RunId Compose(DateTimeOffset time, ReadOnlySpan<byte> rest, byte version)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteInt64BigEndian(bytes, time.ToUnixTimeMilliseconds() << 16);
        rest[..10].CopyTo(bytes[6..]);
        bytes[6] = (byte)((bytes[6] & 0x0F) | (version << 4));
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new(new Guid(bytes, bigEndian: true));
    }
}

internal sealed class RunIdJson : JsonConverter<RunId>
{
    public override RunId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        RunId.TryParse(reader.GetString(), out var id) ? id : throw new JsonException("Not a run id.");

    public override void Write(Utf8JsonWriter writer, RunId value, JsonSerializerOptions options) => writer.WriteStringValue(value.Value);
}

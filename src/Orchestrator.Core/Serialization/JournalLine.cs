using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Serialization.Known;

namespace Orchestrator.Core.Serialization;

/// <summary>The leading fields of a line, enough to know whether the rest is worth reading.</summary>
public readonly ref struct JournalLine
{
    /// <summary>Place in the stream, from 1.</summary>
    public long Seq { get; private init; }

    /// <summary>The event's name.</summary>
    public ReadOnlySpan<byte> Type { get; private init; }

    /// <summary>The instant as text.</summary>
    public ReadOnlySpan<byte> TimeText { get; private init; }

    /// <summary>The stream as it stands in the line; names need no escaping.</summary>
    public ReadOnlySpan<byte> Stream { get; private init; }

    /// <summary>The event ends a run: nothing follows in its stream.</summary>
    public bool EndsRun => Type.StartsWith("workflow.c"u8) && (Type.SequenceEqual("workflow.completed"u8) || Type.SequenceEqual("workflow.cancelled"u8))
        || Type.SequenceEqual("workflow.failed"u8);

    /// <summary>Reads seq, type, time and stream and stops there; false when they are not the line's first four fields.</summary>
    public static bool TryReadHeader(ReadOnlySpan<byte> line, out JournalLine header)
    {
        header = default;
        var at = new LineCursor(line);
        if (KnownLine.TryHeader(ref at, out var number, out var name, out var instant, out var place))
        {
            header = new JournalLine { Seq = number, Type = name, TimeText = instant, Stream = place };
            return true;
        }
        var json = new Utf8JsonReader(line, JsonBounds.Reading);
        try
        {
            if (!json.Read() || json.TokenType != JsonTokenType.StartObject) return false;
            if (!Next(ref json, "seq"u8, JsonTokenType.Number) || !json.TryGetInt64(out var seq)) return false;
            if (!Next(ref json, "type"u8, JsonTokenType.String)) return false;
            var type = json.ValueSpan;
            if (!Next(ref json, "time"u8, JsonTokenType.String)) return false;
            var time = json.ValueSpan;
            if (!Next(ref json, "stream"u8, JsonTokenType.String) || json.ValueIsEscaped) return false;
            header = new JournalLine { Seq = seq, Type = type, TimeText = time, Stream = json.ValueSpan };
            return true;
        }
        catch (JsonException) { return false; }
    }

    private static bool Next(ref Utf8JsonReader json, ReadOnlySpan<byte> name, JsonTokenType kind) =>
        json.Read() && json.TokenType == JsonTokenType.PropertyName && json.ValueTextEquals(name) && json.Read() && json.TokenType == kind;

    internal static RecordedEvent Read(ReadOnlySpan<byte> line, StreamId? known)
    {
        if (KnownLine.TryRead(line, known) is { } frequent) return frequent;
        return ReadAny(line, known);
    }

    /// <summary>Reads a line of any type, its fields in any order.</summary>
    internal static RecordedEvent ReadAny(ReadOnlySpan<byte> line, StreamId? known)
    {
        try { return Parse(line, known); }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException)
        {
            // The JSON reader's message names bytes and paths that do not help the owner of the file.
            throw new JournalFormatException(e is JsonException { LineNumber: not null } or InvalidOperationException
                ? "Not a journal line: its JSON is malformed, nested too deep, or has a value of the wrong kind for the event." : $"Not a journal line: {e.Message}", e);
        }
    }

    private static RecordedEvent Parse(ReadOnlySpan<byte> line, StreamId? stream)
    {
        var json = new Utf8JsonReader(line, JsonBounds.Reading);
        long seq = 0;
        JsonTypeInfo? shape = null;
        DateTimeOffset time = default;
        TaskId task = default;
        var attempt = 0;
        long version = JournalCodec.Version;
        json.Read();
        if (json.TokenType != JsonTokenType.StartObject) throw new JsonException("it is not a JSON object.");
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (json.ValueTextEquals("seq"u8)) { json.Read(); seq = json.GetInt64(); }
            else if (json.ValueTextEquals("type"u8)) { json.Read(); shape = Shape(ref json); }
            else if (json.ValueTextEquals("time"u8)) { json.Read(); time = json.GetDateTimeOffset().ToUniversalTime(); }
            else if (json.ValueTextEquals("stream"u8)) { json.Read(); stream ??= new(json.GetString() ?? ""); }
            else if (json.ValueTextEquals("v"u8)) { json.Read(); CheckVersion(version = json.GetInt64(), seq); }
            else if (json.ValueTextEquals("task"u8)) { json.Read(); task = new(json.GetString() ?? ""); }
            else if (json.ValueTextEquals("attempt"u8)) { json.Read(); attempt = json.GetInt32(); }
            else if (json.ValueTextEquals("data"u8))
            {
                json.Read();
                if (shape is null || stream is null) throw new JsonException("type and stream must come before data.");
                var e = (JournalEvent?)JsonSerializer.Deserialize(ref json, shape) ?? throw new JsonException("data is null.");
                return new(stream.Value, seq, time, Upcast.From(version, e is TaskEvent t ? t with { Task = task, Attempt = attempt } : e));
            }
            else { json.Read(); json.Skip(); }
        }
        throw new JsonException("it has no data.");
    }

    // The name is kept for the moment when v is known: a newer version may well bring names of its own.
    private static JsonTypeInfo Shape(ref Utf8JsonReader json)
    {
        Span<char> name = stackalloc char[64];
        if (json.ValueSpan.Length <= name.Length && ReadShapes.Of(name[..json.CopyString(name)]) is { } shape) return shape;
        var text = json.GetString();
        var rest = json;
        while (rest.Read())
            if (rest.TokenType == JsonTokenType.PropertyName && rest.ValueTextEquals("v"u8) && rest.Read())
            {
                CheckVersion(rest.GetInt64(), 0);
                break;
            }
        throw new JournalFormatException($"Unknown event type '{text}': the journal was written by another version of the program.");
    }

    private static void CheckVersion(long v, long seq)
    {
        if (v is < 1 or > JournalCodec.Version)
            throw new JournalFormatException($"The event{(seq > 0 ? $" with seq {seq}" : "")} has format version {v}; this program reads up to version "
                + $"{JournalCodec.Version}. Use the newer version of the program that wrote it.");
    }
}

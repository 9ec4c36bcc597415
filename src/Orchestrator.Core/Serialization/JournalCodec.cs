using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Orchestrator.Core.Runs;

namespace Orchestrator.Core.Serialization;

/// <summary>
/// One event as one line:
/// <c>{"seq","type","time","stream","run_id","v","task","attempt","data",...,"b","f","e","c"}\n</c>, the fields in this order so that a
/// reader can stop early. <c>run_id</c> stands in streams of runs only, <c>task</c> in task events, <c>attempt</c> where it is not 0;
/// <c>b</c>, <c>f</c> and <c>e</c> are the <see cref="LineMark"/>; <c>c</c> is the CRC-32C, 8 hex digits, of the bytes before <c>,"c":</c>.
/// </summary>
/// <remarks>An instance reuses its buffers and is not safe for concurrent use.</remarks>
public sealed class JournalCodec : IDisposable
{
    /// <summary>The version of event data this program writes, and the highest it reads.</summary>
    public const int Version = 2;

    private static readonly JsonEncodedText Seq = JsonEncodedText.Encode("seq");
    private static readonly JsonEncodedText TypeName = JsonEncodedText.Encode("type");
    private static readonly JsonEncodedText Time = JsonEncodedText.Encode("time");
    private static readonly JsonEncodedText Stream = JsonEncodedText.Encode("stream");
    private static readonly JsonEncodedText RunIdName = JsonEncodedText.Encode("run_id");
    private static readonly JsonEncodedText V = JsonEncodedText.Encode("v");
    private static readonly JsonEncodedText TaskName = JsonEncodedText.Encode("task");
    private static readonly JsonEncodedText Attempt = JsonEncodedText.Encode("attempt");
    private static readonly JsonEncodedText DataName = JsonEncodedText.Encode("data");
    private static readonly JsonEncodedText B = JsonEncodedText.Encode("b");
    private static readonly JsonEncodedText F = JsonEncodedText.Encode("f");
    private static readonly JsonEncodedText E = JsonEncodedText.Encode("e");

    private readonly ArrayBufferWriter<byte> _line = new(4096);
    // Lines are read by people and by jq, never put into HTML as they are: only what JSON demands is escaped.
    private readonly Utf8JsonWriter _json;

    /// <summary>A codec with buffers of its own.</summary>
    public JournalCodec() =>
        _json = new(_line, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true });

    /// <summary>Writes one line, newline included.</summary>
    /// <exception cref="JournalFormatException">The event's type has no shape on disk.</exception>
    public void Write(IBufferWriter<byte> output, RecordedEvent recorded, LineMark mark)
    {
        _line.ResetWrittenCount();
        _json.Reset();
        _json.WriteStartObject();
        WriteHeader(recorded);
        _json.WritePropertyName(DataName);
        EventBody.Write(_json, recorded.Event);
        _json.WriteNumber(B, mark.Commit);
        _json.WriteNumber(F, mark.From);
        if (mark.EndOfAppend) _json.WriteNumber(E, mark.Lines);
        _json.Flush();
        LineTrailer.Append(_line);
        output.Write(_line.WrittenSpan);
    }

    /// <summary>Writes what a line says without where it stands: the shape of exports, an object without newline.</summary>
    /// <exception cref="JournalFormatException">The event's type has no shape on disk.</exception>
    public void WriteContent(IBufferWriter<byte> output, RecordedEvent recorded)
    {
        _line.ResetWrittenCount();
        _json.Reset();
        _json.WriteStartObject();
        WriteHeader(recorded);
        _json.WritePropertyName(DataName);
        EventBody.Write(_json, recorded.Event);
        _json.WriteEndObject();
        _json.Flush();
        output.Write(_line.WrittenSpan);
    }

    private void WriteHeader(RecordedEvent recorded)
    {
        _json.WriteNumber(Seq, recorded.Seq);
        _json.WriteString(TypeName, recorded.Event.Type);
        Span<byte> time = stackalloc byte[InstantJson.Length + 1];
        _json.WriteString(Time, InstantJson.Format(recorded.Time, time));
        _json.WriteString(Stream, recorded.Stream.ToString());
        if (recorded.Stream.RunText is { IsEmpty: false } run) _json.WriteString(RunIdName, run);
        _json.WriteNumber(V, Version);
        if (recorded.Event is not TaskEvent task) return;
        _json.WriteString(TaskName, task.Task.ToString());
        if (task.Attempt > 0) _json.WriteNumber(Attempt, task.Attempt);
    }

    /// <summary>Reads one line, with or without its newline. The checksum is not looked at: see <see cref="LineTrailer"/>.</summary>
    /// <exception cref="JournalFormatException">The line is no event, is of an unknown type, or was written by a newer version.</exception>
    public static RecordedEvent Read(ReadOnlySpan<byte> line) => JournalLine.Read(line, null);

    /// <summary>Reads one line of a stream whose name is known already, which saves reading it again.</summary>
    /// <exception cref="JournalFormatException">The line is no event, is of an unknown type, or was written by a newer version.</exception>
    public static RecordedEvent Read(ReadOnlySpan<byte> line, StreamId stream) => JournalLine.Read(line, stream);

    /// <inheritdoc/>
    public void Dispose() => _json.Dispose();
}

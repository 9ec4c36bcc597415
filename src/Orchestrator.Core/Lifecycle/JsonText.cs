using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Orchestrator.Core.Serialization;

namespace Orchestrator.Core.Lifecycle;

/// <summary>Concatenates pieces of JSON. The buffer must be large enough: <see cref="MaxOf"/>.</summary>
internal ref struct JsonText(Span<byte> room)
{
    // What no encoder escapes. Names are mostly made of these.
    private static readonly SearchValues<char> Plain = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.:[]/ ");
    private readonly Span<byte> _room = room;

    public int Length { get; private set; }

    /// <summary>The most bytes a text can take.</summary>
    public static int MaxOf(string? text) => text is null ? 4 : (6 * text.Length) + 2;

    public void Raw(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_room[Length..]);
        Length += bytes.Length;
    }

    public void Number(long value)
    {
        value.TryFormat(_room[Length..], out var written, default, CultureInfo.InvariantCulture);
        Length += written;
    }

    public void Id(Guid value)
    {
        value.TryFormat(_room[Length..], out var written);
        Length += written;
    }

    public void Instant(DateTimeOffset value) => Length += InstantJson.Format(value, _room[Length..]).Length;

    /// <summary>A text in quotation marks, or null.</summary>
    public void Quoted(string? text)
    {
        if (text is null)
        {
            Raw("null"u8);
            return;
        }
        _room[Length++] = (byte)'"';
        if (text.AsSpan().ContainsAnyExcept(Plain)) Raw(JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).EncodedUtf8Bytes);
        else Length += Encoding.ASCII.GetBytes(text, _room[Length..]);
        _room[Length++] = (byte)'"';
    }
}

/// <summary>Members of an object as bytes.</summary>
internal static class JsonMembers
{
    /// <summary>What is written, each member with a comma before it and no braces around.</summary>
    public static byte[] Of(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }
        var bytes = buffer.WrittenSpan[..^1].ToArray();
        bytes[0] = (byte)',';
        return bytes;
    }
}

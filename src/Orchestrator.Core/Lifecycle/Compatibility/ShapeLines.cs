using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Orchestrator.Core.Lifecycle.Compatibility;

/// <summary>Consecutive lines of JSON in one buffer, written without an allocation per line.</summary>
public sealed class ShapeLines : IDisposable
{
    private readonly ArrayBufferWriter<byte> _buffer = new(64 << 10);
    private readonly Utf8JsonWriter _json;

    /// <summary>An empty buffer.</summary>
    public ShapeLines() => _json = new(_buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true });

    /// <summary>What has been written and not been cleared.</summary>
    public ReadOnlyMemory<byte> Written => _buffer.WrittenMemory;

    /// <summary>Lines written and not cleared.</summary>
    public int Count { get; private set; }

    /// <summary>The writer, for one line.</summary>
    public Utf8JsonWriter Begin()
    {
        _json.Reset();
        return _json;
    }

    /// <summary>Ends the line.</summary>
    public void End() => End(default);

    /// <summary>Appends to the writer's output and ends the line.</summary>
    internal void End(ReadOnlySpan<byte> tail)
    {
        _json.Flush();
        _buffer.Write(tail);
        _buffer.Write("\n"u8);
        Count++;
    }

    /// <summary>Room for at least this many bytes after the written ones, to be filled before <see cref="Take"/> and <see cref="Begin"/>.</summary>
    internal Span<byte> Room(int bytes) => _buffer.GetSpan(bytes);

    /// <summary>Makes the first bytes of the room part of what has been written.</summary>
    internal void Take(int bytes) => _buffer.Advance(bytes);

    /// <summary>Forgets what has been written.</summary>
    public void Clear()
    {
        _buffer.ResetWrittenCount();
        Count = 0;
    }

    /// <inheritdoc/>
    public void Dispose() => _json.Dispose();
}

/// <summary>Spellings that the compatibility shapes share.</summary>
internal static class ShapeJson
{
    /// <summary>Milliseconds as seconds, exact in decimals: 12.345 ms is 0.012345.</summary>
    public static void Seconds(this Utf8JsonWriter json, string name, double milliseconds) => json.WriteNumber(name, (decimal)milliseconds / 1000m);

    /// <summary>Whole milliseconds, as the systems whose shapes these are count them.</summary>
    public static void WholeMilliseconds(this Utf8JsonWriter json, string name, double milliseconds) => json.WriteNumber(name, (long)Math.Round(milliseconds));

    /// <summary>Seconds since 1970 with microseconds.</summary>
    public static void EpochSeconds(this Utf8JsonWriter json, string name, DateTimeOffset instant) =>
        json.WriteNumber(name, (instant.UtcTicks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond / 1_000_000m);

    /// <summary>As Python's isoformat writes a UTC time without a zone: the fraction only where there is one.</summary>
    public static string IsoWithoutZone(DateTimeOffset instant) =>
        instant.UtcDateTime.ToString(instant.UtcTicks % TimeSpan.TicksPerSecond / TimeSpan.TicksPerMicrosecond == 0 ? "yyyy-MM-dd'T'HH:mm:ss" : "yyyy-MM-dd'T'HH:mm:ss.ffffff", CultureInfo.InvariantCulture);
}

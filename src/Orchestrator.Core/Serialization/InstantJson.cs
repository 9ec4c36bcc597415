using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Orchestrator.Core.Serialization;

/// <summary>Instants as <c>2026-01-01T00:00:00.000000Z</c>: UTC, always six digits, so that text sorts as time does.</summary>
internal sealed class InstantJson : JsonConverter<DateTimeOffset>
{
    public const int Length = 27;

    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.GetDateTimeOffset().ToUniversalTime();

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options)
    {
        Span<byte> text = stackalloc byte[Length + 1];
        writer.WriteStringValue(Format(value, text));
    }

    /// <summary>Reads what <see cref="Format"/> writes; false for any other spelling, which may still be an instant.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out DateTimeOffset value)
    {
        value = default;
        if (text.Length != Length || text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' || text[16] != ':' || text[19] != '.' || text[26] != 'Z') return false;
        int year = Digits(text[..4]), month = Digits(text[5..7]), day = Digits(text[8..10]);
        int hour = Digits(text[11..13]), minute = Digits(text[14..16]), second = Digits(text[17..19]), micros = Digits(text[20..26]);
        if (year < 1 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month) || (uint)hour > 23 || (uint)minute > 59 || (uint)second > 59 || micros < 0) return false;
        value = new(new DateTime(year, month, day, hour, minute, second, DateTimeKind.Utc).AddTicks(micros * TimeSpan.TicksPerMicrosecond));
        return true;
    }

    // -1 where something else is among them.
    private static int Digits(ReadOnlySpan<byte> text)
    {
        var value = 0;
        foreach (var c in text)
        {
            if (c is < (byte)'0' or > (byte)'9') return -1;
            value = (value * 10) + (c - '0');
        }
        return value;
    }

    /// <summary>Writes into <paramref name="text"/> (28 bytes) and returns the 27 that count.</summary>
    public static ReadOnlySpan<byte> Format(DateTimeOffset value, Span<byte> text)
    {
        // "O" of a UTC DateTime has seven digits and is much faster than a custom format; the seventh is cut off.
        value.UtcDateTime.TryFormat(text, out _, "O", CultureInfo.InvariantCulture);
        text[Length - 1] = (byte)'Z';
        return text[..Length];
    }
}

using System.Globalization;
using System.Text;
using System.Text.Json;
using Orchestrator.Core.Serialization;

namespace Orchestrator.Engine.Journal.Jsonl;

/// <summary>
/// The first line of a segment, <c>{"journal":2,"writer":"serve","number":4,"after":3,"ends":67108101,"c":"..."}</c>: who writes it, which one it
/// is, and where the one before it ended when this one was begun. Version 1 had the writer only.
/// </summary>
/// <param name="After">Number of the segment before it; 0: it is the first.</param>
/// <param name="Ends">Length of that segment.</param>
internal readonly record struct SegmentHeader(int Version, string Writer, int Number, int After, long Ends)
{
    public const int CurrentVersion = 2;
    private const string Start = "{\"journal\":";
    private const string Version1 = Start + "1,";
    private const int TrailerLength = 16;

    public SegmentHeader(string writer, int number, int after = 0, long ends = 0)
        : this(CurrentVersion, writer, number, after, ends)
    {
    }

    /// <summary>The line with its newline.</summary>
    public byte[] Line()
    {
        var body = string.Create(CultureInfo.InvariantCulture, $"{Start}{CurrentVersion},\"writer\":\"{Writer}\",\"number\":{Number},\"after\":{After},\"ends\":{Ends}");
        return Encoding.UTF8.GetBytes($"{body},\"c\":\"{Crc32C.Of(Encoding.UTF8.GetBytes(body)):x8}\"}}\n");
    }

    /// <summary>Reads a line without its newline; false when it is no whole header.</summary>
    /// <exception cref="JournalFormatException">A newer version wrote it.</exception>
    public static bool TryRead(ReadOnlySpan<byte> line, string path, out SegmentHeader header)
    {
        header = default;
        var text = Encoding.UTF8.GetString(line);
        if (!text.StartsWith(Start, StringComparison.Ordinal)) return false;
        var digits = text.AsSpan(Start.Length);
        digits = digits[..Math.Max(0, digits.IndexOfAnyExceptInRange('0', '9'))];
        if (!int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var version)) return false;
        if (text.Length < Start.Length + TrailerLength) return false;
        var body = text[..^TrailerLength];
        var isWhole = text == $"{body},\"c\":\"{Crc32C.Of(Encoding.UTF8.GetBytes(body)):x8}\"}}";
        if (version > CurrentVersion && isWhole)
            throw new JournalFormatException($"{path} was written by a newer version of the program: its journal has version {version}, this program reads up to version {CurrentVersion}. Use that version, or restore the backup made before it.");
        return isWhole && TryFields(line, out header);
    }

    /// <summary>What the first version leaves when it is killed while it makes a segment: it wrote the header under the segment's own name.</summary>
    public static bool IsUnfinishedOfVersion1(ReadOnlySpan<byte> content) =>
        content.Length > Version1.Length && content.Length < 200 && content.IndexOf((byte)'\n') < 0 && content.StartsWith(Encoding.UTF8.GetBytes(Version1));

    private static bool TryFields(ReadOnlySpan<byte> line, out SegmentHeader header)
    {
        header = default;
        try
        {
            var json = new Utf8JsonReader(line, JsonBounds.Reading);
            if (!json.Read() || json.TokenType != JsonTokenType.StartObject) return false;
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                var name = json.GetString();
                json.Read();
                header = name switch
                {
                    "journal" => header with { Version = json.GetInt32() },
                    "writer" => header with { Writer = json.GetString() ?? "" },
                    "number" => header with { Number = json.GetInt32() },
                    "after" => header with { After = json.GetInt32() },
                    "ends" => header with { Ends = json.GetInt64() },
                    _ => header,
                };
            }
            return true;
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException) { return false; }
    }
}

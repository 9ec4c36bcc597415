using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Npgsql;
using Orchestrator.Core;
using Orchestrator.Core.Serialization;
using Orchestrator.Engine.Executors.Results;

namespace Orchestrator.Engine.Executors.Sql;

/// <summary>Rows as a JSON list of objects, stopped as soon as they are too many or too large.</summary>
internal static class SqlRows
{
    public static readonly JsonWriterOptions Writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <exception cref="OutputProblemException">More rows or bytes than allowed.</exception>
    public static async Task<(JsonElement Rows, int Count)> ReadAsync(NpgsqlDataReader reader, int mostRows, long mostBytes, CancellationToken stop)
    {
        var columns = SqlColumn.Of(reader);
        var buffer = new ArrayBufferWriter<byte>(4096);
        using var json = new Utf8JsonWriter(buffer, Writing);
        var count = 0;
        json.WriteStartArray();
        while (await reader.ReadAsync(stop).ConfigureAwait(false))
        {
            if (++count > mostRows)
                throw new OutputProblemException(FailureKind.OutputLimit, $"The query returned more than max_rows ({mostRows}) rows: ask for fewer, raise max_rows, or write them to a file with csv.");
            json.WriteStartObject();
            for (var i = 0; i < columns.Length; i++)
            {
                json.WritePropertyName(columns[i].Name);
                if (await SqlText.ReadAsync(reader, i, mostBytes, stop).ConfigureAwait(false) is { } value) columns[i].Write(json, value);
                else json.WriteNullValue();
            }
            json.WriteEndObject();
            if (json.BytesCommitted + json.BytesPending > mostBytes) throw TooLarge(mostBytes);
        }
        json.WriteEndArray();
        json.Flush();
        try { return (JsonBounds.Parse(buffer.WrittenSpan), count); }
        catch (JsonException) { throw new OutputProblemException(FailureKind.OutputLimit, $"The rows hold JSON that is nested more than {JsonBounds.MaxDepth} levels deep."); }
    }

    public static OutputProblemException TooLarge(long mostBytes) => new(
        FailureKind.OutputLimit, $"The rows are more than the limit of {mostBytes} bytes as JSON: ask for fewer, or write them to a file with csv.");
}

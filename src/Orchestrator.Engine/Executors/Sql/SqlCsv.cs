using System.Buffers;
using System.Text;
using Npgsql;
using Orchestrator.Core;
using Orchestrator.Engine.Executors.Results;
using Orchestrator.Engine.Files;

namespace Orchestrator.Engine.Executors.Sql;

/// <summary>Rows streamed to a CSV file below the run's artifacts: there in full, or not at all.</summary>
internal static class SqlCsv
{
    private const long LongestValue = 256 << 20;
    private static readonly SearchValues<char> Quoting = SearchValues.Create(",\"\r\n");

    /// <summary>The number of rows written, the header not counted.</summary>
    /// <exception cref="OutputProblemException">The file would be larger than allowed; nothing is left of it.</exception>
    public static async Task<long> WriteAsync(Disk disk, NpgsqlDataReader reader, string path, long largest, CancellationToken stop)
    {
        long rows = 0;
        var file = new WholeFileDraft(disk, path);
        await using (file.ConfigureAwait(false))
        {
            var text = new StreamWriter(file, new UTF8Encoding(false), bufferSize: 64 * 1024, leaveOpen: true) { NewLine = "\n" };
            await using (text.ConfigureAwait(false))
            {
                var columns = SqlColumn.Of(reader);
                for (var i = 0; i < columns.Length; i++) await FieldAsync(text, i, columns[i].Name).ConfigureAwait(false);
                await text.WriteLineAsync().ConfigureAwait(false);
                for (; await reader.ReadAsync(stop).ConfigureAwait(false); rows++)
                {
                    for (var i = 0; i < columns.Length; i++)
                    {
                        var value = await SqlText.ReadAsync(reader, i, LongestValue, stop).ConfigureAwait(false);
                        await FieldAsync(text, i, value is null ? null : columns[i].Text(value)).ConfigureAwait(false);
                    }
                    await text.WriteLineAsync().ConfigureAwait(false);
                    if (file.Position > largest) throw TooLarge(largest);
                }
            }
            if (file.Position > largest) throw TooLarge(largest);
            file.Commit();
        }
        return rows;
    }

    private static OutputProblemException TooLarge(long largest) =>
        new(FailureKind.OutputLimit, $"The rows are more than {largest} bytes as CSV, which is the limit of a run's artifacts: ask for fewer, or raise Orchestrator:Artifacts:Limit.");

    // NULL is nothing at all, an empty text is a pair of quotes, as PostgreSQL writes it.
    private static async ValueTask FieldAsync(StreamWriter text, int column, string? value)
    {
        if (column > 0) await text.WriteAsync(',').ConfigureAwait(false);
        if (value is null) return;
        if (value.Length > 0 && !value.AsSpan().ContainsAny(Quoting)) await text.WriteAsync(value).ConfigureAwait(false);
        else await text.WriteAsync($"\"{value.Replace("\"", "\"\"", StringComparison.Ordinal)}\"").ConfigureAwait(false);
    }
}

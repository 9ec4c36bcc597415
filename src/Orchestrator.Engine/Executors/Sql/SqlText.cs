using System.Data;
using System.Text;
using Npgsql;

namespace Orchestrator.Engine.Executors.Sql;

/// <summary>A value's text, read piece by piece: a value can be a gigabyte.</summary>
internal static class SqlText
{
    /// <summary>Everything is asked for as text and read in order of columns.</summary>
    public const CommandBehavior Behavior = CommandBehavior.SequentialAccess | CommandBehavior.SingleResult;

    /// <summary>Null for NULL.</summary>
    /// <exception cref="Results.OutputProblemException">It is longer than allowed.</exception>
    public static async ValueTask<string?> ReadAsync(NpgsqlDataReader reader, int column, long most, CancellationToken stop)
    {
        if (await reader.IsDBNullAsync(column, stop).ConfigureAwait(false)) return null;
        using var text = await reader.GetTextReaderAsync(column, stop).ConfigureAwait(false);
        var chunk = new char[1024];
        StringBuilder? all = null;
        while (true)
        {
            var read = await text.ReadBlockAsync(chunk, stop).ConfigureAwait(false);
            if (all is null && read < chunk.Length) return new(chunk, 0, read);
            all ??= new();
            all.Append(chunk, 0, read);
            if (all.Length > most) throw SqlRows.TooLarge(most);
            if (read < chunk.Length) return all.ToString();
        }
    }
}

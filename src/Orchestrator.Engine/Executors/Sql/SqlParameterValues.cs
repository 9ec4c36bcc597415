using System.Globalization;
using System.Text.Json;
using Npgsql;
using NpgsqlTypes;

namespace Orchestrator.Engine.Executors.Sql;

/// <summary>
/// JSON values as parameters, bound beside the statement and never part of its text. A text has no type of its own, so that the server takes it as what
/// its place needs (a date, a uuid, an enum); a number is integer, bigint or numeric.
/// </summary>
internal static class SqlParameterValues
{
    public static NpgsqlParameter Of(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null or JsonValueKind.Undefined => new() { Value = DBNull.Value, NpgsqlDbType = NpgsqlDbType.Unknown },
        JsonValueKind.String => Text(value.GetString()!),
        JsonValueKind.True => new() { Value = true, NpgsqlDbType = NpgsqlDbType.Boolean },
        JsonValueKind.False => new() { Value = false, NpgsqlDbType = NpgsqlDbType.Boolean },
        JsonValueKind.Number => Number(value),
        JsonValueKind.Array => List(value),
        _ => Json(value),
    };

    private static NpgsqlParameter Text(string text) => new() { Value = text, NpgsqlDbType = NpgsqlDbType.Unknown };

    private static NpgsqlParameter Json(JsonElement value) => new() { Value = value.GetRawText(), NpgsqlDbType = NpgsqlDbType.Jsonb };

    private static NpgsqlParameter Number(JsonElement value)
    {
        if (value.TryGetInt32(out var small)) return new() { Value = small, NpgsqlDbType = NpgsqlDbType.Integer };
        if (value.TryGetInt64(out var large)) return new() { Value = large, NpgsqlDbType = NpgsqlDbType.Bigint };
        // What does not fit a decimal exactly goes as it is written; the server has room for it.
        return value.TryGetDecimal(out var exact) && IsExact(exact, value)
            ? new() { Value = exact, NpgsqlDbType = NpgsqlDbType.Numeric }
            : Text(value.GetRawText());
    }

    private static bool IsExact(decimal exact, JsonElement value) =>
        value.GetRawText() is var text && text.Length <= 28 && !text.AsSpan().ContainsAny('e', 'E') || exact.ToString(CultureInfo.InvariantCulture) == value.GetRawText();

    /// <summary>A list of one kind of value is an array, any other (nested, mixed, of objects) is jsonb.</summary>
    private static NpgsqlParameter List(JsonElement list)
    {
        var items = list.EnumerateArray().ToArray();
        if (items.Length == 0) return Text("{}");
        var kinds = items.Select(KindOf).Where(k => k != JsonValueKind.Null).Distinct().ToArray();
        return kinds switch
        {
            [] or [JsonValueKind.String] => new()
            {
                Value = items.Select(i => i.ValueKind == JsonValueKind.Null ? null : i.GetString()).ToArray(),
                NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text,
            },
            [JsonValueKind.True] => new() { Value = items.Select(i => Value(i, e => e.GetBoolean())).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Boolean },
            [JsonValueKind.Number] => Numbers(items),
            _ => Json(list),
        };
    }

    private static NpgsqlParameter Numbers(JsonElement[] items)
    {
        var given = items.Where(i => i.ValueKind == JsonValueKind.Number).ToArray();
        if (given.All(i => i.TryGetInt32(out _))) return new() { Value = items.Select(i => Value(i, e => e.GetInt32())).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Integer };
        if (given.All(i => i.TryGetInt64(out _))) return new() { Value = items.Select(i => Value(i, e => e.GetInt64())).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint };
        if (given.All(i => i.TryGetDecimal(out _))) return new() { Value = items.Select(i => Value(i, e => e.GetDecimal())).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Numeric };
        return new() { Value = items.Select(i => Value(i, e => e.GetDouble())).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Double };
    }

    private static T? Value<T>(JsonElement item, Func<JsonElement, T> read) where T : struct => item.ValueKind == JsonValueKind.Null ? null : read(item);

    private static JsonValueKind KindOf(JsonElement item) => item.ValueKind == JsonValueKind.False ? JsonValueKind.True : item.ValueKind;
}

using System.Text;
using System.Text.Json;
using Npgsql;
using Npgsql.PostgresTypes;

namespace Orchestrator.Engine.Executors.Sql;

/// <summary>One column of a result. Values are asked for as text, which every type has, and become JSON by the column's type.</summary>
internal sealed class SqlColumn(string name, uint type, uint? element)
{
    private const uint Box = 603;

    public string Name { get; } = name;

    /// <exception cref="SqlProblemException">Two columns have one name, so that one of them would be lost.</exception>
    public static SqlColumn[] Of(NpgsqlDataReader reader)
    {
        var columns = new SqlColumn[reader.FieldCount];
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < columns.Length; i++)
        {
            var name = reader.GetName(i);
            if (!seen.Add(name)) throw new SqlProblemException($"The result has two columns '{name}': name them apart with AS.");
            var type = Plain(reader.GetPostgresType(i));
            columns[i] = new(name, type.OID, type is PostgresArrayType array ? Plain(array.Element).OID : null);
        }
        return columns;
    }

    /// <summary>
    /// A value as JSON: numbers and booleans as such, json as it is, instants as ISO 8601, bytes as base64, arrays as lists, all else as text.
    /// </summary>
    public void Write(Utf8JsonWriter json, string value)
    {
        if (element is { } of) SqlArrayText.Write(json, value, of == Box ? ';' : ',', (w, v) => Write(w, v, of));
        else Write(json, value, type);
    }

    /// <summary>The same as text, for CSV: lists and objects as JSON.</summary>
    public string Text(string value)
    {
        if (element is null)
            return type switch
            {
                16 => value is "t" ? "true" : "false",
                1114 or 1184 => Instant(value),
                17 => Bytes(value),
                _ => value,
            };
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, SqlRows.Writing)) Write(writer, value);
        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    // Numbers are PostgreSQL's fixed ids of its own types.
    private static void Write(Utf8JsonWriter json, string value, uint type)
    {
        switch (type)
        {
            case 16: json.WriteBooleanValue(value is "t" or "true"); break;
            case 20 or 21 or 23 or 26: json.WriteRawValue(value); break;
            case 700 or 701 or 1700 when char.IsAsciiDigit(value[^1]): json.WriteRawValue(value); break;   // not NaN and Infinity
            case 114 or 3802: json.WriteRawValue(value, skipInputValidation: true); break;   // the server has checked it, and goes deeper
            case 1114 or 1184: json.WriteStringValue(Instant(value)); break;
            case 17: json.WriteStringValue(Bytes(value)); break;
            default: json.WriteStringValue(value); break;
        }
    }

    // 2026-01-31 12:00:00.5+00 is 2026-01-31T12:00:00.5Z; infinity and years before Christ stay as they are.
    private static string Instant(string value)
    {
        if (value.Length < 19 || value[10] != ' ' || value.EndsWith(" BC", StringComparison.Ordinal)) return value;
        var iso = string.Concat(value.AsSpan(0, 10), "T", value.AsSpan(11));
        return iso.EndsWith("+00", StringComparison.Ordinal) ? iso[..^3] + "Z" : iso;
    }

    private static string Bytes(string value) => value.StartsWith("\\x", StringComparison.Ordinal) ? Convert.ToBase64String(Convert.FromHexString(value.AsSpan(2))) : value;

    private static PostgresType Plain(PostgresType type) => type is PostgresDomainType domain ? Plain(domain.BaseType) : type;
}

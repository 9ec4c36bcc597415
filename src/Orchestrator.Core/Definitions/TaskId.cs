using System.Text.Json;
using System.Text.Json.Serialization;

namespace Orchestrator.Core.Definitions;

/// <summary>Name of a task within its workflow: <c>[A-Za-z0-9_-]{1,64}</c>, followed by <c>[n]</c> for a fan-out child.</summary>
[JsonConverter(typeof(TaskIdJson))]
public readonly record struct TaskId : IComparable<TaskId>
{
    private readonly string? _value;

    /// <exception cref="FormatException">The text is not a task id.</exception>
    public TaskId(string value) => _value = IsValid(value) ? value
        : throw new FormatException($"'{value}' is not a task id: use 1 to 64 letters, digits, '_' or '-'.");

    /// <summary>Whether <paramref name="value"/> can be a task id.</summary>
    public static bool IsValid(string? value)
    {
        if (value is null) return false;
        var name = value.AsSpan();
        if (name.EndsWith("]", StringComparison.Ordinal) && name.IndexOf('[') is > 0 and var open)
        {
            var index = name[(open + 1)..^1];
            if (index.Length is 0 or > 9 || index.ContainsAnyExceptInRange('0', '9')) return false;
            name = name[..open];
        }
        if (name.Length is 0 or > 64) return false;
        foreach (var c in name)
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_')) return false;
        return true;
    }

    /// <summary>The id of child <paramref name="item"/> of this task's fan-out.</summary>
    public TaskId Child(int item) => new(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{_value}[{item}]"));

    /// <summary>Takes a fan-out child's id apart; false when it is no child's.</summary>
    public bool TrySplit(out TaskId task, out int item)
    {
        (task, item) = (default, 0);
        if (_value is not [.., ']']) return false;
        var open = _value.IndexOf('[', StringComparison.Ordinal);
        task = new(_value[..open]);
        item = int.Parse(_value.AsSpan(open + 1, _value.Length - open - 2), System.Globalization.CultureInfo.InvariantCulture);
        return true;
    }

    /// <inheritdoc/>
    public int CompareTo(TaskId other) => string.CompareOrdinal(_value, other._value);

    /// <summary>The id as text.</summary>
    public override string ToString() => _value ?? throw new InvalidOperationException("Uninitialised TaskId.");
}

internal sealed class TaskIdJson : JsonConverter<TaskId>
{
    public override TaskId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        try { return new(reader.GetString() ?? ""); }
        catch (FormatException e) { throw new JsonException(e.Message, e); }
    }

    public override void Write(Utf8JsonWriter writer, TaskId value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
}

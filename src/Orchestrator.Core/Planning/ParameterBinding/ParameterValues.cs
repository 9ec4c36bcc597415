using System.Globalization;
using System.Text.Json;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Expressions;

namespace Orchestrator.Core.Planning;

/// <summary>Turns what was given into a value of the parameter's type, or nothing when it is none.</summary>
internal static class ParameterValues
{
    /// <summary>A value from the command line, where everything is text.</summary>
    public static JsonElement? OfText(ParameterDefinition parameter, string text) => parameter.Type switch
    {
        ParameterType.List or ParameterType.Object => JsonText.TryParse(text, out var json) ? Of(parameter, json) : null,
        _ => Of(parameter, Text(text)),
    };

    /// <summary>
    /// A value from JSON, YAML or configuration. Numbers and booleans may also come as text, as configuration files give them, and a text may come
    /// as a number or boolean, which is kept as it was written (version 1.10 stays 1.10).
    /// </summary>
    public static JsonElement? Of(ParameterDefinition parameter, JsonElement json)
    {
        var text = json.ValueKind switch
        {
            JsonValueKind.String => json.GetString(),
            JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => json.GetRawText(),
            _ => null,
        };
        return parameter.Type switch
        {
            ParameterType.String => text is null ? null : AsText(json, text),
            ParameterType.Enum => text is not null && parameter.Values.Contains(text) ? AsText(json, text) : null,
            ParameterType.Date => IsDate(text) ? AsText(json, text!) : null,
            ParameterType.Integer => Integer(text),
            ParameterType.Number => IsNumber(text) ? json.ValueKind == JsonValueKind.Number ? json : Raw(text!) : null,
            // Configuration files spell booleans True and False.
            ParameterType.Boolean => bool.TryParse(text, out var flag) ? Raw(flag ? "true" : "false") : null,
            ParameterType.List => json.ValueKind == JsonValueKind.Array ? json : null,
            _ => json.ValueKind == JsonValueKind.Object ? json : null,
        };
    }

    /// <summary>What a parameter takes, in a sentence.</summary>
    public static string Expected(ParameterDefinition parameter) => parameter.Type switch
    {
        ParameterType.Integer => "a whole number of 64 bits, such as 42",
        ParameterType.Number => "a number, such as 2.5",
        ParameterType.Boolean => "true or false",
        ParameterType.Date => "a date, such as 2026-03-01",
        ParameterType.List => "a JSON list, such as [\"a\", \"b\"]",
        ParameterType.Object => "a JSON object, such as {\"a\": 1}",
        ParameterType.Enum => $"one of {string.Join(", ", parameter.Values)}",
        _ => "a text",
    };

    /// <summary>The value in a message: short, on one line.</summary>
    public static string Shown(JsonElement json)
    {
        var text = json.ValueKind == JsonValueKind.String ? json.GetString()! : json.GetRawText();
        text = new([.. text.Take(60).Select(c => char.IsControl(c) ? ' ' : c)]);
        return $"'{(text.Length == 60 ? text + "..." : text)}'";
    }

    public static JsonElement Text(string text) => JsonSerializer.SerializeToElement(text, TextJson.Default.String);

    private static JsonElement AsText(JsonElement json, string text) => json.ValueKind == JsonValueKind.String ? json : Text(text);

    private static JsonElement Raw(string text) => JsonText.TryParse(text, out var json) ? json : default;

    private static bool IsDate(string? text) => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _);

    private static bool IsNumber(string? text) => text is not null && JsonText.TryParse(text, out var json) && json.ValueKind == JsonValueKind.Number;

    // 5.0 and 5e0 are whole numbers too; 64 bits fit into a decimal.
    private static JsonElement? Integer(string? text) =>
        IsNumber(text) && decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
        && decimal.Truncate(number) == number && number is >= long.MinValue and <= long.MaxValue
            ? Raw(((long)number).ToString(CultureInfo.InvariantCulture)) : null;
}

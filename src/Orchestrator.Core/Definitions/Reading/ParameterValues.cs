using System.Globalization;
using System.Text.Json;

namespace Orchestrator.Core.Definitions.Reading;

/// <summary>Values written for parameters, coerced by the declared type: quotes do not matter, so every notation gives the same value.</summary>
internal static class ParameterValues
{
    /// <summary>The type a value looks like, for parameters that declare none.</summary>
    public static ParameterType TypeOf(SourceNode node) => node switch
    {
        SourceList => ParameterType.List,
        SourceMap => ParameterType.Object,
        SourceScalar { AsFlag: not null } => ParameterType.Boolean,
        SourceScalar scalar when Json.IsNumber(scalar) => IsWhole(scalar.Text, out _) ? ParameterType.Integer : ParameterType.Number,
        _ => ParameterType.String,
    };

    /// <summary>The value as JSON; null when it is not of the parameter's type.</summary>
    /// <param name="expected">What it should have been, for "must be x".</param>
    public static JsonElement? Of(ParameterDefinition parameter, SourceNode node, out string expected)
    {
        expected = Expected(parameter);
        return (parameter.Type, node) switch
        {
            (ParameterType.List, SourceList) or (ParameterType.Object, SourceMap) => Json.Of(node),
            (ParameterType.List or ParameterType.Object, _) or (_, not SourceScalar) => null,
            (_, SourceScalar { IsNothing: true }) => null,
            (var type, SourceScalar scalar) => Of(parameter, type, scalar.Text),
        };
    }

    private static JsonElement? Of(ParameterDefinition parameter, ParameterType type, string text) => type switch
    {
        ParameterType.String => Json.Of(text),
        ParameterType.Integer => IsWhole(text, out var whole) ? Json.Of(whole) : null,
        ParameterType.Number => Json.Number(text)
            ?? (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? Json.Of(number) : null),
        ParameterType.Boolean => bool.TryParse(text, out var flag) ? Json.Of(flag) : null,
        ParameterType.Date => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _) ? Json.Of(text) : null,
        ParameterType.Enum => parameter.Values.Contains(text, StringComparer.Ordinal) ? Json.Of(text) : null,
        _ => null,
    };

    private static bool IsWhole(string text, out long whole) => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out whole);

    private static string Expected(ParameterDefinition parameter) => parameter.Type switch
    {
        ParameterType.Integer => "a whole number",
        ParameterType.Number => "a number",
        ParameterType.Boolean => "true or false",
        ParameterType.Date => "a date such as 2026-01-31",
        ParameterType.Enum => $"one of {string.Join(", ", parameter.Values)}",
        ParameterType.List => "a list",
        ParameterType.Object => "a map",
        _ => "text",
    };
}

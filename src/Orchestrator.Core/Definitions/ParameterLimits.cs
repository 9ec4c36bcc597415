using System.Globalization;
using System.Text.Json;
using Orchestrator.Core.Expressions;

namespace Orchestrator.Core.Definitions;

/// <summary>Whether a value of the right type lies within a parameter's bounds.</summary>
internal static class ParameterLimits
{
    /// <summary>The bound that a value breaks, for "must be x"; null where it breaks none.</summary>
    public static string? Broken(ParameterDefinition parameter, JsonElement value)
    {
        if (parameter is { Min: null, Max: null, Pattern: null }) return null;
        var text = value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();
        if (parameter.Min is { } min && Compare(parameter.Type, text, min) < 0) return $"at least {min}";
        if (parameter.Max is { } max && Compare(parameter.Type, text, max) > 0) return $"at most {max}";
        return parameter.Pattern is { } pattern && !Patterns.IsFound(text, pattern) ? $"a text that matches {pattern}" : null;
    }

    /// <summary>The order of two values of a type that has one. Dates are ordered as they are written.</summary>
    public static int Compare(ParameterType type, string one, string other)
    {
        if (type == ParameterType.Date) return string.CompareOrdinal(one, other);
        // What a decimal cannot hold is far outside of any bound that was meant, and a double orders it.
        return decimal.TryParse(one, NumberStyles.Float, CultureInfo.InvariantCulture, out var a) && decimal.TryParse(other, NumberStyles.Float, CultureInfo.InvariantCulture, out var b)
            ? a.CompareTo(b)
            : double.Parse(one, CultureInfo.InvariantCulture).CompareTo(double.Parse(other, CultureInfo.InvariantCulture));
    }
}

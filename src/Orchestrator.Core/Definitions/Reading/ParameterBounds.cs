using Orchestrator.Core.Expressions;

namespace Orchestrator.Core.Definitions.Reading;

/// <summary>Reads `min`, `max` and `pattern` of a parameter.</summary>
internal static class ParameterBounds
{
    /// <summary>The parameter with its bounds.</summary>
    public static ParameterDefinition Read(ParameterDefinition parameter, Fields fields)
    {
        var bounded = parameter with { Min = Bound(parameter, fields, "min"), Max = Bound(parameter, fields, "max"), Pattern = Pattern(parameter, fields) };
        if (bounded is { Min: { } min, Max: { } max } && ParameterLimits.Compare(parameter.Type, min, max) > 0)
            fields.Problems.Add(ProblemCodes.BadValue, fields.At("min"), $"`min` ({min}) is larger than `max` ({max}).", "Swap them.");
        return bounded;
    }

    private static string? Bound(ParameterDefinition parameter, Fields fields, string key)
    {
        if (fields[key] is not { } node) return null;
        if (parameter.Type is not (ParameterType.Integer or ParameterType.Number or ParameterType.Date))
        {
            fields.Problems.Add(ProblemCodes.Conflict, node.Span, $"`{key}` belongs to integer, number and date, not `{Words.Of(parameter.Type)}`.",
                parameter.Type == ParameterType.String ? "Write `type: integer`, or a `pattern` such as ^.{1,8}$ for the length of a text." : "Remove it.");
            return null;
        }
        if (node is SourceScalar { IsNothing: false } scalar && ParameterValues.Of(parameter, node, out _) is not null) return scalar.Text;
        fields.Wrong(node, key, Words.Of(parameter.Type) switch { "date" => "a date such as 2026-01-31", "integer" => "a whole number", _ => "a number" });
        return null;
    }

    private static string? Pattern(ParameterDefinition parameter, Fields fields)
    {
        if (fields.Text("pattern") is not { } pattern) return null;
        if (parameter.Type is not (ParameterType.String or ParameterType.Enum))
            fields.Problems.Add(ProblemCodes.Conflict, fields.At("pattern"), $"`pattern` belongs to text, not `{Words.Of(parameter.Type)}`.", "Remove it, or use `min` and `max`.");
        else if (Patterns.Problem(pattern) is { } wrong)
            fields.Problems.Add(ProblemCodes.BadValue, fields.At("pattern"), $"`pattern` is `{SourceScalar.Shorten(pattern)}`, which is not a pattern. {wrong}", "Write a regular expression such as ^[a-z]+$.");
        return pattern;
    }
}

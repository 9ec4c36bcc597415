using System.Collections.Immutable;
using System.Text.Json;

namespace Orchestrator.Core.Definitions.Reading;

/// <summary>Reads declared parameters: the short form <c>day: "2026-01-01"</c> or the map with `type`, `default` and so on.</summary>
internal static class ParameterReader
{
    /// <param name="key">Where they stand: a workflow's `params`, an approval's `fields`.</param>
    public static ImmutableArray<ParameterDefinition> Read(Fields owner, string key, Draft draft) =>
        [.. owner.Entries(key).Select(e => Read(e, key == "params", draft)).OfType<ParameterDefinition>()];

    private static ParameterDefinition? Read(SourceEntry entry, bool canCompute, Draft draft)
    {
        if (!Names.IsParameter(entry.Key))
        {
            draft.Problems.Add(ProblemCodes.BadValue, entry.At, $"`{SourceScalar.Shorten(entry.Key)}` is not the name of a parameter.", Names.ParameterRule);
            return null;
        }
        if (entry.Value is not SourceMap map)
        {
            var type = entry.Value.IsNothing ? ParameterType.String : ParameterValues.TypeOf(entry.Value);
            var plain = new ParameterDefinition { Name = entry.Key, Type = type };
            return entry.Value.IsNothing ? plain : plain with { Default = Default(plain, entry.Value, canCompute, draft) };
        }

        var fields = new Fields(map, Vocabulary.Parameter, $"parameter '{entry.Key}'", draft.Problems);
        var given = fields["default"] is { IsNothing: false } node ? node : null;
        var parameter = new ParameterDefinition
        {
            Name = entry.Key,
            Type = Type(fields) ?? (fields.Has("type") || given is null ? ParameterType.String : ParameterValues.TypeOf(given)),
            Values = [.. fields.Texts("values").Select(t => t.Text).Distinct(StringComparer.Ordinal)],
            Description = fields.Text("description"),
        };
        if (parameter.Type == ParameterType.Secret) return Secret(parameter, fields, canCompute, draft);
        foreach (var key in (string[])["file", "env"])
            if (fields.Has(key)) draft.Problems.Add(ProblemCodes.Conflict, fields.At(key), $"`{key}` belongs to `type: secret`, not `{Words.Of(parameter.Type)}`.", "Write `type: secret`, or remove it.");
        if (parameter.Type == ParameterType.Enum && parameter.Values.IsEmpty)
            draft.Problems.Add(ProblemCodes.MissingKey, map.Span, $"Parameter '{entry.Key}' is an enum without `values`.", "List them: `values: [eu, us]`.");
        if (parameter.Type != ParameterType.Enum && fields.Has("type") && fields.Has("values"))
            draft.Problems.Add(ProblemCodes.Conflict, fields.At("values"), $"`values` belongs to `type: enum`, not `{Words.Of(parameter.Type)}`.", "Write `type: enum`.");
        if (!fields.Has("type") && !parameter.Values.IsEmpty) parameter = parameter with { Type = ParameterType.Enum };

        parameter = ParameterBounds.Read(parameter, fields);
        var required = fields.Flag("required") ?? false;
        return given is null
            ? parameter with { Required = required }
            : parameter with { Default = Default(parameter, given, canCompute, draft) };
    }

    private static ParameterType? Type(Fields fields) => fields.Word<ParameterType>("type");

    // Its value is never written: neither here nor with a run. So there is nothing to check but where it is found.
    private static ParameterDefinition Secret(ParameterDefinition parameter, Fields fields, bool isParameter, Draft draft)
    {
        if (!isParameter)
            draft.Problems.Add(ProblemCodes.BadValue, fields.At("type"), $"Field '{parameter.Name}' is a secret, but answers to an approval are kept in the journal.", "Declare it under `secrets:`.");
        foreach (var key in (string[])["default", "values", "min", "max", "pattern"])
            if (fields.Has(key)) draft.Problems.Add(ProblemCodes.Conflict, fields.At(key), $"A secret has no `{key}`: its value is read from a file or variable of the worker.", "Remove it.");
        _ = fields.Flag("required");
        return parameter with { Values = [], Secret = WorkflowReader.Reference(fields, draft) };
    }

    private static JsonElement? Default(ParameterDefinition parameter, SourceNode node, bool canCompute, Draft draft)
    {
        if (node is SourceScalar text && text.Text.Contains("${{", StringComparison.Ordinal))
        {
            if (canCompute) return Json.Of(draft.Template(text, ExpressionPlace.ParameterDefault, -1));
            draft.Problems.Add(ProblemCodes.BadValue, node.Span, $"The default of field '{parameter.Name}' holds an expression.", "Write a value; show computed values in the `prompt`.");
            return null;
        }
        if (ParameterValues.Of(parameter, node, out var expected) is { } value)
        {
            if (ParameterLimits.Broken(parameter, value) is { } limit)
                draft.Problems.Add(ProblemCodes.BadValue, node.Span, $"The default of parameter '{parameter.Name}' is {node.Found}.", $"It must be {limit}.");
            return value;
        }
        draft.Problems.Add(ProblemCodes.BadValue, node.Span, $"The default of parameter '{parameter.Name}' must be {expected}, not {node.Found}.");
        return null;
    }
}

using System.Collections.Immutable;

namespace Orchestrator.Core.Definitions.Reading;

/// <summary>Reads what rules runs and tasks from outside: groups, expectations, retention.</summary>
internal static class ControlReader
{
    /// <summary>Ranks are small: they order, they do not count.</summary>
    public const int MaxRank = 1_000_000;

    public static ConcurrencyDefinition? Concurrency(Fields workflow, Draft draft)
    {
        if (!workflow.Has("concurrency")) return null;
        if (workflow["concurrency"] is SourceScalar) return draft.Given(workflow, "concurrency", ExpressionPlace.Group, -1) is { } name ? new(name) : null;
        if (workflow.Map("concurrency", Vocabulary.Concurrency, "a group's name or a map with `group`") is not { } fields) return null;
        var group = fields.Required("group") is null ? null : draft.Given(fields, "group", ExpressionPlace.Group, -1);
        var definition = new ConcurrencyDefinition(group ?? "")
        {
            Max = fields.Whole("max", 1, 10_000) ?? 1,
            OnConflict = fields.Word<OnConflict>("on_conflict") ?? default,
        };
        return group is null ? null : definition;
    }

    public static SlaDefinition? Sla(Fields owner)
    {
        if (!owner.Has("sla")) return null;
        if (owner["sla"] is SourceScalar) return Expected(owner, "sla") is { } time ? new(time) : null;
        if (owner.Map("sla", Vocabulary.Sla, "a duration or a map with `expected`") is not { } fields) return null;
        if (fields.Required("expected") is null || Expected(fields, "expected") is not { } expected) return null;
        var plain = new SlaDefinition(expected);
        return plain with { AtRisk = fields.Number("at_risk", 0.01, 1) ?? plain.AtRisk };
    }

    public static RetentionDefinition? Retention(Fields workflow)
    {
        if (workflow.Map("retention", Vocabulary.Retention, "a map such as {age: 30d, count: 1000, bytes: 10GiB}", orEmpty: true) is not { } fields) return null;
        var retention = new RetentionDefinition
        {
            Age = fields.Duration("age", TimeSpan.FromMinutes(1), TimeSpan.FromDays(36_500)),
            Count = fields.Whole("count", 0, int.MaxValue),
            Bytes = fields.Size("bytes", 0, long.MaxValue),
        };
        return retention == new RetentionDefinition() ? null : retention;
    }

    public static TelemetryDefinition? Telemetry(Fields workflow)
    {
        if (workflow.Map("telemetry", Vocabulary.Telemetry, "a map such as {sample: 0.1}", orEmpty: true) is not { } fields) return null;
        return fields.Number("sample", 0, 1) is { } sample ? new TelemetryDefinition { Sample = sample } : null;
    }

    /// <param name="secret">Names of those that are secret.</param>
    public static ImmutableSortedDictionary<string, string> Outputs(
        Fields owner, string key, Draft draft, ExpressionPlace place, int index, ImmutableArray<string> secret = default)
    {
        if (!owner.Has(key)) return ImmutableSortedDictionary<string, string>.Empty;
        var outputs = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var (entry, value) in owner.TextMap(key))
        {
            if (!Names.IsOutput(entry.Key))
                owner.Problems.Add(ProblemCodes.BadValue, entry.At, $"`{SourceScalar.Shorten(entry.Key)}` is not the name of a result.", Names.OutputRule);
            outputs[entry.Key] = draft.Template(value, !secret.IsDefaultOrEmpty && secret.Contains(entry.Key) ? ExpressionPlace.SecretTransform : place, index);
        }
        return outputs.ToImmutable();
    }

    private static TimeSpan? Expected(Fields fields, string key) => fields.Duration(key, TimeSpan.FromMilliseconds(1), WorkflowReader.LongestRun);
}

using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Expressions;

namespace Orchestrator.Core.Planning;

/// <summary>Which results that are secret (`secret_outputs`) a task reads: known from its definition, before anything runs.</summary>
public static class SecretReads
{
    /// <summary>The reads of all texts of a task, each once; empty in a workflow whose tasks have no secret results.</summary>
    /// <param name="secrets">Of its workflow, from <see cref="SecretsOf"/>: found once for all its tasks.</param>
    /// <param name="task">The task.</param>
    public static ImmutableArray<OutputRead> Of(IReadOnlyDictionary<string, ImmutableArray<string>> secrets, TaskDefinition task)
    {
        if (secrets.Count == 0) return [];
        var reads = new HashSet<OutputRead>();
        Collect(TaskForm.ToJson(task), reads);
        if (task.If is { } text && Expression.TryParseCondition(text, out var condition, out _)) reads.UnionWith(condition.OutputReads);
        return [.. reads.Where(r => Holds(secrets, r)).OrderBy(r => r.ToString(), StringComparer.Ordinal)];
    }

    /// <summary>The names of the secret results of a workflow's tasks, by task; tasks without any are left out.</summary>
    public static IReadOnlyDictionary<string, ImmutableArray<string>> SecretsOf(WorkflowDefinition workflow)
    {
        Dictionary<string, ImmutableArray<string>>? secrets = null;
        foreach (var task in workflow.Tasks)
            if (!task.SecretOutputs.IsDefaultOrEmpty) (secrets ??= new(StringComparer.Ordinal))[task.Id.ToString()] = task.SecretOutputs;
        return secrets ?? (IReadOnlyDictionary<string, ImmutableArray<string>>)ImmutableDictionary<string, ImmutableArray<string>>.Empty;
    }

    /// <summary>Whether a read is one of a secret result: all results of a task hold those that are.</summary>
    internal static bool Holds(IReadOnlyDictionary<string, ImmutableArray<string>> secrets, OutputRead read) =>
        secrets.TryGetValue(read.Task, out var names) && (read.Output is null || names.Contains(read.Output));

    private static void Collect(JsonElement form, HashSet<OutputRead> reads)
    {
        switch (form.ValueKind)
        {
            case JsonValueKind.String when form.GetString() is { } text && Template.MayHaveHoles(text) && Template.TryParse(text, out var template, out _):
                reads.UnionWith(template.OutputReads);
                break;
            case JsonValueKind.Array:
                foreach (var item in form.EnumerateArray()) Collect(item, reads);
                break;
            case JsonValueKind.Object:
                foreach (var member in form.EnumerateObject()) Collect(member.Value, reads);
                break;
        }
    }
}

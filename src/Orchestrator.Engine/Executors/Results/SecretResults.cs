using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Expressions;

namespace Orchestrator.Engine.Executors.Results;

/// <summary>Takes what a task declares secret (`secret_outputs`) out of its results, before anything else looks at them.</summary>
internal static class SecretResults
{
    /// <summary>The results that are kept, and those that are secret.</summary>
    public static (ImmutableSortedDictionary<string, JsonElement> Kept, ImmutableSortedDictionary<string, JsonElement> Secret) Split(
        TaskDefinition task, ImmutableSortedDictionary<string, JsonElement> outputs)
    {
        var secret = ImmutableSortedDictionary.Create<string, JsonElement>(StringComparer.Ordinal);
        foreach (var name in task.SecretOutputs)
            if (outputs.TryGetValue(name, out var value)) secret = secret.Add(name, value);
        return (outputs.RemoveRange(secret.Keys), secret);
    }

    /// <summary>
    /// What an attempt that did not succeed may hand on: nothing secret. Where `transform` would have told which results those are, nothing at all.
    /// </summary>
    public static ImmutableSortedDictionary<string, JsonElement> Without(TaskDefinition task, ImmutableSortedDictionary<string, JsonElement> outputs) =>
        task.SecretOutputs.IsDefaultOrEmpty ? outputs : task.Transform.IsEmpty ? outputs.RemoveRange(task.SecretOutputs) : outputs.Clear();

    /// <summary>The texts to mask for values that are secret: their own, and those within lists and objects.</summary>
    public static IReadOnlyCollection<string> TextsOf(IEnumerable<JsonElement> values)
    {
        var texts = new DerivedSecrets();
        foreach (var value in values) texts.AddValue(value);
        return texts.Values;
    }
}

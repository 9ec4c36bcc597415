using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Expressions;
using Orchestrator.Core.Planning;

namespace Orchestrator.Engine.Running.Attempts;

/// <summary>Shows an attempt the secret results of other tasks that it reads, and makes them secrets of its own.</summary>
internal static class HeldResults
{
    /// <param name="scope">What its expressions see otherwise.</param>
    /// <param name="templates">Its texts, which say what they read.</param>
    /// <param name="held">The secret results of the run.</param>
    /// <param name="secrets">Receives the values under the names they are read by.</param>
    /// <param name="derived">Receives what they hold, and which reads are secret.</param>
    public static ExpressionScope Into(
        ExpressionScope scope, TaskTemplates templates, HeldSecrets held, Dictionary<string, string> secrets, DerivedSecrets derived)
    {
        foreach (var read in templates.SecretReads)
        {
            if (held.Of(new(read.Task)) is not { } values || !scope.Tasks.TryGetValue(read.Task, out var facts)) continue;
            var outputs = facts.Outputs.ToImmutableSortedDictionary(o => o.Key, o => o.Value, StringComparer.Ordinal);
            foreach (var (name, value) in values)
            {
                if (read.Output is not null && read.Output != name) continue;
                outputs = outputs.SetItem(name, value);
                derived.AddOutput(new(read.Task, name));
                derived.AddValue(value);
                // Beside the secrets of the definition, whose names have no dot.
                if (value.ValueKind is not (JsonValueKind.Null or JsonValueKind.True or JsonValueKind.False))
                    secrets[new OutputRead(read.Task, name).ToString()] = value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();
            }
            var tasks = scope.Tasks.ToImmutableDictionary(t => t.Key, t => t.Value, StringComparer.Ordinal);
            scope = scope with { Tasks = tasks.SetItem(read.Task, facts with { Outputs = outputs }) };
        }
        return scope;
    }
}

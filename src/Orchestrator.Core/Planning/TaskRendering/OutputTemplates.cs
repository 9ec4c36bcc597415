using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Expressions;
using Orchestrator.Core.Serialization;

namespace Orchestrator.Core.Planning;

/// <summary>Results made by expressions, by name: a task's transform or a run's own results.</summary>
public sealed class OutputTemplates
{
    private readonly ImmutableArray<KeyValuePair<string, Template>> _all;

    private OutputTemplates(ImmutableArray<KeyValuePair<string, Template>> all) => _all = all;

    /// <summary>Compiles them.</summary>
    /// <param name="declared">Texts by name.</param>
    /// <param name="where">Where they stand, for messages.</param>
    /// <exception cref="ExpressionException">A text does not parse; definitions that passed the rules never throw.</exception>
    public static OutputTemplates Of(ImmutableSortedDictionary<string, string> declared, string where) =>
        new([.. declared.Select(d => KeyValuePair.Create(d.Key, WorkflowTemplates.Compile(d.Value, $"{where}.{d.Key}")))]);

    /// <summary>Whether there is nothing to make.</summary>
    public bool IsEmpty => _all.IsEmpty;

    /// <summary>What they name.</summary>
    public IEnumerable<ExpressionReference> References => _all.SelectMany(t => t.Value.References);

    /// <summary>The results. A text that is exactly one hole becomes the value itself.</summary>
    /// <exception cref="ExpressionException">One of them cannot be evaluated; the message names it.</exception>
    public ImmutableSortedDictionary<string, JsonElement> Render(ExpressionScope scope)
    {
        var results = ImmutableSortedDictionary.CreateBuilder<string, JsonElement>(StringComparer.Ordinal);
        foreach (var (name, template) in _all)
        {
            JsonElement value;
            try { value = template.RenderValue(scope); }
            catch (ExpressionException e) { throw new ExpressionException($"{name}: {e.Message}"); }
            results[name] = JsonBounds.Fault(value) is { } fault ? throw new ExpressionException(fault.Of($"output '{name}'")) : value;
        }
        return results.ToImmutable();
    }
}

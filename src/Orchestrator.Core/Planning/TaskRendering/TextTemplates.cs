using System.Collections.Immutable;
using Orchestrator.Core.Expressions;

namespace Orchestrator.Core.Planning;

/// <summary>Lists and maps of texts, compiled and rendered as plain text.</summary>
internal static class TextTemplates
{
    public static ImmutableArray<Template> List(ImmutableArray<string> texts, string where) =>
        [.. texts.Select((t, i) => WorkflowTemplates.Compile(t, $"{where}[{i}]"))];

    public static ImmutableArray<KeyValuePair<string, Template>> Map(ImmutableSortedDictionary<string, string> texts, string where) =>
        [.. texts.Select(t => KeyValuePair.Create(t.Key, WorkflowTemplates.Compile(t.Value, $"{where}.{t.Key}")))];

    public static ImmutableArray<string> Render(this ImmutableArray<Template> templates, ExpressionScope scope) =>
        templates.IsEmpty ? [] : [.. templates.Select(t => t.Render(scope, TemplateMode.Text))];

    /// <summary>Keys keep the order of the map they came from, which is ordinal.</summary>
    public static ImmutableSortedDictionary<string, string> Render(this ImmutableArray<KeyValuePair<string, Template>> templates, ExpressionScope scope) =>
        templates.IsEmpty ? ImmutableSortedDictionary<string, string>.Empty
            : templates.ToImmutableSortedDictionary(t => t.Key, t => t.Value.Render(scope, TemplateMode.Text), StringComparer.Ordinal);

    public static IEnumerable<ExpressionReference> References(params ReadOnlySpan<Template?> templates)
    {
        var all = new List<ExpressionReference>();
        foreach (var template in templates)
            if (template is not null) all.AddRange(template.References);
        return all;
    }
}

using System.Collections.Immutable;
using Orchestrator.Core.Expressions;

namespace Orchestrator.Core.Planning;

/// <summary>Declared variables, compiled. Variables without expressions cost nothing to render.</summary>
internal sealed class EnvTemplates
{
    private static readonly EnvTemplates None = new(ImmutableSortedDictionary<string, string>.Empty);

    private EnvTemplates(ImmutableSortedDictionary<string, string> declared)
    {
        Literals = declared;
        var holes = ImmutableArray.CreateBuilder<(string, Template)>();
        foreach (var (name, text) in declared)
        {
            if (!Template.MayHaveHoles(text)) continue;
            var template = WorkflowTemplates.Compile(text, "env." + name);
            // An escaped ${{ is a literal, but not as it was written.
            if (template.IsLiteral) Literals = Literals.SetItem(name, template.Literal);
            else
            {
                Literals = Literals.Remove(name);
                holes.Add((name, template));
            }
        }
        Holes = holes.ToImmutable();
    }

    public static EnvTemplates Of(ImmutableSortedDictionary<string, string> declared) => declared.IsEmpty ? None : new(declared);

    /// <summary>Variables without expressions.</summary>
    public ImmutableSortedDictionary<string, string> Literals { get; }

    /// <summary>Variables with expressions.</summary>
    public ImmutableArray<(string Name, Template Template)> Holes { get; } = [];

    public IEnumerable<ExpressionReference> References => Holes.IsEmpty ? [] : Holes.SelectMany(h => h.Template.References);

    /// <summary>These variables above <paramref name="beneath"/>; expressions see <paramref name="scope"/> with <paramref name="visible"/> as env.</summary>
    /// <param name="wanted">Names to render; null for all.</param>
    public ImmutableSortedDictionary<string, string> Above(
        ImmutableSortedDictionary<string, string> beneath, ExpressionScope scope, IReadOnlyDictionary<string, string> visible, ISet<string>? wanted = null)
    {
        var result = beneath.IsEmpty ? Literals : Literals.IsEmpty ? beneath : beneath.SetItems(Literals);
        if (Holes.IsEmpty) return result;
        var inner = scope with { Env = visible };
        foreach (var (name, template) in Holes)
        {
            if (wanted is not null && !wanted.Contains(name)) continue;
            result = result.SetItem(name, template.Render(inner, TemplateMode.Text));
            if (scope.Derived is { } derived && derived.Reach(template.References, template.OutputReads)) derived.AddVariable(name);
        }
        return result;
    }

    /// <summary>References of the named variables' expressions.</summary>
    public IEnumerable<ExpressionReference> ReferencesOf(ISet<string> names) =>
        Holes.Where(h => names.Contains(h.Name)).SelectMany(h => h.Template.References);
}

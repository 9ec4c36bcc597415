using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Expressions;

namespace Orchestrator.Core.Planning;

/// <summary>The inputs of a delegate.</summary>
internal sealed record DelegateTemplates(ImmutableArray<KeyValuePair<string, JsonTemplate>> With) : ActionTemplates
{
    public static ActionTemplates Of(DelegateAction action) => action.With.IsEmpty
        ? PlainTemplates.Nothing
        : new DelegateTemplates([.. action.With.Select(w => KeyValuePair.Create(w.Key, JsonTemplate.Compile(w.Value, "with." + w.Key)))]);

    public override IEnumerable<ExpressionReference> References => With.SelectMany(w => w.Value.References);

    public override TaskInvocation Render(ExpressionScope scope) => new()
    {
        With = With.Select(w => KeyValuePair.Create<string, JsonElement>(w.Key, w.Value.Render(scope)))
            .ToImmutableSortedDictionary(StringComparer.Ordinal),
    };
}

using Orchestrator.Core.Expressions;

namespace Orchestrator.Core.Planning;

/// <summary>What a `switch` task compares.</summary>
internal sealed record SwitchTemplates(Template Value) : ActionTemplates
{
    public override IEnumerable<ExpressionReference> References => Value.References;

    public override TaskInvocation Render(ExpressionScope scope) => new() { Value = Value.Render(scope, TemplateMode.Text) };
}

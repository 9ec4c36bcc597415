using Orchestrator.Core.Expressions;

namespace Orchestrator.Core.Planning;

/// <summary>An action without expressions: always the same invocation.</summary>
internal sealed record PlainTemplates(TaskInvocation Invocation) : ActionTemplates
{
    public static readonly PlainTemplates Nothing = new(new TaskInvocation());

    public override IEnumerable<ExpressionReference> References => [];

    public override TaskInvocation Render(ExpressionScope scope) => Invocation;
}

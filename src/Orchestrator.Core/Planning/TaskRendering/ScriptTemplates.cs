using Orchestrator.Core.Definitions;
using Orchestrator.Core.Expressions;

namespace Orchestrator.Core.Planning;

/// <summary>The text of a `script` task.</summary>
internal sealed record ScriptTemplates(Template Text) : ActionTemplates
{
    public static ScriptTemplates Of(ScriptAction action) => new(WorkflowTemplates.Compile(action.Text, "script"));

    public override IEnumerable<ExpressionReference> References => Text.References;

    public override TaskInvocation Render(ExpressionScope scope) => new() { Script = Text.Render(scope, TemplateMode.Shell) };
}

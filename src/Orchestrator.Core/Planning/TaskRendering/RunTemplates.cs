using Orchestrator.Core.Definitions;
using Orchestrator.Core.Expressions;

namespace Orchestrator.Core.Planning;

/// <summary>The command line of a `run` task.</summary>
internal sealed record RunTemplates(Template Command) : ActionTemplates
{
    public static RunTemplates Of(RunAction action) => new(WorkflowTemplates.Compile(action.Command, "run"));

    public override IEnumerable<ExpressionReference> References => Command.References;

    public override TaskInvocation Render(ExpressionScope scope) => new() { Command = Command.Render(scope, TemplateMode.Shell) };
}

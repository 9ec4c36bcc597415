using System.Collections.Immutable;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Expressions;

namespace Orchestrator.Core.Planning;

/// <summary>The program and arguments of an `exec` task.</summary>
internal sealed record ExecTemplates(ImmutableArray<Template> Argv) : ActionTemplates
{
    public static ActionTemplates Of(ExecAction action) => action.Argv.Any(Template.MayHaveHoles)
        ? new ExecTemplates(TextTemplates.List(action.Argv, "exec"))
        : new PlainTemplates(new() { Argv = action.Argv });

    public override IEnumerable<ExpressionReference> References => Argv.SelectMany(a => a.References);

    public override TaskInvocation Render(ExpressionScope scope) => new() { Argv = Argv.Render(scope) };
}

using System.Collections.Immutable;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Expressions;

namespace Orchestrator.Core.Planning;

/// <summary>The texts of a `container` task.</summary>
internal sealed record ContainerTemplates(
    Template Image, ImmutableArray<Template> Command, Template? Entrypoint, ImmutableArray<Template> Volumes,
    Template? Workdir, Template? Network, Template? User) : ActionTemplates
{
    public static ContainerTemplates Of(ContainerAction action) => new(
        WorkflowTemplates.Compile(action.Image, "container.image"),
        TextTemplates.List(action.Command, "container.command"),
        Optional(action.Entrypoint, "container.entrypoint"),
        TextTemplates.List(action.Volumes, "container.volumes"),
        Optional(action.Workdir, "container.workdir"),
        Optional(action.Network, "container.network"),
        Optional(action.User, "container.user"));

    public override IEnumerable<ExpressionReference> References =>
        TextTemplates.References([Image, Entrypoint, Workdir, Network, User, .. Command, .. Volumes]);

    public override TaskInvocation Render(ExpressionScope scope) => new()
    {
        Container = new(Image.Render(scope, TemplateMode.Text))
        {
            Command = Command.Render(scope),
            Entrypoint = Entrypoint?.Render(scope, TemplateMode.Text),
            Volumes = Volumes.Render(scope),
            Workdir = Workdir?.Render(scope, TemplateMode.Text),
            Network = Network?.Render(scope, TemplateMode.Text),
            User = User?.Render(scope, TemplateMode.Text),
        },
    };

    private static Template? Optional(string? text, string where) => text is null ? null : WorkflowTemplates.Compile(text, where);
}

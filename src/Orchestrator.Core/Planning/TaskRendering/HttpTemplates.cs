using System.Collections.Immutable;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Expressions;

namespace Orchestrator.Core.Planning;

/// <summary>The texts of an `http` task.</summary>
internal sealed record HttpTemplates(
    UrlTemplate Url, ImmutableArray<KeyValuePair<string, Template>> Headers, JsonTemplate? Json, Template? Body,
    ImmutableArray<KeyValuePair<string, Template>> Form, Template? Save) : ActionTemplates
{
    public static HttpTemplates Of(HttpAction action) => new(
        new(WorkflowTemplates.Compile(action.Url, "http.url")),
        TextTemplates.Map(action.Headers, "http.headers"),
        action.Json is { } json ? JsonTemplate.Compile(json, "http.json") : null,
        action.Body is { } body ? WorkflowTemplates.Compile(body, "http.body") : null,
        TextTemplates.Map(action.Form, "http.form"),
        action.Save is { } save ? WorkflowTemplates.Compile(save, "http.save") : null);

    public override IEnumerable<ExpressionReference> References =>
    [
        .. Url.References,
        .. TextTemplates.References(Body, Save),
        .. Headers.SelectMany(h => h.Value.References),
        .. Json?.References ?? [],
        .. Form.SelectMany(f => f.Value.References),
    ];

    public override TaskInvocation Render(ExpressionScope scope) => new()
    {
        Http = new(Url.Render(scope))
        {
            Headers = Headers.Render(scope),
            Json = Json?.Render(scope),
            Body = Body?.Render(scope, TemplateMode.Text),
            Form = Form.Render(scope),
            Save = Save?.Render(scope, TemplateMode.Text),
        },
    };
}

using System.Text.Json;
using Orchestrator.AspNetCore.Idempotency;
using Orchestrator.AspNetCore.Requests;
using Orchestrator.AspNetCore.Runs;
using Orchestrator.Core;
using Orchestrator.Engine.Definitions;
using Orchestrator.Engine.Running;

namespace Orchestrator.AspNetCore.Workflows;

/// <summary><c>/api/v1/workflows</c>: what is in force, and starting it.</summary>
internal static class WorkflowEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapMethods("/api/v1/workflows", RouteAnswers.Read, (WorkflowCatalog catalog) => Results.Json(
            new WorkflowPage([.. catalog.Current.Workflows.Values.OrderBy(w => w.Definition.Name, StringComparer.Ordinal).Select(Item)]), JsonAnswer.Shapes.WorkflowPage));
        routes.MapPost("/api/v1/workflows/{name}/runs", StartAsync);
    }

    private static async Task<IResult> StartAsync(string name, HttpContext http, WorkflowCatalog catalog, ApiNode node)
    {
        if (await KeyedRequest.MeetAsync(http, node) is { } answer) return answer;
        if (catalog.Find(name) is not { } workflow)
            return ApiProblem.Of(http, StatusCodes.Status404NotFound, "workflow_not_found", $"There is no workflow '{name}'.", Guesses(name, catalog));
        var (body, unreadable) = await JsonBody.ReadIfAnyAsync(http, ApiJson.Default.StartBody, "The body is not what this endpoint takes: {\"params\": {...}}.");
        if (unreadable is not null) return unreadable;
        var submission = new Submission(node);
        var bound = RunParameters.Given(body.Params ?? new Dictionary<string, JsonElement>()).Bind(workflow, submission.Now);
        var correlation = body.CorrelationId ?? (http.Request.Headers["X-Correlation-Id"] is [{ Length: > 0 } given] ? given : null);
        if (correlation is not null && !VisibleAscii.Is(correlation, 200))
            return ApiProblem.Of(http, StatusCodes.Status422UnprocessableEntity, "invalid_correlation_id", "A correlation id is 1 to 200 visible ASCII characters.");
        if (!InboundTrace.TryReadLinks(body.Links, out var links))
            return ApiProblem.Of(http, StatusCodes.Status422UnprocessableEntity, "invalid_links", $"links are up to {InboundTrace.MaxLinks} of {{\"type\": \"trigger\" or \"backfill\", \"traceparent\": a W3C traceparent}}.");
        return await submission.AcceptAsync(http, workflow, bound, body.RequestedBy, body.NotBefore, InboundTrace.From(http), correlation, links);
    }

    private static string[] Guesses(string name, WorkflowCatalog catalog) => Suggest.DidYouMean(name, catalog.Current.Workflows.Keys) is { Length: > 0 } guess ? [guess] : [];

    private static WorkflowItem Item(CatalogEntry entry)
    {
        var w = entry.Definition;
        return new(w.Name, entry.Version, w.Description, w.Owner, w.Tenant, w.Project, w.Tasks.Length,
            [.. w.Schedules.Select(s => new ScheduleItem(s.Id, s.Cron, s.RuleText, s.Timezone, s.Enabled))],
            [.. w.Params.Select(p => new ParameterItem(p.Name, Words.Of(p.Type), p.Required, p.Description))], entry.Origin);
    }
}

using System.Globalization;
using Orchestrator.AspNetCore.Requests;
using Orchestrator.Engine.Definitions;
using Orchestrator.Engine.Queries;

namespace Orchestrator.AspNetCore.Triggers;

/// <summary><c>/api/v1/triggers</c>: the triggers in force, and the entries of their ledgers.</summary>
internal static class TriggerListEndpoints
{
    public const int MaxEntries = 500;

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapMethods("/api/v1/triggers", RouteAnswers.Read, ListAsync).Takes("workflow");
        routes.MapMethods("/api/v1/triggers/{workflow}/{id}/history", RouteAnswers.Read, HistoryAsync).Takes("limit", "cursor");
    }

    private static async Task<IResult> ListAsync(HttpContext http, WorkflowCatalog catalog, ApiNode node, string? workflow) => Results.Json(
        new TriggerPage(await Task.Run(() => TriggerQueries.List(catalog.Current.Workflows.Values.Select(w => w.Definition), node.Store.Runs, workflow), http.RequestAborted)), TriggerJson.Shapes.TriggerPage);

    private static async Task<IResult> HistoryAsync(string workflow, string id, HttpContext http, WorkflowCatalog catalog, ApiNode node, string? limit, string? cursor)
    {
        var (problems, before) = (new List<string>(), long.MaxValue);
        var most = QueryCount.Read("limit", limit, 50, MaxEntries, problems);
        if (cursor is not null && (!long.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out before) || before < 1)) problems.Add("cursor must be the next_cursor of an earlier page.");
        if (problems.Count > 0) return ApiProblem.Of(http, StatusCodes.Status400BadRequest, "bad_query", "The query cannot be answered.", problems);
        var page = await Task.Run(() => TriggerQueries.History(node.Store.Runs, workflow, id, most, before), http.RequestAborted);
        // The ledger of a trigger that was removed can still be read.
        return page.Entries.Count > 0 || catalog.Find(workflow)?.Triggers.Any(t => t.Id == id) == true ? Results.Json(page, TriggerJson.Shapes.DeliveryPage)
            : ApiProblem.Of(http, StatusCodes.Status404NotFound, "trigger_not_found", $"There is no trigger '{workflow}/{id}'.");
    }
}

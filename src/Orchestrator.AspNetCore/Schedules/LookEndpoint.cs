using Orchestrator.Engine.Queries;
using Orchestrator.Engine.Scheduling;

namespace Orchestrator.AspNetCore.Schedules;

/// <summary><c>POST /api/v1/schedules/look</c>: a `serve --once` decides what has come due since its last look; any other has done so already.</summary>
internal static class LookEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/api/v1/schedules/look", LookAsync);

    private static async Task<IResult> LookAsync(HttpContext http, ApiNode node, ScheduleReconciler schedules) =>
        node.Look is { } look && !await look(schedules)
            ? ApiProblem.Of(http, StatusCodes.Status503ServiceUnavailable, "stopping", "This `serve --once` is about to end and checks no more schedules.")
            : Results.Json(new(node.Look is null), ScheduleJson.Shapes.LookRow);
}

using System.Text.Json.Serialization;
using Orchestrator.AspNetCore.Requests;
using Orchestrator.Core;
using Orchestrator.Core.Schedules.Ledger;
using Orchestrator.Core.Schedules.Manual;
using Orchestrator.Engine.Definitions;
using Orchestrator.Engine.Queries;
using Orchestrator.Engine.Scheduling;

namespace Orchestrator.AspNetCore.Schedules;

/// <summary><c>POST /api/v1/schedules/{workflow}/{schedule}/runs</c>: a run of a schedule now, with its parameters and under its overlap rule.</summary>
internal static class RunNowEndpoint
{
    private const int LongestId = 100;

    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/api/v1/schedules/{workflow}/{schedule}/runs", RunAsync);

    private static async Task<IResult> RunAsync(string workflow, string schedule, HttpContext http, WorkflowCatalog catalog, ScheduleReconciler schedules, TimeProvider clock)
    {
        var (body, unreadable) = await JsonBody.ReadIfAnyAsync(http, ScheduleBodies.Default.RunNowBody, "The body is not what this endpoint takes: {\"request_id\": \"...\", \"reason\": \"...\"}.");
        if (unreadable is not null) return unreadable;
        if (Requester.Problem(http, body.RequestedBy, body.Reason) is { } problem) return problem;
        if (body.RequestId is { } given && !VisibleAscii.Is(given, LongestId))
            return ApiProblem.Of(http, StatusCodes.Status422UnprocessableEntity, "invalid_request_id", $"A request id is 1 to {LongestId} visible ASCII characters.");
        if (catalog.Find(workflow)?.Schedules.FirstOrDefault(s => s.Id == schedule) is { Action: ScheduleAction.Stop })
            return ApiProblem.Of(http, StatusCodes.Status409Conflict, "schedule_stops", $"Schedule '{workflow}/{schedule}' stops runs and starts none. Use `orchestrator cancel`, or start a run of the workflow itself.");
        var id = body.RequestId ?? Guid.CreateVersion7(clock.GetUtcNow()).ToString();
        // Not the request's token: once it is written down, the caller should hear of it.
        var requested = await schedules.RunNowAsync(workflow, schedule, new(id, Requester.Of(http, body.RequestedBy), Requester.Reason(body.Reason)), CancellationToken.None);
        if (requested is not { Run: { } run })
            return ScheduleEndpoints.Queries(catalog, schedules, clock).List(new(workflow, schedule)) is [var row]
                ? ApiProblem.Of(http, StatusCodes.Status409Conflict, "schedule_not_in_force", $"Schedule '{workflow}/{schedule}' is {Words.Of(row.State)}. Start a run of the workflow itself instead.")
                : ScheduleEndpoints.NoSchedule(http, workflow, schedule);
        return run.Fate switch
        {
            ManualFate.Blocked => ApiProblem.Of(http, StatusCodes.Status409Conflict, "run_blocked", $"No run was started: run {run.By} of the schedule is open, and its overlap rule is skip."),
            ManualFate.Failed => ApiProblem.Of(http, StatusCodes.Status409Conflict, "run_refused", $"No run was started: {run.Error}"),
            _ => Results.Json(new(workflow, schedule, run.RequestId, run.Fate, run.RunId, run.By, run.Error, requested.Existed), ScheduleJson.Shapes.ManualRunRow, statusCode: StatusCodes.Status202Accepted),
        };
    }
}

/// <summary>Body of a request for a run; may be missing.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record RunNowBody
{
    /// <summary>What the request is known by: sent again, it is the same run.</summary>
    public string? RequestId { get; init; }

    /// <summary>Why, as the events will say.</summary>
    public string? Reason { get; init; }

    /// <summary>Who asks; the token's name where there are tokens.</summary>
    public string? RequestedBy { get; init; }
}

using System.Text.Json.Serialization;
using Orchestrator.AspNetCore.Requests;
using Orchestrator.Core.Schedules.Maintenance;
using Orchestrator.Core.Serialization;
using Orchestrator.Engine.Definitions;
using Orchestrator.Engine.Queries;
using Orchestrator.Engine.Scheduling;

namespace Orchestrator.AspNetCore.Schedules;

/// <summary>What people do to a schedule or to all of them: pause and resume.</summary>
internal static class ScheduleActionEndpoints
{
    private const string Example = "The body is not what this endpoint takes: {\"reason\": \"...\", \"until\": \"2h\"}.";

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/api/v1/schedules/pause", PauseAllAsync);
        routes.MapPost("/api/v1/schedules/resume", ResumeAllAsync);
        routes.MapPost("/api/v1/schedules/{workflow}/{schedule}/pause", PauseAsync);
        routes.MapPost("/api/v1/schedules/{workflow}/{schedule}/resume", ResumeAsync);
    }

    private static async Task<IResult> PauseAsync(string workflow, string schedule, HttpContext http, WorkflowCatalog catalog, ScheduleReconciler schedules, TimeProvider clock)
    {
        var (body, problem) = await ReadAsync(http);
        if (problem is not null) return problem;
        if (!TryEnd(body.Until, clock.GetUtcNow(), out var end)) return NoEnd(http, body);
        // Not the request's token: once it is written down, the caller should hear of it.
        var isDone = await schedules.PauseAsync(workflow, schedule, Requester.Of(http, body.RequestedBy), Requester.Reason(body.Reason), end, CancellationToken.None);
        return Answer(isDone, workflow, schedule, http, catalog, schedules, clock);
    }

    private static async Task<IResult> ResumeAsync(string workflow, string schedule, HttpContext http, WorkflowCatalog catalog, ScheduleReconciler schedules, TimeProvider clock)
    {
        var (body, problem) = await ReadAsync(http);
        if (problem is not null) return problem;
        if (body.Until is not null) return NotNow(http);
        var isDone = await schedules.ResumeAsync(workflow, schedule, Requester.Of(http, body.RequestedBy), Requester.Reason(body.Reason), CancellationToken.None);
        return Answer(isDone, workflow, schedule, http, catalog, schedules, clock);
    }

    private static async Task<IResult> PauseAllAsync(HttpContext http, ScheduleReconciler schedules, TimeProvider clock)
    {
        var (body, problem) = await ReadAsync(http);
        if (problem is not null) return problem;
        if (!TryEnd(body.Until, clock.GetUtcNow(), out var end)) return NoEnd(http, body);
        await schedules.DoAllAsync(new MaintenanceInput.Pause(Requester.Of(http, body.RequestedBy), Requester.Reason(body.Reason), end), CancellationToken.None);
        return Results.Json(AllSchedulesRow.Of(schedules.AllPaused), ScheduleJson.Shapes.AllSchedulesRow);
    }

    private static async Task<IResult> ResumeAllAsync(HttpContext http, ScheduleReconciler schedules)
    {
        var (body, problem) = await ReadAsync(http);
        if (problem is not null) return problem;
        if (body.Until is not null) return NotNow(http);
        await schedules.DoAllAsync(new MaintenanceInput.Resume(Requester.Of(http, body.RequestedBy), Requester.Reason(body.Reason)), CancellationToken.None);
        return Results.Json(AllSchedulesRow.Of(schedules.AllPaused), ScheduleJson.Shapes.AllSchedulesRow);
    }

    private static IResult NoEnd(HttpContext http, ScheduleActionBody body) =>
        ApiProblem.Of(http, StatusCodes.Status422UnprocessableEntity, "invalid_until", $"until must be {EarliestStart.Shape}, and still to come; was '{body.Until}'.");

    private static IResult NotNow(HttpContext http) =>
        ApiProblem.Of(http, StatusCodes.Status422UnprocessableEntity, "invalid_until", "until belongs to a pause; schedules are resumed now.");

    private static IResult Answer(bool isDone, string workflow, string schedule, HttpContext http, WorkflowCatalog catalog, ScheduleReconciler schedules, TimeProvider clock) =>
        ScheduleEndpoints.Queries(catalog, schedules, clock).List(new(workflow, schedule)) is not [var row] ? ScheduleEndpoints.NoSchedule(http, workflow, schedule)
        : isDone ? Results.Json(row, ScheduleJson.Shapes.ScheduleRow)
        : ApiProblem.Of(http, StatusCodes.Status409Conflict, "schedule_not_in_force", $"Schedule '{workflow}/{schedule}' is {Core.Words.Of(row.State)}: it does not fire.");

    private static async Task<(ScheduleActionBody Body, IResult? Problem)> ReadAsync(HttpContext http)
    {
        var (body, unreadable) = await JsonBody.ReadIfAnyAsync(http, ScheduleBodies.Default.ScheduleActionBody, Example);
        return unreadable is not null ? (new(), unreadable) : (body, Requester.Problem(http, body.RequestedBy, body.Reason));
    }

    private static bool TryEnd(string? text, DateTimeOffset now, out DateTimeOffset? end)
    {
        end = null;
        if (text is null) return true;
        if (!EarliestStart.TryRead(text, now, out var instant) || instant <= now) return false;
        end = instant;
        return true;
    }
}

/// <summary>Bodies of requests about schedules.</summary>
[JsonSourceGenerationOptions(MaxDepth = JsonBounds.MaxStoredDepth, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ScheduleActionBody))]
[JsonSerializable(typeof(RunNowBody))]
internal sealed partial class ScheduleBodies : JsonSerializerContext;

/// <summary>Body of a pause or a resumption; may be missing.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record ScheduleActionBody
{
    /// <summary>Why, as the events will say.</summary>
    public string? Reason { get; init; }

    /// <summary>Of a pause: when it ends by itself; an instant, or a time from now.</summary>
    public string? Until { get; init; }

    /// <summary>Who asks; the token's name where there are tokens.</summary>
    public string? RequestedBy { get; init; }
}

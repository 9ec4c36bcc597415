using Orchestrator.AspNetCore.Requests;
using Orchestrator.Core;
using Orchestrator.Core.Lifecycle.Compatibility;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Runs.View;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Running.Mail;

namespace Orchestrator.AspNetCore.Runs;

/// <summary><c>/api/v1/runs</c>: list, one, its events, cancel.</summary>
internal static class RunEndpoints
{
    private const int MaxRows = 500;
    private const int Enough = 64 << 10;

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapMethods("/api/v1/runs", RouteAnswers.Read, ListAsync).Takes("workflow", "status", "limit", "cursor");
        routes.MapMethods("/api/v1/runs/{id}", RouteAnswers.Read, OneAsync);
        routes.MapMethods("/api/v1/runs/{id}/events", RouteAnswers.Read, EventsAsync);
        routes.MapPost("/api/v1/runs/{id}/cancel", CancelAsync);
    }

    private static async Task<IResult> ListAsync(HttpContext http, ApiNode node, string? workflow, string? status, string? limit, string? cursor)
    {
        var problems = new List<string>();
        RunStatus? wanted = null;
        if (status is not null)
            if (Words.TryParse<RunStatus>(status, out var known)) wanted = known;
            else problems.Add($"status must be one of {string.Join(", ", Words.All<RunStatus>())}, was '{status}'.");
        var rows = 50;
        if (limit is not null && (!int.TryParse(limit, out rows) || rows is < 1 or > MaxRows)) problems.Add($"limit must be a whole number from 1 to {MaxRows}, was '{limit}'.");
        RunId before = default;
        if (cursor is not null && !RunId.TryParse(cursor, out before)) problems.Add("cursor must be the next_cursor of an earlier page.");
        if (problems.Count > 0) return ApiProblem.Of(http, StatusCodes.Status400BadRequest, "bad_query", "The query cannot be answered.", problems);

        var page = await node.Runs.ListAsync(new(wanted, workflow, rows + 1, cursor is null ? null : before), http.RequestAborted);
        return JsonAnswer.Object(w =>
        {
            w.WriteStartArray("runs");
            foreach (var row in page.Take(rows)) RunViewJson.WriteRow(w, row);
            w.WriteEndArray();
            w.WriteString("next_cursor", page.Count > rows ? page[rows - 1].RunId.ToString() : null);
        });
    }

    private static async Task<IResult> OneAsync(string id, HttpContext http, ApiNode node) =>
        RunId.TryParse(id, out var run) && await node.Runs.ViewAsync(run, http.RequestAborted) is { } view ? JsonAnswer.Of(w => RunViewJson.WriteFull(w, view)) : ApiProblem.NoRun(http, id);

    private static async Task<IResult> EventsAsync(string id, HttpContext http, ApiNode node)
    {
        if (!RunId.TryParse(id, out var run)) return ApiProblem.NoRun(http, id);
        var events = await node.Runs.ReadAsync(run, http.RequestAborted);
        if (events.Count == 0) return ApiProblem.NoRun(http, id);
        var projection = node.Runs.Envelopes(run, events);
        return Results.Stream(async body =>
        {
            using var lines = new ShapeLines();
            var shape = EventShapes.Of(EventFormat.Native);
            foreach (var recorded in events)
            {
                shape.Write(projection.Next(recorded), recorded.Stream, lines);
                if (lines.Written.Length < Enough) continue;
                await body.WriteAsync(lines.Written);
                lines.Clear();
            }
            await body.WriteAsync(lines.Written);
        }, "application/x-ndjson");
    }

    private static async Task<IResult> CancelAsync(string id, HttpContext http, ApiNode node)
    {
        if (!RunId.TryParse(id, out var run) || await node.Runs.ViewAsync(run, http.RequestAborted) is not { } view) return ApiProblem.NoRun(http, id);
        var (body, problem) = await JsonBody.ReadIfAnyAsync(http, ApiJson.Default.CancelBody, "The body is not what this endpoint takes: {\"reason\": \"...\"}.");
        if (problem is not null) return problem;
        if (Requester.Problem(http, body.RequestedBy, body.Reason) is { } wrong) return wrong;
        if (view.IsTerminal)
            return ApiProblem.Of(http, StatusCodes.Status409Conflict, "run_ended", $"Run {id} is {Words.Of(view.Status)}: there is nothing to cancel.");
        // A run of another process is asked through its folder; it answers within a second.
        var ask = new CancelAsk(Requester.Of(http, body.RequestedBy), body.Reason);
        if (!await node.Engine.CancelAsync(run, ask, http.RequestAborted)) new CancelRequest(node.Store.Mail, run).Leave(ask);
        return Results.Json(new RunAnswer(id, view.Workflow, Words.Of(view.Status), AlreadyExisted: true), JsonAnswer.Shapes.RunAnswer, statusCode: StatusCodes.Status202Accepted);
    }

}

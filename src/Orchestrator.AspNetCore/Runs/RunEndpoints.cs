using Orchestrator.AspNetCore.Requests;
using Orchestrator.Core;
using Orchestrator.Core.Lifecycle.Compatibility;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Runs.View;
using Orchestrator.Core.Statistics.Diffs;
using Orchestrator.Core.Statistics.RootCauses;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Queries;
using Orchestrator.Engine.Running.Mail;

namespace Orchestrator.AspNetCore.Runs;

/// <summary><c>/api/v1/runs</c>: list, one, its events, cancel.</summary>
internal static class RunEndpoints
{
    private const int Enough = 64 << 10;

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapMethods("/api/v1/runs", RouteAnswers.Read, ListAsync).Takes(RunQuery.Keys, repeatable: ["label"]);
        routes.MapMethods("/api/v1/runs/{id}", RouteAnswers.Read, OneAsync);
        routes.MapMethods("/api/v1/runs/{id}/root-cause", RouteAnswers.Read, CauseAsync);
        routes.MapMethods("/api/v1/runs/{id}/diff", RouteAnswers.Read, DiffAsync).Takes("with");
        routes.MapMethods("/api/v1/runs/{id}/events", RouteAnswers.Read, EventsAsync);
        routes.MapPost("/api/v1/runs/{id}/cancel", CancelAsync);
    }

    private static async Task<IResult> ListAsync(HttpContext http, ApiNode node)
    {
        var (filter, problems) = RunQuery.Read(http.Request.Query, node.Clock.GetUtcNow());
        if (problems.Count > 0) return ApiProblem.Of(http, StatusCodes.Status400BadRequest, "bad_query", "The query cannot be answered.", problems);
        var rows = filter.Limit;
        var page = await node.Runs.ListAsync(filter with { Limit = rows + 1 }, http.RequestAborted);
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

    private static async Task<IResult> CauseAsync(string id, HttpContext http, ApiNode node)
    {
        if (!RunId.TryParse(id, out var run) || await node.Runs.ViewAsync(run, http.RequestAborted) is not { } view) return ApiProblem.NoRun(http, id);
        return await new RunCauses(node.Store).OfAsync(view, http.RequestAborted) is { } cause ? JsonAnswer.Of(w => RootCauseJson.Write(w, cause))
            : ApiProblem.Of(http, StatusCodes.Status409Conflict, "not_failed", $"Run {id} is {Words.Of(view.Status)}: only a failed run has a cause.");
    }

    private static async Task<IResult> DiffAsync(string id, HttpContext http, ApiNode node, string? with)
    {
        if (!RunId.TryParse(id, out var run) || await node.Runs.ComparedAsync(run, http.RequestAborted) is not { } after) return ApiProblem.NoRun(http, id);
        if (with is not null && !RunId.TryParse(with, out _)) return ApiProblem.NoRun(http, with);
        var other = with is not null && RunId.TryParse(with, out var named) ? named : await node.Runs.LastSuccessBeforeAsync(after.Run, http.RequestAborted);
        if (other is not { } earlier)
            return ApiProblem.Of(http, StatusCodes.Status409Conflict, "no_success_before", $"No run of {after.Run.Workflow} before {id} has completed: name one by ?with=RUN.");
        return await node.Runs.ComparedAsync(earlier, http.RequestAborted) is { } before
            ? JsonAnswer.Object(w => RunDiffJson.WriteMembers(w, RunDiff.Of(before, after))) : ApiProblem.NoRun(http, earlier.ToString());
    }

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

using Orchestrator.AspNetCore.Requests;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Runs.View;
using Orchestrator.Engine.Queries;
using Orchestrator.Engine.Running.Mail;

namespace Orchestrator.AspNetCore.Runs;

/// <summary>Answers to tasks that ask, and events for tasks that wait for them.</summary>
internal static class AnswerEndpoints
{
    private const int LongestName = 200;

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapMethods("/api/v1/approvals", RouteAnswers.Read, ListAsync);
        routes.MapPost("/api/v1/runs/{id}/approvals/{task}", AnswerAsync);
        routes.MapPost("/api/v1/runs/{id}/signals/{name}", SignalAsync);
    }

    private static async Task<IResult> ListAsync(HttpContext http, ApiNode node)
    {
        var asked = await AskedApprovals.FindAsync(node.Runs, http.RequestAborted);
        return JsonAnswer.Object(w =>
        {
            w.WriteStartArray("approvals");
            foreach (var (run, task) in asked)
            {
                w.WriteStartObject();
                AskedApprovals.Write(w, run, task);
                w.WriteEndObject();
            }
            w.WriteEndArray();
        });
    }

    private static async Task<IResult> AnswerAsync(string id, string task, HttpContext http, ApiNode node, TimeProvider clock)
    {
        var (run, body, problem) = await ReadAsync(id, http, node);
        if (problem is not null) return problem;
        if (!TaskId.IsValid(task)) return ApiProblem.Of(http, StatusCodes.Status404NotFound, "not_found", $"'{task}' is not a task.");
        var by = ByOf(http, body!);
        if (body!.Decision == "reject") return await TakeAsync(http, node, run!, new RunInput.Reject(new(task), by, body.Comment), new(id, task, null, by));
        if (body.Decision != "approve")
            return ApiProblem.Of(http, StatusCodes.Status400BadRequest, "bad_decision", $"decision must be approve or reject, was '{body.Decision}'.");
        var definition = node.Store.Definitions.Find(run!.DefinitionVersion ?? "");
        var values = body.Values ?? [];
        if (definition is not null && ApprovalValues.Of(definition, new(task)) is { } approval)
        {
            var bound = ApprovalValues.Bind(approval, values, clock.GetUtcNow());
            if (!bound.IsValid)
                return ApiProblem.Of(http, StatusCodes.Status422UnprocessableEntity, "invalid_values", "These values do not fit the approval's fields.", [.. bound.Problems.Select(p => $"{p.Message} {p.Remedy}".TrimEnd())]);
            values = bound.Values.ToDictionary();
        }
        return await TakeAsync(http, node, run, new MailItem { Kind = "approve", Task = task, By = by, Comment = body.Comment, Values = values }.ToInput(), new(id, task, null, by));
    }

    private static async Task<IResult> SignalAsync(string id, string name, HttpContext http, ApiNode node)
    {
        var (run, body, problem) = await ReadAsync(id, http, node);
        if (problem is not null) return problem;
        var by = ByOf(http, body!);
        return await TakeAsync(http, node, run!, new MailItem { Kind = "signal", Event = name, By = by, Values = body!.Values ?? [] }.ToInput(), new(id, null, name, by));
    }

    private static async Task<(RunView? Run, AnswerBody? Body, IResult? Problem)> ReadAsync(string id, HttpContext http, ApiNode node)
    {
        if (!RunId.TryParse(id, out var run) || await node.Runs.ViewAsync(run, http.RequestAborted) is not { } view)
            return (null, null, ApiProblem.NoRun(http, id));
        var (body, problem) = await JsonBody.ReadIfAnyAsync(http, ApiJson.Default.AnswerBody, "The body is not what this endpoint takes: {\"decision\": \"approve\", \"values\": {...}, \"comment\": \"...\"}.");
        return problem is null ? (view, body, null) : (null, null, problem);
    }

    private static string ByOf(HttpContext http, AnswerBody body) => Caller.NameOf(http, body.By is { Length: > 0 and <= LongestName } by ? by : "api");

    private static async Task<IResult> TakeAsync(HttpContext http, ApiNode node, RunView run, RunInput input, AnswerTaken taken)
    {
        // Not the request's token: once it was posted it will be decided, and the caller should hear of it.
        var result = await node.Engine.AnswerAsync(run.RunId, input);
        return result.Refusal is not { } refusal
            ? Results.Json(taken, JsonAnswer.Shapes.AnswerTaken)
            : ApiProblem.Of(http, refusal.Code switch
            {
                "not_found" => StatusCodes.Status404NotFound,
                "not_allowed" => StatusCodes.Status403Forbidden,
                Answers.InternalError => StatusCodes.Status500InternalServerError,
                Answers.InvalidValues => StatusCodes.Status422UnprocessableEntity,
                _ => StatusCodes.Status409Conflict,
            }, refusal.Code, refusal.Message);
    }
}

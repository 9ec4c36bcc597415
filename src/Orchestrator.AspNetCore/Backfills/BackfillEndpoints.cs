using System.Security.Cryptography;
using Orchestrator.AspNetCore.Idempotency;
using Orchestrator.AspNetCore.Requests;
using Orchestrator.AspNetCore.Runs;
using Orchestrator.Core;
using Orchestrator.Core.Lifecycle;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Schedules.Backfills;
using Orchestrator.Engine.Backfills;
using Orchestrator.Engine.Definitions;
using Orchestrator.Engine.Queries;

namespace Orchestrator.AspNetCore.Backfills;

/// <summary><c>/api/v1/backfills</c>: what is under way or was, making one, one of them, cancel.</summary>
internal static class BackfillEndpoints
{
    private const int MaxRows = 500;
    private const string Takes = "The body is not what this endpoint takes: {\"workflow\": \"...\", \"from\": \"2026-01-01\", \"to\": \"2026-01-31\"}.";

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapMethods("/api/v1/backfills", RouteAnswers.Read, List).Takes("workflow", "status", "limit", "cursor");
        routes.MapMethods("/api/v1/backfills/{id}", RouteAnswers.Read, One);
        routes.MapPost("/api/v1/backfills", CreateAsync);
        routes.MapPost("/api/v1/backfills/{id}/cancel", CancelAsync);
    }

    private static IResult List(HttpContext http, ApiNode node, string? workflow, string? status, string? limit, string? cursor)
    {
        var problems = new List<string>();
        BackfillStatus? wanted = null;
        if (status is not null)
            if (Words.TryParse<BackfillStatus>(status, out var known)) wanted = known;
            else problems.Add($"status must be one of {string.Join(", ", Words.All<BackfillStatus>())}, was '{status}'.");
        var rows = QueryCount.Read("limit", limit, 50, MaxRows, problems);
        if (cursor is not null && !Guid.TryParseExact(cursor, "D", out _)) problems.Add("cursor must be the next_cursor of an earlier page.");
        if (problems.Count > 0) return ApiProblem.Of(http, StatusCodes.Status400BadRequest, "bad_query", "The query cannot be answered.", problems);
        var page = History(node).List(workflow, wanted, cursor).Take(rows + 1).ToList();
        return JsonAnswer.Object(w =>
        {
            w.WriteStartArray("backfills");
            foreach (var state in page.Take(rows))
            {
                w.WriteStartObject();
                BackfillJson.WriteRow(w, state);
                w.WriteEndObject();
            }
            w.WriteEndArray();
            w.WriteString("next_cursor", page.Count > rows ? page[rows - 1].Created!.BackfillId : null);
        });
    }

    private static IResult One(string id, HttpContext http, ApiNode node) =>
        Find(node, id) is { } state ? JsonAnswer.Object(w => BackfillJson.WriteFull(w, state)) : NoBackfill(http, id);

    private static async Task<IResult> CreateAsync(HttpContext http, ApiNode node, WorkflowCatalog catalog, TimeProvider clock)
    {
        if (await KeyedRequest.MeetAsync(http, node) is { } answer) return answer;
        var (body, unreadable) = await JsonBody.ReadAsync(http, ApiJson.Default.BackfillBody, Takes);
        if (unreadable is not null) return unreadable;
        if (body is not { Workflow: { } name, From: not null, To: not null })
            return ApiProblem.Of(http, StatusCodes.Status400BadRequest, "bad_json", Takes, ["workflow, from and to are required."]);
        if (catalog.Find(name) is not { } workflow)
            return ApiProblem.Of(http, StatusCodes.Status404NotFound, "workflow_not_found", $"There is no workflow '{name}'.",
                Suggest.DidYouMean(name, catalog.Current.Workflows.Keys) is { Length: > 0 } guess ? [guess] : []);
        var trace = Caller.IsLocal(http) ? TraceContexts.Inbound(body.Traceparent, body.Tracestate, body.Baggage) : InboundTrace.From(http);
        if (body.CorrelationId is null && http.Request.Headers["X-Correlation-Id"] is [{ Length: > 0 } given]) body = body with { CorrelationId = given };
        if (!BackfillBodies.TryRequest(body, Caller.NameOf(http, body.RequestedBy ?? "api"), trace, out var request, out var problems)) return Invalid(http, problems);
        if (!BackfillPlanner.TryPlan(workflow, request, clock.GetUtcNow(), out var plan, out problems)) return Invalid(http, problems);
        if (body.DryRun) return JsonAnswer.Object(w => BackfillPreview.Write(w, workflow, plan, clock.GetUtcNow()));
        try
        {
            var keyed = http.Features.Get<KeyedRequest>();
            var claim = keyed is null ? null : await node.Keys.ClaimAsync(keyed.Hash, keyed.Body);
            if (claim is not null && claim.Body != keyed!.Body) return KeyedRequest.Conflict(http);
            var id = claim?.Run.ToString() ?? RunId.New(clock.GetUtcNow(), RandomNumberGenerator.GetBytes(10)).ToString();
            if (claim is not null && History(node).Find(id) is not null) http.Response.Headers[KeyedRequest.Replayed] = "true";
            // Not the request's token: a caller who hangs up must not leave it open whether it was accepted.
            var state = await node.Backfills.CreateAsync(id, workflow, plan);
            http.Response.Headers.Location = $"{http.Request.PathBase}/api/v1/backfills/{id}";
            return Accepted(state);
        }
        catch (Exception e) when (Submission.Why(http, e) is { } problem) { return problem; }
    }

    private static async Task<IResult> CancelAsync(string id, HttpContext http, ApiNode node)
    {
        if (Find(node, id) is not { } state) return NoBackfill(http, id);
        var (body, unreadable) = await JsonBody.ReadIfAnyAsync(http, ApiJson.Default.CancelBody, "The body is not what this endpoint takes: {\"reason\": \"...\"}.");
        if (unreadable is not null) return unreadable;
        if ((Requester.Fault(body.RequestedBy) ?? Requester.FaultOfReason(body.Reason)) is { } wrong) return ApiProblem.Of(http, StatusCodes.Status422UnprocessableEntity, "invalid_cancel", wrong);
        if (state.Finished is null)
        {
            try
            {
                if (await node.Backfills.CancelAsync(id, Requester.Of(http, body.RequestedBy), Requester.Reason(body.Reason)) is { Cancel: not null } after) return Accepted(after);
            }
            catch (Exception e) when (Submission.Why(http, e) is { } problem) { return problem; }
            state = Find(node, id) ?? state;   // it has ended meanwhile
        }
        return ApiProblem.Of(http, StatusCodes.Status409Conflict, "backfill_ended", $"Backfill {id} is {Words.Of(state.Status)}: there is nothing to cancel.");
    }

    private static BackfillHistory History(ApiNode node) => new(node.Store.Runs);

    private static BackfillState? Find(ApiNode node, string id) => Guid.TryParseExact(id, "D", out _) ? History(node).Find(id) : null;

    private static IResult NoBackfill(HttpContext http, string id) => ApiProblem.Of(http, StatusCodes.Status404NotFound, "backfill_not_found", $"There is no backfill '{id}'.");

    private static IResult Invalid(HttpContext http, IReadOnlyList<string> problems) =>
        ApiProblem.Of(http, StatusCodes.Status422UnprocessableEntity, "invalid_backfill", "The backfill cannot be made.", problems);

    private static IResult Accepted(BackfillState state) => JsonAnswer.Object(StatusCodes.Status202Accepted, w => BackfillJson.WriteRow(w, state));
}

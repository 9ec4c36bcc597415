using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Orchestrator.AspNetCore.Requests;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Lifecycle;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Runs.Repeating;
using Orchestrator.Engine.Definitions;
using Orchestrator.Engine.Hosting;
using Orchestrator.Engine.Queries;
using Orchestrator.Engine.Running;
using Orchestrator.Engine.Running.Children;

namespace Orchestrator.AspNetCore.Runs;

/// <summary><c>/api/v1/runs/{id}/retry</c>: what a retry would do (GET), and doing it (POST).</summary>
internal static class RetryEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapMethods("/api/v1/runs/{id}/retry", RouteAnswers.Read, PreviewAsync).Takes("from", "only", "downstream", "definition");
        routes.MapPost("/api/v1/runs/{id}/retry", RetryAsync);
    }

    private static async Task<IResult> PreviewAsync(string id, HttpContext http, ApiNode node, TimeProvider clock, WorkflowCatalog catalog, string? from, string? only, string? downstream, string? definition)
    {
        var all = false;
        if (downstream is not null && !bool.TryParse(downstream, out all)) return Wrong(http, $"downstream must be true or false, was '{downstream}'.");
        var (preview, problem) = await FindAsync(id, http, new RunRetries(node.Store, clock), catalog, new() { From = from, Only = only, Downstream = all, Definition = definition });
        if (problem is not null) return problem;
        return JsonAnswer.Object(w => RetryJson.Write(w, preview!));
    }

    private static async Task<IResult> RetryAsync(string id, HttpContext http, ApiNode node, TimeProvider clock, WorkflowCatalog catalog)
    {
        var (body, unreadable) = await JsonBody.ReadIfAnyAsync(http, ApiJson.Default.RetryBody, "The body is not what this endpoint takes: {\"from\": \"task\", \"definition\": \"run\"}.");
        if (unreadable is not null) return unreadable;
        var retries = new RunRetries(node.Store, clock);
        var (preview, problem) = await FindAsync(id, http, retries, catalog, body);
        if (problem is not null) return problem;
        var run = RunId.New(clock.GetUtcNow(), RandomNumberGenerator.GetBytes(10));
        var trace = Caller.IsLocal(http) && TraceContexts.Inbound(body.Traceparent, body.Tracestate, body.Baggage) is { } handed ? handed : InboundTrace.From(http);
        return await new Submission(node).AcceptAsync(http, caller => retries.Prepare(preview!, run, caller, trace, InboundTrace.Via(http, trace)),
            body.RequestedBy, refused: () => retries.Discard(run));
    }

    private static async Task<(RetryPreview? Preview, IResult? Problem)> FindAsync(string id, HttpContext http, RunRetries retries, WorkflowCatalog catalog, RetryBody body)
    {
        if (!RunId.TryParse(id, out var run)) return (null, ApiProblem.NoRun(http, id));
        if ((Unusable(body.From) ?? Unusable(body.Only)) is { } text) return (null, Refused(http, new("unknown_task", $"'{text}' is not a task's id.", null)));
        if (body.Definition is not (null or "run" or "current")) return (null, Wrong(http, $"definition must be run or current, was '{body.Definition}'."));
        if (body.Text is not null && !Caller.IsLocal(http)) return (null, Wrong(http, "A definition's text is taken through the local socket only."));
        Func<string, string, WorkflowLookup>? current = null;
        if (body.Definition == "current") current = CatalogLookup.Of(catalog);
        if (body.Text is { } definition)
            try
            {
                var given = DefinitionJson.Read(Encoding.UTF8.GetBytes(definition)) with { BaseDir = body.BaseDir };
                current = (_, _) => new(given);
            }
            catch (JsonException e)
            {
                return (null, ApiProblem.Of(http, StatusCodes.Status400BadRequest, "bad_json", "The definition cannot be read.", [e.Message]));
            }
        var (preview, refusal) = await retries.PreviewAsync(run, new() { From = Task(body.From), Only = Task(body.Only), Downstream = body.Downstream }, current, http.RequestAborted);
        return refusal is null ? (preview, null) : (null, refusal.Code == "run_not_found" ? ApiProblem.NoRun(http, id) : Refused(http, refusal));
    }

    private static string? Unusable(string? task) => task is null || TaskId.IsValid(task) ? null : task;

    private static TaskId? Task(string? text) => text is null ? null : new(text);

    private static IResult Refused(HttpContext http, RetryRefusal refusal) => ApiProblem.Of(
        http, refusal.Code is "run_open" or "nothing_to_run" or "definition_missing" ? StatusCodes.Status409Conflict : StatusCodes.Status422UnprocessableEntity,
        refusal.Code, refusal.Message, refusal.Remedy is { } remedy ? [remedy] : []);

    private static IResult Wrong(HttpContext http, string message) => ApiProblem.Of(http, StatusCodes.Status400BadRequest, "bad_query", message);
}

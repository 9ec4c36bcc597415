using Orchestrator.Core;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Running;
using Orchestrator.Worker.Hosting;

namespace Orchestrator.Worker.Api;

/// <summary>Accepts a run on behalf of a request: 202 once it is durable, or why not.</summary>
internal sealed class Submission(ServeNode node, TimeProvider clock)
{
    private const int LongestCaller = 200;
    private static readonly TimeSpan Later = TimeSpan.FromSeconds(5);

    public DateTimeOffset Now => clock.GetUtcNow();

    public async Task<IResult> AcceptAsync(HttpContext http, WorkflowDefinition workflow, BoundParameters bound, string? requestedBy, string? notBefore, TraceStamp? trace)
    {
        if (!bound.IsValid)
            return ApiError.Of(http, StatusCodes.Status422UnprocessableEntity, "invalid_params", $"{workflow.Name} cannot run with these parameters.",
                [.. bound.Problems.Select(p => $"{p.Code} {p.Message} {p.Remedy}".TrimEnd())]);
        DateTimeOffset? earliest = null;
        if (notBefore is not null)
            if (EarliestStart.TryRead(notBefore, Now, out var instant)) earliest = instant;
            else return ApiError.Of(http, StatusCodes.Status422UnprocessableEntity, "invalid_not_before", $"not_before must be {EarliestStart.Shape}, was '{notBefore}'.");
        var caller = Guards.CallerOf(http, requestedBy is { Length: > 0 and <= LongestCaller } ? requestedBy : "api");
        try
        {
            // Not the request's token: a caller who hangs up must not leave it open whether the run was accepted.
            var accepted = await node.Engine.SubmitAsync(new RunRequest
            {
                Definition = workflow, Params = bound.Values, Trigger = Guards.IsLocal(http) ? TriggerKind.Manual : TriggerKind.Api, RequestedBy = caller, Trace = trace,
                NotBefore = earliest,
            });
            http.Response.Headers.Location = $"/api/v1/runs/{accepted.RunId}";
            return Results.Json(
                new RunAnswer(accepted.RunId.ToString(), workflow.Name, Words.Of(RunStatus.Pending), accepted.AlreadyExisted),
                ApiJson.Default.RunAnswer, statusCode: StatusCodes.Status202Accepted);
        }
        catch (RunRefusedException e)
        {
            return ApiError.Of(http, StatusCodes.Status422UnprocessableEntity, "run_refused", e.Message);
        }
        catch (TooManyRunsException e)
        {
            return ApiError.Of(http, StatusCodes.Status429TooManyRequests, "too_many_runs", e.Message, retryAfter: Later);
        }
        catch (EngineStoppingException e)
        {
            return ApiError.Of(http, StatusCodes.Status503ServiceUnavailable, "stopping", e.Message, retryAfter: Later);
        }
        catch (JournalUnavailableException e)
        {
            return ApiError.Of(http, StatusCodes.Status503ServiceUnavailable, "journal_unavailable", e.Message, retryAfter: Later);
        }
    }
}

using System.Collections.Immutable;
using Orchestrator.AspNetCore.Idempotency;
using Orchestrator.AspNetCore.Requests;
using Orchestrator.Core;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Backfills;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Running;

namespace Orchestrator.AspNetCore.Runs;

/// <summary>Accepts a run on behalf of a request: 202 once it is durable, or why not.</summary>
internal sealed class Submission(ApiNode node)
{
    private const int LongestCaller = 200;
    private static readonly TimeSpan Later = TimeSpan.FromSeconds(5);

    public DateTimeOffset Now => node.Clock.GetUtcNow();

    public async Task<IResult> AcceptAsync(HttpContext http, WorkflowDefinition workflow, BoundParameters bound, string? requestedBy, string? notBefore, TraceStamp? trace, string? correlation = null, ImmutableArray<TraceLink> links = default)
    {
        if (!bound.IsValid)
            return ApiProblem.Of(http, StatusCodes.Status422UnprocessableEntity, "invalid_params", $"{workflow.Name} cannot run with these parameters.",
                [.. bound.Problems.Select(p => $"{p.Code} {p.Message} {p.Remedy}".TrimEnd())]);
        DateTimeOffset? earliest = null;
        if (notBefore is not null)
            if (EarliestStart.TryRead(notBefore, Now, out var instant)) earliest = instant;
            else return ApiProblem.Of(http, StatusCodes.Status422UnprocessableEntity, "invalid_not_before", $"not_before must be {EarliestStart.Shape}, was '{notBefore}'.");
        if (!InboundTrace.TryReadSample(http.Request.Headers[InboundTrace.SampleHeader], out var sampled))
            return ApiProblem.Of(http, StatusCodes.Status400BadRequest, "invalid_sample", $"{InboundTrace.SampleHeader} must be 1 or 0.");
        return await AcceptAsync(http, caller => new RunRequest
        {
            Definition = workflow, Params = RunParameters.Checked(bound.Values), NotBefore = earliest,
            Origin = (Caller.IsLocal(http) ? (RunOrigin)new RunOrigin.CommandLine(caller) : new RunOrigin.Api(caller)) with
            {
                Trace = trace, Via = InboundTrace.Via(http, trace), CorrelationId = correlation, Sampled = sampled, Links = links,
            },
        }, requestedBy);
    }

    /// <summary>Submits what <paramref name="request"/> makes for the caller's name.</summary>
    /// <param name="refused">Takes back what was prepared for a run that is not accepted.</param>
    public async Task<IResult> AcceptAsync(HttpContext http, Func<string, RunRequest> request, string? requestedBy, Action? refused = null)
    {
        try
        {
            var asked = request(Caller.NameOf(http, requestedBy is { Length: > 0 and <= LongestCaller } ? requestedBy : "api"));
            // From here on the key is taken: a refusal before this leaves it free for the corrected request.
            var keyed = http.Features.Get<KeyedRequest>();
            var claim = keyed is null ? null : await node.Keys.ClaimAsync(keyed.Hash, keyed.Body);
            if (claim is not null)
            {
                if (claim.Body != keyed!.Body) return KeyedRequest.Conflict(http);
                asked = asked with { RunId = claim.Run, IdempotencyKey = keyed.Given };
            }
            // Not the request's token: a caller who hangs up must not leave it open whether the run was accepted.
            var accepted = await node.Engine.SubmitAsync(asked);
            if (claim is not null && accepted.AlreadyExisted) http.Response.Headers[KeyedRequest.Replayed] = "true";
            http.Response.Headers.Location = $"{http.Request.PathBase}/api/v1/runs/{accepted.RunId}";
            return Results.Json(
                new RunAnswer(accepted.RunId.ToString(), asked.Definition.Name, Words.Of(RunStatus.Pending), accepted.AlreadyExisted),
                JsonAnswer.Shapes.RunAnswer, statusCode: StatusCodes.Status202Accepted);
        }
        catch (Exception e) when (Why(http, e) is { } problem)
        {
            refused?.Invoke();
            return problem;
        }
    }

    /// <summary>Why something was not accepted; null: the exception says nothing of that.</summary>
    public static IResult? Why(HttpContext http, Exception e) => e switch
    {
        TooManyBackfillsException => ApiProblem.Of(http, StatusCodes.Status429TooManyRequests, "too_many_backfills", e.Message, retryAfter: Later),
        RunFaultException => ApiProblem.Of(http, StatusCodes.Status500InternalServerError, "internal_error", e.Message),
        RunRefusedException => ApiProblem.Of(http, StatusCodes.Status422UnprocessableEntity, "run_refused", e.Message),
        TooManyKeysException => ApiProblem.Of(http, StatusCodes.Status429TooManyRequests, "too_many_keys", e.Message, retryAfter: Later),
        TooManyRunsException => ApiProblem.Of(http, StatusCodes.Status429TooManyRequests, "too_many_runs", e.Message, retryAfter: Later),
        EngineStoppingException => ApiProblem.Of(http, StatusCodes.Status503ServiceUnavailable, "stopping", e.Message, retryAfter: Later),
        JournalUnavailableException => ApiProblem.Of(http, StatusCodes.Status503ServiceUnavailable, "journal_unavailable", e.Message, retryAfter: Later),
        IOException io when http.Features.Get<KeyedRequest>() is not null => KeyedRequest.Unavailable(http, io),
        IOException or UnauthorizedAccessException => ApiProblem.Of(http, StatusCodes.Status503ServiceUnavailable, "data_unavailable", e.Message, retryAfter: Later),
        _ => null,
    };
}

using Orchestrator.AspNetCore.Requests;
using Orchestrator.Core;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Expressions;
using Orchestrator.Core.Triggers;
using Orchestrator.Core.Triggers.Http;
using Orchestrator.Engine.Definitions;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Running;
using Orchestrator.Engine.Secrets;
using Orchestrator.Engine.Triggers;

namespace Orchestrator.AspNetCore.Triggers;

/// <summary>
/// <c>/api/v1/triggers/{workflow}/{id}</c>: deliveries that start runs. They prove themselves by the trigger's secret, not by a token of the API.
/// </summary>
internal static class TriggerEndpoints
{
    private const string Root = "/api/v1/triggers";
    private static readonly TimeSpan Later = TimeSpan.FromSeconds(5);

    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost(Root + "/{workflow}/{id}", DeliverAsync).AllowAnonymous();

    /// <summary>Whether a request is a delivery, which brings its own proof and any type of body.</summary>
    public static bool IsDelivery(HttpRequest request) => HttpMethods.IsPost(request.Method) && request.Path.StartsWithSegments(Root, StringComparison.OrdinalIgnoreCase);

    private static async Task<IResult> DeliverAsync(
        string workflow, string id, HttpContext http, WorkflowCatalog catalog, LiveTriggers triggers, DeliveryRates rates, ApiNode node, TimeProvider clock)
    {
        if (catalog.Find(workflow) is not { } definition)
            return ApiProblem.Of(http, StatusCodes.Status404NotFound, "workflow_not_found", $"There is no workflow '{workflow}'.");
        if (definition.Triggers.FirstOrDefault(t => t.Id == id) is not { Http: { } rule } trigger)
            return ApiProblem.Of(http, StatusCodes.Status404NotFound, "trigger_not_found", $"Workflow '{workflow}' has no trigger '{id}' for requests.");
        var door = new TriggerDoor(http, definition, trigger, triggers);
        try
        {
            if (!trigger.Enabled) return await door.RefuseAsync(StatusCodes.Status404NotFound, RejectReasons.Disabled, "The trigger is switched off.");
            if (await BoundedBody.ReadAsync(http, rule.MaxBody) is not { } body)
                return await door.RefuseAsync(StatusCodes.Status413PayloadTooLarge, RejectReasons.TooLarge, $"The body is larger than {SizeText.Format(rule.MaxBody)}.");
            var request = BoundedBody.Facts(http, body);
            if (Secret(node, definition, rule) is not { } secret)
                return await door.RefuseAsync(StatusCodes.Status503ServiceUnavailable, RejectReasons.NoSecret, $"Secret '{rule.Secret}' has no value here.");
            var now = clock.GetUtcNow();
            var proof = RequestProof.Of(rule, request, secret, now);
            if (proof.Reason is { } reason)
                return await door.RefuseAsync(reason == RejectReasons.Window ? StatusCodes.Status409Conflict : reason == RejectReasons.NoSecret ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status401Unauthorized, reason, proof.Error!);
            if (rates.TooMany(door.Key, rule) is { } wait)
                return await door.RefuseAsync(StatusCodes.Status429TooManyRequests, RejectReasons.Flood, "Too many requests for this trigger.", retryAfter: wait);
            if (BoundedBody.Correlation(http) is not { } correlation)
                return ApiProblem.Of(http, StatusCodes.Status422UnprocessableEntity, "invalid_correlation_id", "A correlation id is 1 to 200 visible ASCII characters.");
            if (request.ReadBody() is not { } value)
                return await door.RefuseAsync(StatusCodes.Status422UnprocessableEntity, RejectReasons.Body, $"The body is neither JSON of at most {Core.Serialization.JsonBounds.MaxDepth} levels nor UTF-8 text.");
            var facts = request.ToFacts(trigger, RequestProof.DeliveryId(rule, request), now, value);
            var delivery = new TriggerBinding(definition, trigger).DeliveryId(facts, now) ?? RequestProof.DeliveryId(rule, request) ?? Guid.CreateVersion7(now).ToString("D");
            var trace = InboundTrace.From(http);
            return await door.DeliverAsync(new(delivery, TriggerSource.Http, facts)
            {
                CorrelationId = correlation.Length == 0 ? null : correlation, Trace = trace, Via = InboundTrace.Via(http, trace),
            });
        }
        catch (ExpressionException e)
        {
            return await door.RefuseAsync(StatusCodes.Status422UnprocessableEntity, RejectReasons.Body, e.Message);
        }
        catch (Exception e) when (e is JournalUnavailableException or IOException or UnauthorizedAccessException)
        {
            return ApiProblem.Of(http, StatusCodes.Status503ServiceUnavailable, "journal_unavailable", $"The delivery was not accepted: {e.Message}", retryAfter: Later);
        }
        catch (EngineStoppingException e)
        {
            return ApiProblem.Of(http, StatusCodes.Status503ServiceUnavailable, "stopping", e.Message, retryAfter: Later);
        }
    }

    private static string? Secret(ApiNode node, WorkflowDefinition definition, HttpTrigger rule)
    {
        if (!definition.Secrets.TryGetValue(rule.Secret, out var reference)) return null;
        try { return node.Secrets.Resolve(rule.Secret, reference); }
        catch (SecretUnavailableException) { return null; }
    }
}

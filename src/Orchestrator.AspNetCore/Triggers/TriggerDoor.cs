using System.Globalization;
using Orchestrator.AspNetCore.Requests;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Triggers;
using Orchestrator.Engine.Triggers;

namespace Orchestrator.AspNetCore.Triggers;

/// <summary>What a request to a trigger is answered with, once its ledger has it.</summary>
internal sealed class TriggerDoor(HttpContext http, WorkflowDefinition workflow, TriggerDefinition trigger, LiveTriggers triggers)
{
    private static readonly TimeSpan Later = TimeSpan.FromSeconds(5);

    public string Key => $"{workflow.Name}/{trigger.Id}";

    /// <summary>Hands a delivery over. Not by the request's token: a sender who hangs up must not leave it open whether it was taken.</summary>
    public async Task<IResult> DeliverAsync(Delivery delivery) => await triggers.DeliverAsync(workflow, trigger, delivery, CancellationToken.None) switch
    {
        DeliveryAnswer.Fired fired => Taken(StatusCodes.Status202Accepted, "fired", delivery.Id, fired.Run.ToString()),
        DeliveryAnswer.Duplicate again => Taken(StatusCodes.Status200OK, "duplicate", delivery.Id, again.Run?.ToString()),
        DeliveryAnswer.Held held => Taken(StatusCodes.Status202Accepted, "held", delivery.Id, null, held.Until),
        DeliveryAnswer.Rejected { Reason: RejectReasons.Backlog } => Problem(StatusCodes.Status429TooManyRequests, RejectReasons.Backlog, "Too many runs of the trigger wait to be accepted.", Later),
        DeliveryAnswer.Rejected refused => Problem(StatusCodes.Status422UnprocessableEntity, refused.Reason, refused.Error ?? "The delivery was refused."),
        _ => throw new InvalidOperationException("Unknown answer."),
    };

    /// <summary>Refuses a request, and records that.</summary>
    public async Task<IResult> RefuseAsync(int status, string reason, string error, TimeSpan? retryAfter = null)
    {
        await triggers.RejectAsync(workflow, trigger, new(reason) { Error = error }, CancellationToken.None);
        return Problem(status, reason, error, retryAfter);
    }

    private IResult Problem(int status, string reason, string error, TimeSpan? retryAfter = null) => ApiProblem.Of(http, status, $"trigger_{reason}", error, retryAfter: retryAfter);

    private IResult Taken(int status, string what, string delivery, string? run, DateTimeOffset? until = null)
    {
        if (run is not null) http.Response.Headers.Location = $"{http.Request.PathBase}/api/v1/runs/{run}";
        return Results.Json(new TriggerAnswer(what, workflow.Name, trigger.Id, delivery, run, until?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture)), JsonAnswer.Shapes.TriggerAnswer, statusCode: status);
    }
}

/// <summary>A delivery was taken, or had been before.</summary>
/// <param name="Status">fired, duplicate or held.</param>
/// <param name="RunId">The run; null: it waits for other deliveries.</param>
/// <param name="Until">When it starts its run at the latest, where it waits.</param>
internal sealed record TriggerAnswer(string Status, string Workflow, string Trigger, string DeliveryId, string? RunId, string? Until);

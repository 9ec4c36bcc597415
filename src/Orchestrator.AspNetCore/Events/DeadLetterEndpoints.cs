using System.Text.Json.Serialization;
using Orchestrator.AspNetCore.Requests;
using Orchestrator.Engine.Deliveries.Lanes;
using Orchestrator.Engine.Hosting;

namespace Orchestrator.AspNetCore.Events;

/// <summary>
/// Dead letters that `dead-letters replay` and `discard` name, beside a `serve`: it is the one that sends, with its
/// own configuration. Only through the local socket.
/// </summary>
internal static class DeadLetterEndpoints
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/api/v1/dead-letters/{action}", ActAsync);

    private static async Task<IResult> ActAsync(string action, HttpContext http, ApiNode node, NodeSetup setup, TimeProvider clock)
    {
        if (!Caller.IsLocal(http) || action is not ("replay" or "discard"))
            return ApiProblem.Of(http, StatusCodes.Status404NotFound, "not_found", $"There is nothing at {http.Request.Path}.");
        var (body, unreadable) = await JsonBody.ReadAsync(http, ApiJson.Default.DeadLetterBody, "The body cannot be read.");
        if (unreadable is not null) return unreadable;
        var work = new DeadLetterWork(node.Store, setup.Options.Deliveries, node.Secrets, clock);
        var wanted = (body?.Letters ?? []).ToHashSet();
        var letters = work.Find(l => wanted.Contains(new(l.Sink, l.EventId)));
        var result = action == "replay" ? await work.ReplayAsync(letters, http.RequestAborted) : work.Discard(letters);
        return Results.Json(new DeadLetterAnswer(result.Done, result.Left, result.Problems), JsonAnswer.Shapes.DeadLetterAnswer);
    }
}

/// <summary>One letter.</summary>
internal sealed record DeadLetterName(string Sink, Guid EventId);

/// <summary>Which letters.</summary>
internal sealed record DeadLetterBody([property: JsonRequired] IReadOnlyList<DeadLetterName> Letters);

/// <summary>The outcome for the chosen letters.</summary>
internal sealed record DeadLetterAnswer(int Done, int Left, IReadOnlyList<string> Problems);

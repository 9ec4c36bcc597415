using Orchestrator.Engine.Journal;

namespace Orchestrator.Worker.Api.Schedules;

/// <summary>Who asks for a change, and why, as events will say it.</summary>
internal static class Requester
{
    /// <summary>What is wrong with a name or a reason that a body gives; null: nothing is.</summary>
    public static IResult? Problem(HttpContext http, string? name, string? reason)
    {
        if (name is not null && (name.Length is 0 or > CancelAsk.MaxActor || name.Any(char.IsControl)))
            return ApiProblem.Of(http, StatusCodes.Status422UnprocessableEntity, "invalid_requested_by", $"requested_by has 1 to {CancelAsk.MaxActor} characters and no control characters.");
        return reason is { Length: > CancelAsk.MaxComment }
            ? ApiProblem.Of(http, StatusCodes.Status422UnprocessableEntity, "invalid_reason", $"reason has at most {CancelAsk.MaxComment} characters.") : null;
    }

    /// <summary>The token's name; through the local socket the user at the command line; else what the body says.</summary>
    public static string Of(HttpContext http, string? name) =>
        Guards.CallerOf(http, Guards.IsLocal(http) && http.Request.Headers["X-Requested-By"] is [{ Length: > 0 and <= 200 } user] ? user : name ?? "api");
}

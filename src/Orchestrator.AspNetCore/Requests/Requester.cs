using Orchestrator.Engine.Journal;

namespace Orchestrator.AspNetCore.Requests;

/// <summary>Who asks for a change, and why, as events will say it.</summary>
internal static class Requester
{
    /// <summary>What is wrong with a name that a body gives, a sentence; null: nothing is.</summary>
    public static string? Fault(string? name) =>
        name is not null && (name.Length is 0 or > CancelAsk.MaxActor || name.Any(char.IsControl)) ? $"requested_by has 1 to {CancelAsk.MaxActor} characters and no control characters." : null;

    /// <summary>A name that was not chosen for this, as events can have it.</summary>
    public static string Name(string given) => string.Concat(given.Where(c => !char.IsControl(c)).Take(CancelAsk.MaxActor)) is { Length: > 0 } name ? name : "api";

    /// <summary>What is wrong with a reason that a body gives, a sentence; null: nothing is.</summary>
    public static string? FaultOfReason(string? reason) => reason is { Length: > CancelAsk.MaxComment } ? $"reason has at most {CancelAsk.MaxComment} characters." : null;

    /// <summary>The answer to a name or a reason that cannot be taken; null: both can.</summary>
    public static IResult? Problem(HttpContext http, string? name, string? reason) =>
        Fault(name) is { } wrong ? ApiProblem.Of(http, StatusCodes.Status422UnprocessableEntity, "invalid_requested_by", wrong)
        : FaultOfReason(reason) is { } tooLong ? ApiProblem.Of(http, StatusCodes.Status422UnprocessableEntity, "invalid_reason", tooLong) : null;

    /// <summary>The reason as events will say it; null: there is none.</summary>
    public static string? Reason(string? given) => string.IsNullOrWhiteSpace(given) ? null : given;

    /// <summary>The token's name; through the local socket the user at the command line; else what the body says.</summary>
    public static string Of(HttpContext http, string? name) =>
        Caller.NameOf(http, Caller.IsLocal(http) && http.Request.Headers["X-Requested-By"] is [{ Length: > 0 and <= CancelAsk.MaxActor } user] ? user : name ?? "api");
}

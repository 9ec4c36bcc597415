using System.Globalization;
using System.Text.Json.Serialization;
using Orchestrator.AspNetCore.Events;
using Orchestrator.AspNetCore.Requests;
using Orchestrator.Core.Serialization;

namespace Orchestrator.AspNetCore;

/// <summary>What the API answers when it does not do what was asked: problem details (RFC 9457, <c>application/problem+json</c>).</summary>
/// <param name="Type">Names the kind of problem as a URI: <c>urn:orchestrator:problem:CODE</c>.</param>
/// <param name="Title">The kind in a few words, the same each time.</param>
/// <param name="Status">The HTTP status again.</param>
/// <param name="Detail">A sentence for people about this occurrence.</param>
/// <param name="Code">A stable word to switch on.</param>
/// <param name="Errors">One string for each thing that is wrong; empty where the detail says it all.</param>
/// <param name="RequestId">The id that the log has the request under.</param>
internal sealed record ApiProblem(string Type, string Title, int Status, string Detail, string Code, IReadOnlyList<string> Errors, string RequestId)
{
    public const string ContentType = "application/problem+json";

    public static IResult Of(HttpContext http, int status, string code, string detail, IReadOnlyList<string>? errors = null, TimeSpan? retryAfter = null)
    {
        if (retryAfter is { } wait) http.Response.Headers.RetryAfter = Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        return Results.Json(
            new ApiProblem($"urn:orchestrator:problem:{code}", TitleOf(code), status, detail, code, errors ?? [], http.TraceIdentifier), JsonAnswer.Shapes.ApiProblem, ContentType, status);
    }

    /// <summary>There is no such run, or the text is no run id.</summary>
    public static IResult NoRun(HttpContext http, string id) => Of(http, StatusCodes.Status404NotFound, "run_not_found", $"There is no run '{id}'.");

    /// <summary>For middleware, which has no result to return.</summary>
    public static Task WriteAsync(HttpContext http, int status, string code, string detail, IReadOnlyList<string>? errors = null, TimeSpan? retryAfter = null) =>
        Of(http, status, code, detail, errors, retryAfter).ExecuteAsync(http);

    private static string TitleOf(string code) => $"{char.ToUpperInvariant(code[0])}{code[1..].Replace('_', ' ')}";
}

/// <summary>Readable shapes of the API's own answers; views of runs write themselves.</summary>
[JsonSourceGenerationOptions(MaxDepth = JsonBounds.MaxStoredDepth, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.Never)]
[JsonSerializable(typeof(ApiProblem))]
[JsonSerializable(typeof(Health))]
[JsonSerializable(typeof(RunAnswer))]
[JsonSerializable(typeof(WorkflowPage))]
[JsonSerializable(typeof(StartBody))]
[JsonSerializable(typeof(CancelBody))]
[JsonSerializable(typeof(LocalStartBody))]
[JsonSerializable(typeof(RetryBody))]
[JsonSerializable(typeof(AnswerBody))]
[JsonSerializable(typeof(AnswerTaken))]
[JsonSerializable(typeof(DeadLetterBody))]
[JsonSerializable(typeof(Backfills.BackfillBody))]
[JsonSerializable(typeof(DeadLetterAnswer))]
[JsonSerializable(typeof(Triggers.TriggerAnswer))]
[JsonSerializable(typeof(Triggers.EventsAnswer))]
[JsonSerializable(typeof(string))]
internal sealed partial class ApiJson : JsonSerializerContext;

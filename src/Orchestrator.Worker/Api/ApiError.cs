using System.Text.Json.Serialization;
using Orchestrator.Core.Serialization;

namespace Orchestrator.Worker.Api;

/// <summary>What the API says when it does not do what was asked (<c>application/problem+json</c>).</summary>
/// <param name="Status">The HTTP status again.</param>
/// <param name="Code">A stable word to switch on.</param>
/// <param name="Message">A sentence for people.</param>
/// <param name="Details">One string for each thing that is wrong; empty where the message says it all.</param>
/// <param name="RequestId">The id that the log has the request under.</param>
internal sealed record ApiError(int Status, string Code, string Message, IReadOnlyList<string> Details, string RequestId)
{
    public const string ContentType = "application/problem+json";

    public static IResult Of(HttpContext http, int status, string code, string message, IReadOnlyList<string>? details = null, TimeSpan? retryAfter = null)
    {
        if (retryAfter is { } wait) http.Response.Headers.RetryAfter = Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)).ToString(System.Globalization.CultureInfo.InvariantCulture);
        return Results.Json(new ApiError(status, code, message, details ?? [], http.TraceIdentifier), ApiJson.Default.ApiError, ContentType, status);
    }

    /// <summary>For middleware, which has no result to return.</summary>
    public static Task WriteAsync(HttpContext http, int status, string code, string message, IReadOnlyList<string>? details = null, TimeSpan? retryAfter = null) =>
        Of(http, status, code, message, details, retryAfter).ExecuteAsync(http);
}

/// <summary>Readable shapes of the API's own answers; views of runs write themselves.</summary>
[JsonSourceGenerationOptions(MaxDepth = JsonBounds.MaxStoredDepth, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.Never)]
[JsonSerializable(typeof(ApiError))]
[JsonSerializable(typeof(Health))]
[JsonSerializable(typeof(RunAnswer))]
[JsonSerializable(typeof(WorkflowPage))]
[JsonSerializable(typeof(StartBody))]
[JsonSerializable(typeof(LocalStartBody))]
[JsonSerializable(typeof(RetryBody))]
[JsonSerializable(typeof(AnswerBody))]
[JsonSerializable(typeof(AnswerTaken))]
[JsonSerializable(typeof(string))]
internal sealed partial class ApiJson : JsonSerializerContext;

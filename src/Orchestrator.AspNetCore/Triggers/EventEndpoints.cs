using Orchestrator.AspNetCore.Requests;
using Orchestrator.Core.Triggers;
using Orchestrator.Core.Triggers.Events;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Running;
using Orchestrator.Engine.Triggers;

namespace Orchestrator.AspNetCore.Triggers;

/// <summary><c>/api/v1/events</c>: events from outside, as CloudEvents or plain JSON, for triggers that wait for them.</summary>
internal static class EventEndpoints
{
    private const string Path = "/api/v1/events";
    private const long MaxBody = 1 << 20;
    private static readonly TimeSpan Later = TimeSpan.FromSeconds(5);

    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost(Path, PostAsync);

    /// <summary>Whether a request is an event whose attributes are headers, which no page of another site can send unasked; its body has any type.</summary>
    public static bool IsBinary(HttpRequest request) =>
        HttpMethods.IsPost(request.Method) && request.Path.Equals(Path, StringComparison.OrdinalIgnoreCase) && request.Headers.ContainsKey("ce-specversion");

    private static async Task<IResult> PostAsync(HttpContext http, PostedEvents events, ApiNode node, DeliveryRates rates, TimeProvider clock)
    {
        IResult Refuse(int status, string reason, string error, IReadOnlyList<string>? errors = null, TimeSpan? retryAfter = null)
        {
            node.Refusals.Take(new(reason) { Error = errors is [var first, ..] ? first : error });
            return ApiProblem.Of(http, status, $"event_{reason}", error, errors, retryAfter);
        }

        if (rates.TooManyEvents(Caller.NameOf(http, "")) is { } wait)
            return Refuse(StatusCodes.Status429TooManyRequests, RejectReasons.Flood, "Too many requests.", retryAfter: wait);
        if (await BoundedBody.ReadAsync(http, MaxBody) is not { } body)
            return Refuse(StatusCodes.Status413PayloadTooLarge, RejectReasons.TooLarge, $"The body is larger than {Core.Definitions.SizeText.Format(MaxBody)}.");
        if (BoundedBody.Correlation(http) is not { } correlation)
            return ApiProblem.Of(http, StatusCodes.Status422UnprocessableEntity, "invalid_correlation_id", "A correlation id is 1 to 200 visible ASCII characters.");
        var read = CloudEventReader.Read(BoundedBody.Facts(http, body), () => Guid.CreateVersion7(clock.GetUtcNow()).ToString("D"));
        if (!read.Problems.IsEmpty)
            return Refuse(read.IsOtherType ? StatusCodes.Status415UnsupportedMediaType : StatusCodes.Status400BadRequest, RejectReasons.Body,
                read.IsOtherType ? "The body's type does not hold events." : "The body holds no acceptable event; nothing was started.", read.Problems);
        var trace = InboundTrace.From(http);
        EventSender sender = new(correlation.Length == 0 ? null : correlation, trace, InboundTrace.Via(http, trace));
        try
        {
            // Not by the request's token: a sender who hangs up must not leave it open what was taken.
            var answers = new List<EventAnswer>();
            foreach (var posted in read.Events) answers.Add(EventAnswer.Of(posted, await events.TakeAsync(posted, sender, CancellationToken.None)));
            if (answers.Any(a => a.Triggers.Any(t => t.Reason == RejectReasons.Backlog)))
                return ApiProblem.Of(http, StatusCodes.Status429TooManyRequests, $"event_{RejectReasons.Backlog}",
                    "Too many runs of a trigger wait to be accepted; send the same events again.", retryAfter: Later);
            var all = answers.SelectMany(a => a.Triggers).ToList();
            return Results.Json(new EventsAnswer(answers), JsonAnswer.Shapes.EventsAnswer,
                statusCode: all.Count > 0 && all.All(t => t.Status == "duplicate") ? StatusCodes.Status200OK : StatusCodes.Status202Accepted);
        }
        catch (Exception e) when (e is JournalUnavailableException or IOException or UnauthorizedAccessException)
        {
            return ApiProblem.Of(http, StatusCodes.Status503ServiceUnavailable, "journal_unavailable", $"Not all events were accepted: {e.Message} Send them again.", retryAfter: Later);
        }
        catch (EngineStoppingException e)
        {
            return ApiProblem.Of(http, StatusCodes.Status503ServiceUnavailable, "stopping", e.Message, retryAfter: Later);
        }
    }
}

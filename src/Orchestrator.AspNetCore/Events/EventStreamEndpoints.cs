using System.Globalization;
using Orchestrator.AspNetCore.Requests;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Journal.Feed;
using Orchestrator.Engine.Subscriptions;

namespace Orchestrator.AspNetCore.Events;

/// <summary><c>/api/v1/events/stream</c> and <c>/api/v1/runs/{id}/events/stream</c>: events as they happen (server-sent events).</summary>
internal static class EventStreamEndpoints
{
    private const string LastEventId = "Last-Event-ID";

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapMethods("/api/v1/events/stream", RouteAnswers.Read, AllAsync).Takes("types", "workflow", "after");
        routes.MapMethods("/api/v1/runs/{id}/events/stream", RouteAnswers.Read, RunAsync).Takes("types");
    }

    private static async Task<IResult> AllAsync(HttpContext http, ApiNode node, IHostApplicationLifetime life, TimeProvider clock, string? types, string? workflow, string? after)
    {
        if (!TryRead(http, types, out var patterns, out var refused)) return refused;
        var feed = node.Feed;
        var given = http.Request.Headers[LastEventId] is [{ Length: > 0 } id] ? id : after;
        var at = feed.End;
        if (given is not null && (!long.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out at) || at > feed.End))
            return ApiProblem.Of(http, StatusCodes.Status400BadRequest, "bad_cursor", $"{LastEventId} (or after) must be the id of an event of this stream, was '{given}'.");
        if (HttpMethods.IsHead(http.Request.Method)) return EventStreamWriter.Head(http);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, life.ApplicationStopping);
        using var stream = new EventStreamWriter(http, clock);
        await stream.TalkAsync(async () =>
        {
            await stream.BeginAsync(stop.Token);
            if (at + 1 < feed.Begin) await stream.NoteAsync("gap", $$"""{"message":"Events before position {{feed.Begin}} are no longer in the stream; read them with GET /api/v1/runs/{id}/events.","from":{{feed.Begin}}}""", stop.Token);
            var envelopes = new FeedEnvelopes(node.Store);
            bool Wanted(string type, string? of) => patterns.Fit(type) && (workflow is null || of == workflow);
            await stream.PumpAsync(feed, at, async part =>
            {
                foreach (var item in await envelopes.OfAsync(part, Wanted, at, stop.Token)) stream.Add(item.Position, item);
                return true;
            }, stop.Token);
        });
        return Results.Empty;
    }

    private static async Task<IResult> RunAsync(string id, HttpContext http, ApiNode node, IHostApplicationLifetime life, TimeProvider clock, string? types)
    {
        if (!TryRead(http, types, out var patterns, out var refused)) return refused;
        var feed = node.Feed;
        var at = feed.End;   // before the run is read: an event that arrives meanwhile is sent twice and dropped once
        IReadOnlyList<RecordedEvent> events = RunId.TryParse(id, out var run) ? await node.Runs.ReadAsync(run, http.RequestAborted) : [];
        if (events.Count == 0) return ApiProblem.NoRun(http, id);
        long seen = 0;
        if (http.Request.Headers[LastEventId] is [{ Length: > 0 } given] && !long.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out seen))
            return ApiProblem.Of(http, StatusCodes.Status400BadRequest, "bad_cursor", $"{LastEventId} must be the id of an event of this stream, was '{given}'.");
        // A browser connects again when a stream ends; this tells it that there is nothing to wait for.
        if (events[^1].Event is WorkflowEnded && events[^1].Seq <= seen) return Results.NoContent();
        if (HttpMethods.IsHead(http.Request.Method)) return EventStreamWriter.Head(http);

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, life.ApplicationStopping);
        using var stream = new EventStreamWriter(http, clock);
        var projection = node.Runs.Envelopes(run, events);
        long told = 0;
        await stream.TalkAsync(async () =>
        {
            await stream.BeginAsync(stop.Token);
            await TellAsync(events);
            if (events[^1].Event is WorkflowEnded) return;
            var of = StreamId.Run(run);
            await stream.PumpAsync(feed, at, async part =>
            {
                if (part.Record.Stream != of) return true;
                await TellAsync(part.Events);
                return !part.Record.EndsRun;
            }, stop.Token);
        });
        return Results.Empty;

        async Task TellAsync(IReadOnlyList<RecordedEvent> more)
        {
            foreach (var recorded in more)
            {
                if (recorded.Seq <= told) continue;
                told = recorded.Seq;
                if (told > seen && patterns.Fit(recorded.Event.Type)) stream.Add(told, new(0, recorded.Stream, projection.Next(recorded), null));
                else projection.Remember(recorded);
                if (stream.IsFull) await stream.FlushAsync(stop.Token);
            }
            await stream.FlushAsync(stop.Token);
        }
    }

    private static bool TryRead(HttpContext http, string? types, out EventPatterns patterns, out IResult refused)
    {
        (patterns, refused) = (EventPatterns.Read(null), Results.Empty);
        try
        {
            patterns = EventPatterns.Read(types);
            return true;
        }
        catch (ArgumentException e)
        {
            refused = ApiProblem.Of(http, StatusCodes.Status400BadRequest, "bad_query", "types cannot be read.", [e.Message.Split(" (Parameter", 2)[0]]);
            return false;
        }
    }
}

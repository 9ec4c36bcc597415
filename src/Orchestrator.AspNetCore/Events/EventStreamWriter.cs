using System.Globalization;
using System.Text;
using Orchestrator.Core.Lifecycle.Compatibility;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Journal.Feed;

namespace Orchestrator.AspNetCore.Events;

/// <summary>
/// One subscriber: what is to be sent in a bounded buffer, a comment now and then so that no proxy takes the connection for dead, and the end of
/// a subscriber who takes nothing: told why if it can be told, and free to come back with the last id it has seen.
/// </summary>
internal sealed class EventStreamWriter(HttpContext http, TimeProvider clock) : IDisposable
{
    private const int Enough = 64 << 10;
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Slow = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Dead = TimeSpan.FromSeconds(30);
    private readonly MemoryStream _buffer = new();
    private readonly ShapeLines _line = new();
    private readonly IEventShape _shape = EventShapes.Of(EventFormat.Native);
    private long _last;

    public bool IsFull => _buffer.Length >= Enough;

    /// <summary>The answer to HEAD: what the stream would say of itself, and no stream.</summary>
    public static IResult Head(HttpContext http)
    {
        Describe(http);
        return Results.Empty;
    }

    public async Task BeginAsync(CancellationToken stop)
    {
        Describe(http);
        Text(": connected\nretry: 1000\n\n");
        await FlushAsync(stop);
    }

    public void Add(long id, FeedItem item)
    {
        _last = id;
        Text(string.Create(CultureInfo.InvariantCulture, $"id: {id}\nevent: {item.Envelope.Type}\ndata: "));
        _line.Clear();
        _shape.Write(item.Envelope, item.Stream, _line);
        _buffer.Write(_line.Written.Span);
        _buffer.WriteByte((byte)'\n');
    }

    public Task NoteAsync(string name, string data, CancellationToken stop)
    {
        Text($"event: {name}\ndata: {data}\n\n");
        return FlushAsync(stop);
    }

    /// <summary>Whatever ends the conversation ends it quietly: the subscriber left, was cut off, or the program ends.</summary>
    public async Task TalkAsync(Func<Task> talk)
    {
        try { await talk(); }
        catch (OperationCanceledException)
        {
            // As above.
        }
        catch (SlowSubscriberException)
        {
            http.Abort();
        }
    }

    /// <summary>Tells of the feed from a position on, until <paramref name="tell"/> says that was all.</summary>
    public async Task PumpAsync(IEventFeed feed, long at, Func<FeedPart, Task<bool>> tell, CancellationToken stop)
    {
        while (true)
        {
            var parts = await feed.ReadAsync(at, stop);
            foreach (var part in parts)
            {
                var more = await tell(part);
                at = part.Record.Last;
                if (IsFull || !more) await FlushAsync(stop);
                if (!more) return;
            }
            await FlushAsync(stop);
            if (parts.Count > 0) continue;
            using var beat = CancellationTokenSource.CreateLinkedTokenSource(stop);
            var behind = feed.BehindAsync(at, beat.Token);
            if (await Task.WhenAny(behind, Task.Delay(Heartbeat, clock, beat.Token)) != behind)
            {
                Text(": still here\n\n");
                await FlushAsync(stop);
            }
            stop.ThrowIfCancellationRequested();
            await beat.CancelAsync();
        }
    }

    public async Task FlushAsync(CancellationToken stop)
    {
        if (_buffer.Length == 0) return;
        var began = clock.GetTimestamp();
        using var dead = new CancellationTokenSource(Dead, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, dead.Token);
        try
        {
            await http.Response.Body.WriteAsync(_buffer.GetBuffer().AsMemory(0, (int)_buffer.Length), either.Token);
            await http.Response.Body.FlushAsync(either.Token);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested) { throw new SlowSubscriberException(); }
        _buffer.SetLength(0);
        if (clock.GetElapsedTime(began) < Slow) return;
        // It takes less than there is: better an end it knows of than a server that waits for it.
        var cut = Encoding.UTF8.GetBytes($$"""
            event: cut
            data: {"message":"This connection reads too slowly and was closed. Connect again with Last-Event-ID to continue.","last_event_id":"{{_last}}"}


            """.ReplaceLineEndings("\n"));
        await http.Response.Body.WriteAsync(cut, stop);
        await http.Response.Body.FlushAsync(stop);
        throw new OperationCanceledException();
    }

    public void Dispose()
    {
        _buffer.Dispose();
        _line.Dispose();
    }

    private static void Describe(HttpContext http)
    {
        http.Response.ContentType = "text/event-stream";
        http.Response.Headers.CacheControl = "no-store";
        http.Response.Headers["X-Accel-Buffering"] = "no";
    }

    private void Text(string text) => _buffer.Write(Encoding.UTF8.GetBytes(text));

    private sealed class SlowSubscriberException : Exception;
}

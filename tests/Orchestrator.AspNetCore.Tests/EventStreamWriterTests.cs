using System.Text;
using System.Threading.Channels;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging.Abstractions;
using Orchestrator.AspNetCore.Events;
using Orchestrator.Core.Lifecycle;
using Orchestrator.Core.Runs;
using Orchestrator.TestKit;

namespace Orchestrator.AspNetCore.Tests;

/// <summary>What a subscriber is sent when nothing happens, and what becomes of one who does not read.</summary>
public sealed class EventStreamWriterTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly StreamId Node = new("node:worker-1");
    private readonly ManualTimeProvider _clock = new();
    private readonly Sandbox _box = new();
    private readonly Pipe _pipe = new();
    private readonly Aborts _aborts = new();
    private readonly DefaultHttpContext _http = new();
    private readonly EventStreamWriter _stream;

    public EventStreamWriterTests()
    {
        _http.Response.Body = _pipe;
        _http.Features.Set<IHttpRequestLifetimeFeature>(_aborts);
        _stream = new(_http, _clock);
    }

    [Fact]
    public async Task While_nothing_happens_a_comment_comes_every_fifteen_seconds()
    {
        var paths = new RunPaths(_box.PathOf("data"));
        await using var journal = await JsonlRunJournal.OpenAsync(new() { DataDirectory = paths.Root, Writer = "w" });
        await using var feed = new EventFeed(paths, journal, _clock, NullLogger<EventFeed>.Instance);   // not started: nothing ever happens
        using var stop = new CancellationTokenSource();
        var pumping = _stream.TalkAsync(() => _stream.PumpAsync(feed, 0, _ => Task.FromResult(true), stop.Token));
        for (var beat = 0; beat < 3; beat++)
        {
            await _clock.WaitForTimersAsync(1);
            _clock.Advance(TimeSpan.FromSeconds(14.9));
            _pipe.Sent.Reader.TryRead(out _).ShouldBeFalse("it is not time");
            _clock.Advance(TimeSpan.FromSeconds(0.1));
            (await _pipe.NextAsync()).ShouldBe(": still here\n\n");
        }
        await stop.CancelAsync();
        await pumping.WaitAsync(Patience);
        _clock.Waiting.ShouldBeEmpty("no timer is left behind");
    }

    [Fact]
    public async Task Who_reads_too_slowly_is_told_the_last_event_that_was_sent_and_cut()
    {
        _pipe.Hold();
        var telling = _stream.TalkAsync(() => TellAsync(7, 8));
        await _pipe.Held.WaitAsync(Patience);
        _clock.Advance(TimeSpan.FromSeconds(10));
        _pipe.Release();
        await telling.WaitAsync(Patience);
        (await _pipe.NextAsync()).Split('\n').Where(l => l.StartsWith("id: ", StringComparison.Ordinal)).ShouldBe(["id: 7", "id: 8"]);
        (await _pipe.NextAsync()).ShouldBe("event: cut\ndata: {\"message\":\"This connection reads too slowly and was closed. Connect again with Last-Event-ID to continue.\",\"last_event_id\":\"8\"}\n\n");
        _aborts.Count.ShouldBe(0, "it was told, and ends well");
    }

    [Fact]
    public async Task Who_reads_nothing_at_all_is_cut_without_a_word_and_nothing_piles_up()
    {
        _pipe.Hold();
        var told = 0L;
        var telling = _stream.TalkAsync(async () =>
        {
            while (true)
            {
                Add(++told);
                if (_stream.IsFull) await _stream.FlushAsync(CancellationToken.None);
            }
        });
        await _pipe.Held.WaitAsync(Patience);
        _pipe.Largest.ShouldBeInRange(64 << 10, 80 << 10);
        var waiting = told;
        _clock.Advance(TimeSpan.FromSeconds(29));
        telling.IsCompleted.ShouldBeFalse();
        _clock.Advance(TimeSpan.FromSeconds(1));
        await telling.WaitAsync(Patience);
        told.ShouldBe(waiting, "no event is made into text while one is not taken");
        _aborts.Count.ShouldBe(1);
        _pipe.Sent.Reader.TryRead(out _).ShouldBeFalse();
    }

    public void Dispose()
    {
        _stream.Dispose();
        _box.Dispose();
    }

    private Task TellAsync(params ReadOnlySpan<long> ids)
    {
        foreach (var id in ids) Add(id);
        return _stream.FlushAsync(CancellationToken.None);
    }

    private void Add(long id)
    {
        var recorded = new RecordedEvent(Node, id, _clock.GetUtcNow(), new WorkerStarted("worker-1", "1.0.0"));
        _stream.Add(id, new(id, Node, SystemEnvelope.Of(recorded, EventProducer.Unknown, null), null));
    }

    private sealed class Aborts : IHttpRequestLifetimeFeature
    {
        public int Count { get; private set; }

        public CancellationToken RequestAborted { get; set; }

        public void Abort() => Count++;
    }

    /// <summary>A connection whose other end may not read.</summary>
    private sealed class Pipe : MemoryStream
    {
        private TaskCompletionSource _open = Done();
        private readonly TaskCompletionSource _held = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Channel<string> Sent { get; } = Channel.CreateUnbounded<string>();

        /// <summary>Completes when something waits to be read.</summary>
        public Task Held => _held.Task;

        public int Largest { get; private set; }

        public void Hold() => _open = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Release() => _open.SetResult();

        public async Task<string> NextAsync()
        {
            using var patience = new CancellationTokenSource(Patience);
            return await Sent.Reader.ReadAsync(patience.Token);
        }

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Largest = Math.Max(Largest, buffer.Length);
            if (!_open.Task.IsCompleted) _held.TrySetResult();
            await _open.Task.WaitAsync(cancellationToken);
            Sent.Writer.TryWrite(Encoding.UTF8.GetString(buffer.Span));
        }

        private static TaskCompletionSource Done()
        {
            var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            done.SetResult();
            return done;
        }
    }
}

using Microsoft.Extensions.Logging.Abstractions;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Deliveries.DeadLetters;
using Orchestrator.Engine.Deliveries.Lanes;
using Orchestrator.Engine.Deliveries.Webhook;
using Orchestrator.Engine.Tests.Journal;
using Orchestrator.TestKit;

namespace Orchestrator.Engine.Tests.Deliveries;

/// <summary>One lane over a real journal and feed, with a sink that answers as the test says and a clock that the test moves.</summary>
internal sealed class LaneRig : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;

    private LaneRig(Folder folder, JsonlRunJournal journal, EventFeed feed, FakeSink sink)
    {
        (Folder, Journal, Feed, Sink) = (folder, journal, feed, sink);
        Paths = new(folder.Path);
        Dead = new(Paths.Deliveries());
        Lane = new(sink, new(Paths.Store(), feed, new(Paths.Deliveries()), Dead, new(), Told.Add, Clock, NullLogger.Instance));
    }

    public Folder Folder { get; }
    public JsonlRunJournal Journal { get; }
    public EventFeed Feed { get; }
    public FakeSink Sink { get; }
    public RunPaths Paths { get; }
    public DeadLetterStore Dead { get; }
    public DeliveryLane Lane { get; }
    public ManualTimeProvider Clock { get; } = new();
    public List<JournalEvent> Told { get; } = [];

    public static async Task<LaneRig> StartAsync(FakeSink sink, Folder? folder = null)
    {
        folder ??= new();
        var journal = await folder.Open();
        var feed = new EventFeed(new(folder.Path), journal, TimeProvider.System, NullLogger<EventFeed>.Instance);
        feed.Start();
        return new(folder, journal, feed, sink);
    }

    /// <summary>Opens the lane at a position and lets it work.</summary>
    public void Deliver(long from = 0)
    {
        Lane.Open(from);
        _running = Task.Run(() => Lane.RunAsync(_stop.Token));
    }

    /// <summary>A run of so many events: the first and the last, and starts of tasks between them. Told by the feed when this completes.</summary>
    public async Task<RunId> RunAsync(int events)
    {
        var run = Some.Run();
        var stream = StreamId.Run(run);
        var end = Feed.End;
        await Journal.Commit(Some.Created(stream));
        if (events > 2) await Journal.Commit(Some.Events(stream, 1, events - 2));
        if (events > 1) await Journal.Commit(Some.End(stream, events - 1));
        Feed.Wake();
        for (; Feed.End < end + events;) await Feed.BehindAsync(Feed.End, CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(30));
        return run;
    }

    /// <summary>Waits until the sink was asked so often.</summary>
    public Task AskedAsync(int times) => Sink.AskedAsync(times);

    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _running;
    }

    /// <summary>Ends everything but the folder, for another to go on with.</summary>
    public async Task<Folder> LeaveAsync()
    {
        await StopAsync();
        await Feed.DisposeAsync();
        await Journal.DisposeAsync();
        return Folder;
    }

    public async ValueTask DisposeAsync() => (await LeaveAsync()).Dispose();
}

/// <summary>A sink that wants everything, unless told otherwise.</summary>
internal sealed class FakeSink(Func<OutboxMessage, int, DeliveryOutcome> answer, string events = "*", int window = 1) : IDeliverySink
{
    private readonly Lock _gate = new();
    private readonly List<OutboxMessage> _asked = [];
    private readonly List<(int Times, TaskCompletionSource Done)> _waiting = [];

    public IReadOnlyList<OutboxMessage> Asked
    {
        get { lock (_gate) return [.. _asked]; }
    }

    public int Opened { get; private set; }

    /// <summary>Held back until the test completes it.</summary>
    public TaskCompletionSource? Gate { get; set; }

    public string Name => "webhook.fake";
    public string Host => "fake.example";
    public int? MaxAttempts => null;
    public bool Tells => true;
    public int Window => window;
    public IOutboxMessages Messages { get; init; } = new WebhookMessages(new(events, "", default));

    public Task OpenAsync(CancellationToken stop)
    {
        Opened++;
        return Task.CompletedTask;
    }

    public async Task<DeliveryOutcome> SendAsync(OutboxMessage message, CancellationToken stop)
    {
        int times;
        lock (_gate)
        {
            _asked.Add(message);
            times = _asked.Count;
            foreach (var (at, done) in _waiting)
                if (at <= times) done.TrySetResult();
        }
        if (Gate is { } gate) await gate.Task.WaitAsync(stop);
        return answer(message, times);
    }

    public Task AskedAsync(int times)
    {
        lock (_gate)
        {
            if (_asked.Count >= times) return Task.CompletedTask;
            var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add((times, done));
            return done.Task.WaitAsync(TimeSpan.FromSeconds(30));
        }
    }

    public ValueTask DisposeAsync()
    {
        Messages.Dispose();
        return ValueTask.CompletedTask;
    }
}

using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Triggers;
using Orchestrator.Engine.Definitions;
using Orchestrator.Engine.Files;
using Orchestrator.Engine.Journal;

namespace Orchestrator.Engine.Triggers;

/// <summary>
/// Reads every event in its durable order and delivers what triggers wait for. Its cursor moves once everything up to it is in the ledgers: after a restart some are delivered again,
/// and their ledgers know them. A data directory that never had one begins at its end: what happened before triggers existed starts nothing.
/// </summary>
public sealed class TriggerFeed : IAsyncDisposable
{
    private const string Name = "triggers.cursor";
    private const int MaxBytes = 64;
    private static readonly TimeSpan s_seldom = TimeSpan.FromSeconds(30);
    private readonly CancellationTokenSource _stopping = new();
    private readonly IEventFeed _feed;
    private readonly IRunHistory _runs;
    private readonly StateFolder _state;
    private readonly WorkflowCatalog _catalog;
    private readonly LiveTriggers _triggers;
    private readonly TriggerOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;
    private (CatalogSnapshot? Of, IReadOnlyList<(WorkflowDefinition, TriggerDefinition)> Triggers) _waiting = (null, []);
    private Task _reading = Task.CompletedTask;
    private long _position;
    private DateTimeOffset _movedAt;
    private int _disposed;

    /// <summary>Makes it; nothing is read before <see cref="Start"/>.</summary>
    public TriggerFeed(IEventFeed feed, IRunStore store, WorkflowCatalog catalog, LiveTriggers triggers, TriggerOptions options, TimeProvider clock, ILogger<TriggerFeed> log)
    {
        (_feed, _runs, _state, _catalog, _triggers, _options, _clock, _log) = (feed, store.Runs, store.State, catalog, triggers, options, clock, log);
        _position = ReadCursor() ?? feed.End;
        feed.Hold(() => Interlocked.Read(ref _position));
    }

    /// <summary>Everything up to it was delivered.</summary>
    public long Position => Interlocked.Read(ref _position);

    /// <summary>Begins to read. Definitions must be in force.</summary>
    public void Start() => _reading = Task.Run(() => ReadAsync(_stopping.Token));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 1) return;
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        try { Keep(Position); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { _log.FeedFailed(e, Position, TimeSpan.Zero); }
        _stopping.Dispose();
    }

    private async Task ReadAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                var parts = await _feed.ReadAsync(Position, stop).ConfigureAwait(false);
                foreach (var part in parts) await TakeAsync(part, stop).ConfigureAwait(false);
                if (parts.Count > 0) Move(parts[^1].Record.Last);
                else if (_movedAt == default) Keep(Position);   // from here on, whatever becomes of this process
                else await _feed.BehindAsync(Position, stop).ConfigureAwait(false);
            }
            catch (Exception) when (stop.IsCancellationRequested) { }
            catch (Exception e)
            {
                _log.FeedFailed(e, Position, _options.RetryDelay);
                await Task.Delay(_options.RetryDelay, _clock, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task TakeAsync(FeedPart part, CancellationToken stop)
    {
        if (!part.Record.EndsRun || !part.Record.Stream.TryGetRun(out var run) || part.Events is not [.., { Event: WorkflowEnded end } ended]) return;
        var waiting = Waiting();
        if (waiting.Count == 0 || _runs.FirstEvent(run)?.Event is not WorkflowCreated created) return;
        foreach (var (workflow, trigger) in waiting)
        {
            if (!RunEndFacts.Fits(trigger, created, end)) continue;
            if (created.Depth >= RunEndFacts.MaxDepth)
            {
                await _triggers.RejectAsync(workflow, trigger, new(RejectReasons.Loop)
                {
                    DeliveryId = $"run:{run}",
                    Error = string.Create(CultureInfo.InvariantCulture, $"{RunEndFacts.MaxDepth} runs have started each other by triggers: '{workflow.Name}' may be started by its own end."),
                }, stop).ConfigureAwait(false);
                continue;
            }
            var answer = await _triggers.DeliverAsync(workflow, trigger, RunEndFacts.Delivery(trigger, run, created, ended), stop).ConfigureAwait(false);
            // A backlog passes; the end of a run comes only once.
            if (answer is DeliveryAnswer.Rejected { Reason: RejectReasons.Backlog }) throw new InvalidOperationException($"Trigger {workflow.Name}/{trigger.Id} takes no more deliveries now.");
        }
    }

    // Found once for the definitions in force: it is asked for with every run that ends.
    private IReadOnlyList<(WorkflowDefinition Workflow, TriggerDefinition Trigger)> Waiting()
    {
        var current = _catalog.Current;
        if (!ReferenceEquals(_waiting.Of, current))
            _waiting = (current, [.. current.Workflows.Values.SelectMany(e => e.Definition.Triggers.Where(t => t is { Enabled: true, Workflow: not null }).Select(t => (e.Definition, t)))]);
        return _waiting.Triggers;
    }

    // Where nothing waits for the end of a run, a place some seconds old is as good.
    private void Move(long position)
    {
        if (Waiting().Count > 0 || _clock.GetUtcNow() - _movedAt >= s_seldom) Keep(position);
        Interlocked.Exchange(ref _position, position);
    }

    private void Keep(long position)
    {
        _movedAt = _clock.GetUtcNow();
        _state.Create();
        WholeFile.Write(_state.Disk, _state.PathOf(Name), Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{position}\n")), named: false);
    }

    private long? ReadCursor() =>
        RegularFile.TryReadText(_state.PathOf(Name), most: MaxBytes) is { } text && long.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var position) ? position : null;
}

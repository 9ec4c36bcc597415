using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;
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
    private readonly FeedDeliveries _deliveries;
    private readonly StateFolder _state;
    private readonly TriggerOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;
    private Task _reading = Task.CompletedTask;
    private long _position;
    private DateTimeOffset _movedAt;
    private int _disposed;

    /// <summary>Makes it; nothing is read before <see cref="Start"/>.</summary>
    public TriggerFeed(IEventFeed feed, IRunStore store, WorkflowCatalog catalog, LiveTriggers triggers, TriggerOptions options, TimeProvider clock, ILogger<TriggerFeed> log)
    {
        (_feed, _deliveries, _state, _options, _clock, _log) = (feed, new(store, catalog, triggers), store.State, options, clock, log);
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
                var delivered = false;
                foreach (var part in parts) delivered |= await _deliveries.TakeAsync(part, Position, stop).ConfigureAwait(false);
                if (parts.Count > 0) Move(parts[^1].Record.Last, delivered);
                else if (_movedAt == default) Keep(Position);   // from here on, whatever becomes of this process
                else await _feed.BehindAsync(Position, stop).ConfigureAwait(false);
            }
            catch (Exception) when (stop.IsCancellationRequested) { }
            catch (Exception e)
            {
                _log.FeedFailed(e, Position, _options.RetryDelay);
                _deliveries.Forget();   // what comes again is looked at again
                await Task.Delay(_options.RetryDelay, _clock, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    // Where nothing was delivered, a place some seconds old is as good.
    private void Move(long position, bool delivered)
    {
        if (delivered || _clock.GetUtcNow() - _movedAt >= s_seldom) Keep(position);
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

using Orchestrator.Core.Runs;
using Orchestrator.Core.Triggers;
using Orchestrator.Engine.Hosting;
using Orchestrator.Engine.Triggers;

namespace Orchestrator.AspNetCore.Triggers;

/// <summary>Records requests with events that no trigger saw, as events of the worker: many of one kind within a second are one.</summary>
internal sealed class EventRefusals : IAsyncDisposable
{
    private readonly OrchestratorNode _node;
    private readonly RejectionTally _tally;
    private readonly ITimer _timer;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;

    public EventRefusals(OrchestratorNode node, TimeProvider clock, TriggerOptions options, ILogger<EventRefusals> log)
    {
        (_node, _tally, _clock, _log) = (node, new(clock, options.TallyTime), clock, log);
        _timer = clock.CreateTimer(static refusals => ((EventRefusals)refusals!).Tell(all: false), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>A request was refused.</summary>
    public void Take(TriggerInput.Reject reject)
    {
        _log.EventsRefused(reject.Reason, reject.Error);
        if (_tally.Take(reject) is { } now) _node.Tell(Entry(now));
        else Arm();
    }

    /// <summary>Tells what was only counted so far.</summary>
    public void TellAll() => Tell(all: true);

    public ValueTask DisposeAsync() => _timer.DisposeAsync();

    private void Tell(bool all)
    {
        foreach (var reject in _tally.Drain(all)) _node.Tell(Entry(reject));
        if (!all) Arm();
    }

    private void Arm()
    {
        if (_tally.DueAt is not { } due) return;
        var wait = due - _clock.GetUtcNow();
        _timer.Change(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }

    private static EventRejected Entry(TriggerInput.Reject reject) =>
        new(reject.Reason, reject.Error) { Count = reject.Count > 1 ? reject.Count : null, Since = reject.Count > 1 ? reject.Since : null };
}

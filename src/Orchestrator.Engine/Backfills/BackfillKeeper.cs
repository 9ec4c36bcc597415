using System.Threading.Channels;
using Orchestrator.Core;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Schedules.Backfills;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Running;

namespace Orchestrator.Engine.Backfills;

/// <summary>Keeps one backfill: hands inputs to its stream and executes the effects, one after another.</summary>
internal sealed class BackfillKeeper(string id, BackfillParts parts, BackfillRuns runs, Action<RecordedEvent> recorded)
{
    private static readonly StreamRules<BackfillState, BackfillEffect> s_rules = new(BackfillState.Empty, static s => s.Version, static (s, e) => s.Apply(e))
    {
        After = BackfillEffects.After, From = BackfillEffects.From, OwesAtFirst = true,
    };
    private readonly Channel<Message> _inbox = Channel.CreateUnbounded<Message>(new() { SingleReader = true });
    private readonly DecidedStream<BackfillState, BackfillEffect> _ledger = new(parts.Journal, StreamId.Backfill(id), s_rules, recorded, new(1, 1));
    private readonly HashSet<RunId> _followed = [];   // runs whose end is heard of: nobody needs to look whether they have ended
    private BackfillDefinition? _definition;

    public string Id => id;

    /// <summary>Its inputs; processed one by one.</summary>
    public void Post(BackfillInput input) => _inbox.Writer.TryWrite(new(input, null, null));

    /// <summary>The same; completes with the state after it, once that is durable.</summary>
    /// <exception cref="JournalUnavailableException">Nothing was decided.</exception>
    public Task<BackfillState> DoAsync(BackfillInput input, CancellationToken stop)
    {
        var done = new TaskCompletionSource<BackfillState>(TaskCreationOptions.RunContinuationsAsynchronously);
        // One that has ended takes nothing in any more.
        if (!_inbox.Writer.TryWrite(new(input, null, done))) done.TrySetResult(_ledger.State);
        return done.Task.WaitAsync(stop);
    }

    /// <summary>Works until the backfill has ended, or the process does.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        try
        {
            await foreach (var message in _inbox.Reader.ReadAllAsync(stop).ConfigureAwait(false))
            {
                foreach (var effect in await EffectsAsync(message, stop).ConfigureAwait(false)) await CarryOutAsync(effect, stop).ConfigureAwait(false);
                if (_ledger.State is { Created: not null, Finished: null }) continue;
                _inbox.Writer.TryComplete();
                if (_ledger.State.Finished is { } end) parts.Log.BackfillEnded(id, Words.Of(end.Status));
            }
        }
        catch (Exception) when (stop.IsCancellationRequested) { }   // what is open is continued when the service is back
        finally
        {
            _inbox.Writer.TryComplete();
            while (_inbox.Reader.TryRead(out var left))
                if (stop.IsCancellationRequested) left.Done?.TrySetCanceled(stop);
                else left.Done?.TrySetResult(_ledger.State);
        }
    }

    private async Task<IReadOnlyList<BackfillEffect>> EffectsAsync(Message message, CancellationToken stop)
    {
        if (message.Again is { } again) return [.. BackfillEffects.From(_ledger.State).Where(e => e.Item.Number == again)];
        while (true)
        {
            try
            {
                var decision = await _ledger.DecideAsync(state => BackfillDecisions.Decide(state, message.Input!, new(id, parts.Installation, parts.Clock.GetUtcNow())), stop).ConfigureAwait(false);
                message.Done?.TrySetResult(_ledger.State);
                return decision.Effects;
            }
            catch (Exception e) when (!stop.IsCancellationRequested)
            {
                if (message.Done?.TrySetException(e) == true) return [];
                parts.Log.BackfillStalled(e, id, parts.RetryDelay);
                await Task.Delay(parts.RetryDelay, parts.Clock, stop).ConfigureAwait(false);
            }
        }
    }

    private async Task CarryOutAsync(BackfillEffect effect, CancellationToken stop)
    {
        var run = effect.Item.RunId;
        try
        {
            switch (effect)
            {
                case BackfillEffect.Submit: await SubmitAsync(effect.Item, stop).ConfigureAwait(false); break;
                case BackfillEffect.Withdraw:
                    Post(await parts.Journal.ExistsAsync(run, stop).ConfigureAwait(false) ? new BackfillInput.Accepted(run) : new BackfillInput.Withdrawn(run));
                    break;
                case BackfillEffect.Watch: await WatchAsync(effect.Item, stop).ConfigureAwait(false); break;
                case BackfillEffect.Stop when _ledger.State.Cancel is { } cancel:
                    await parts.Actions.Cancel(runs.CurrentOf(run), new(cancel.Actor, cancel.Reason), stop).ConfigureAwait(false);
                    break;
            }
        }
        catch (Exception e) when (!stop.IsCancellationRequested)
        {
            parts.Log.ItemFailed(e, id, effect.Item.Number, effect.Item.Key, parts.RetryDelay);
            _ = AgainAsync(effect.Item.Number, stop);
        }
    }

    private async Task SubmitAsync(OpenItem item, CancellationToken stop)
    {
        try
        {
            _definition ??= BackfillDefinition.Of(_ledger.State.Created!, parts.Store.Definitions);
            runs.Follow(item.RunId, this);   // before it can end
            var request = _definition.RequestOf(_ledger.State.Created!, item, parts.Installation(), parts.Clock.GetUtcNow());
            var accepted = await parts.Actions.Submit(request, stop).ConfigureAwait(false);
            if (!accepted.AlreadyExisted) _followed.Add(item.RunId);
            parts.Log.ItemDispatched(id, item.Number, item.Key, item.RunId, !accepted.AlreadyExisted);
            Post(new BackfillInput.Accepted(item.RunId));
        }
        catch (RunRefusedException e)
        {
            runs.Forget(item.RunId);
            parts.Log.ItemRefused(id, item.Number, item.Key, item.RunId, e.Message);
            Post(new BackfillInput.Refused(item.RunId, e.Message));
        }
    }

    // Of one that this process accepted the end is heard of; of others it may have come before.
    private async Task WatchAsync(OpenItem item, CancellationToken stop)
    {
        if (_followed.Contains(item.RunId)) return;
        runs.Follow(item.RunId, this);
        _followed.Add(item.RunId);
        var (outcome, last) = await RunChain.EndOfAsync(parts.Store.Runs, item.RunId, stop).ConfigureAwait(false);
        if (last != item.RunId) runs.Replace(item.RunId, last);
        if (outcome is { } end) Post(new BackfillInput.Ended(item.RunId, end, last == item.RunId ? null : last));
        else if (!await parts.Journal.ExistsAsync(item.RunId, stop).ConfigureAwait(false)) await SubmitAsync(item, stop).ConfigureAwait(false);   // what said so is lost
    }

    private async Task AgainAsync(int item, CancellationToken stop)
    {
        try { await Task.Delay(parts.RetryDelay, parts.Clock, stop).ConfigureAwait(false); }
        catch (OperationCanceledException) { return; }
        _inbox.Writer.TryWrite(new(null, item, null));
    }

    private sealed record Message(BackfillInput? Input, int? Again, TaskCompletionSource<BackfillState>? Done);
}

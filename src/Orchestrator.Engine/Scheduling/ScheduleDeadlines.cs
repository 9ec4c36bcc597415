using System.Collections.Concurrent;
using Orchestrator.Core;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Schedules.Ledger;

namespace Orchestrator.Engine.Scheduling;

/// <summary>
/// The dead-man monitor: tells once of each due time that no run had completed for when its schedule expected it. What was told is in the ledger, so a restart repeats
/// nothing, and what passed while the service was down is told when it is back.
/// </summary>
internal sealed class ScheduleDeadlines(ScheduleParts parts)
{
    // A run may complete under an id that is older than its acceptance: that of its due time.
    private static readonly TimeSpan s_margin = TimeSpan.FromDays(1);
    private const int MaxLooked = 10_000;
    private const int MaxEntries = 1_000;
    private readonly ConcurrentDictionary<string, (string Terms, DateTimeOffset At)> _next = new(StringComparer.Ordinal);

    public async Task LookAsync(ScheduleKeeper keeper, CancellationToken stop)
    {
        var now = parts.Clock.GetUtcNow();
        if (keeper is not { Armed: { Times: { IsAtStart: false } times, Schedule.ExpectedBy: { } rule } armed, State: { Terms: { } terms, PausedAt: null } state }) return;
        var known = $"{rule} {terms}";
        if (_next.TryGetValue(keeper.Key, out var next) && next.Terms == known && now < next.At) return;
        if (!parts.Zones.TryFind(armed.Schedule.Timezone, out var zone, out _)) return;

        var from = state.InForceFrom ?? now;
        var due = rule.LatestPassed(times, zone, now, from);
        if (due is { } passed && !(state.DeadlineTold >= passed) && !await IsMetAsync(keeper.Key, passed, stop).ConfigureAwait(false)) await TellAsync(keeper, passed, rule.Of(passed, zone), stop).ConfigureAwait(false);
        _next[keeper.Key] = (known, times.Next(due ?? from) is { } later ? rule.Of(later, zone) : DateTimeOffset.MaxValue);
    }

    private async Task TellAsync(ScheduleKeeper keeper, DateTimeOffset due, DateTimeOffset deadline, CancellationToken stop)
    {
        var decision = await DecisionAsync(keeper.Key, due, stop).ConfigureAwait(false);
        // Nobody expects a run of a time that was taken away on purpose, or that a later one stands for.
        if (decision is ScheduleSkipped { Reason: not (SkipReasons.Misfire or SkipReasons.Window or SkipReasons.Max or SkipReasons.Backlog) }) return;
        var run = (decision as ScheduleStarts)?.RunId;
        var found = run is { } id && parts.History?.LastEvent(id) is { } last ? last.Event is WorkflowEnded end ? Words.Of(end.StatusTo) : Words.Of(RunStatus.Running)
            : (decision as ScheduleSkipped)?.Reason ?? decision?.Type;
        parts.Log.DeadlineMissed(keeper.Key, due, deadline, found ?? "nothing");
        await keeper.DoAsync(new LedgerInput.DeadlinePassed(due, deadline, run, found), stop).ConfigureAwait(false);
    }

    // Any run of the schedule counts that completed since the due time: a repetition, one that was started by hand, one that was late.
    private async ValueTask<bool> IsMetAsync(string key, DateTimeOffset due, CancellationToken stop)
    {
        if (parts.OpenRuns.CompletedAt(key) >= due) return true;
        return parts.History is not null && await Task.Run(() => HasCompleted(key, due, stop), stop).ConfigureAwait(false);
    }

    private bool HasCompleted(string key, DateTimeOffset due, CancellationToken stop)
    {
        foreach (var run in parts.History!.ListRunIds().TakeWhile(r => r.Time >= due - s_margin).Take(MaxLooked))
        {
            stop.ThrowIfCancellationRequested();
            if (parts.History.FirstEvent(run)?.Event is WorkflowCreated { ScheduleId: { } schedule } created && $"{created.Workflow}/{schedule}" == key
                && parts.History.LastEvent(run) is { Event: WorkflowCompleted } end && end.Time >= due) return true;
        }
        return false;
    }

    private async Task<ScheduleEvent?> DecisionAsync(string key, DateTimeOffset due, CancellationToken stop)
    {
        if (key.Split('/', 2) is not [var workflow, var id]) return null;
        ScheduleEvent? decision = null;
        foreach (var recorded in await parts.Journal.ReadLastAsync(StreamId.Schedule(workflow, id), MaxEntries, stop).ConfigureAwait(false))
            if (recorded.Event is ScheduleEvent entry && entry.Decides(due)) decision = entry;
        return decision;
    }
}

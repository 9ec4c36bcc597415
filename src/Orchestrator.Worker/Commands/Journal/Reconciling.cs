using System.Diagnostics;
using Orchestrator.Core.Reconciliation;
using Orchestrator.Core.Runs;
using Orchestrator.Engine;
using Orchestrator.Engine.Index;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Reconciliation;
using Orchestrator.Worker.Local;
using Orchestrator.Worker.Options;

namespace Orchestrator.Worker.Commands.Journal;

/// <summary>Goes through the runs of a data directory, one at a time, and the metrics of the `serve` that has it.</summary>
internal sealed class Reconciling(Settings settings, CommandContext around, bool showProgress)
{
    // A live `serve` writes a report, starts a run or tells of one just after the event.
    private static readonly TimeSpan Delay = TimeSpan.FromMinutes(1);
    private const int MaxDifferences = 10_000;
    private readonly IRunStore _store = settings.Store;

    public async Task<Reconciled> RunAsync(DateTimeOffset? since, CancellationToken stop)
    {
        var holder = ServeLock.HolderOf(_store);
        var (before, why) = since is null ? await MetricsAsync(holder, stop) : (null, "they include runs before --since");
        var counters = before is not null && MetricsReconciliation.InstanceOf(before) is { } instance ? new WorkerCounters(instance, StartOf(holder!)) : null;

        var reader = _store.Runs;
        bool Due(DateTimeOffset at) => holder is null || around.Clock.GetUtcNow() - at > Delay;
        var checking = new RunReconciliation(_store, Due);
        // Without a `serve` no process delivers: the next one does.
        var feed = new FeedReconciliation(_store, ended => holder is not null && Due(ended));
        using var index = IndexComparison.Of(_store, around.Clock, Delay);
        var found = new List<Difference>();
        int runs = 0, finished = 0;
        foreach (var run in since is { } from ? reader.AcceptedSince(from) : reader.ListRunIds())
        {
            stop.ThrowIfCancellationRequested();
            var events = await reader.ReadEventsAsync(run, stop);
            if (events.Count == 0) continue;
            runs++;
            if (events[^1].Event is WorkflowEnded) finished++;
            feed.Hold(run, events);
            index.Hold(run, events);
            if (found.Count < MaxDifferences) found.AddRange(checking.Check(run, events));
            counters?.Add(events);
            if (showProgress && around.IsTerminal && runs % 100 == 0) around.Error.Write($"\r{runs:N0} runs");
        }
        if (showProgress && around.IsTerminal && runs >= 100) around.Error.Write("\r\e[K");
        if (since is null)
        {
            feed.HoldRest(reader);
            index.HoldRest();
            found.AddRange(new FolderReconciliation(_store, Due).Run(stop));
        }
        foreach (var damage in reader.Damage()) found.Add(new("journal", damage.Segment, "its lines", "whole", damage.Message));

        foreach (var stream in counters is null ? [] : reader.SystemStreams())
            if (stream.PartsOf("trigger") is not null) counters!.AddTrigger(reader.ReadSystem(stream));

        long? numbers = null;
        (long? Made, string Note, IReadOnlyList<Difference> Differences) export = (null, why, []);
        if (counters is not null && await MetricsAsync(holder, stop) is (not null and var after, _))
        {
            (var compared, var differ) = MetricsReconciliation.Compare(before!, counters, after);
            numbers = compared;
            export = ExportReconciliation.Of(after);
            found.AddRange([.. differ, .. export.Differences]);
        }
        // What comes due while a `serve --once` ends is not its own.
        var schedules = ScheduleReconciliation.Of(reader, holder is null or { Once: true } ? null : around.Clock.GetUtcNow() - Delay);
        var triggers = TriggerReconciliation.Of(reader, holder is null ? null : around.Clock.GetUtcNow() - Delay);
        var backfills = await BackfillReconciliation.OfAsync(reader, Installation.Find(_store.State), holder is null ? null : around.Clock.GetUtcNow() - Delay, stop);
        var deliveries = await new DeliveryReconciliation(_store).RunAsync(stop);
        found.AddRange([.. schedules.Differences, .. triggers.Differences, .. backfills.Differences, .. feed.Differences, .. deliveries.Differences, .. index.Differences]);
        return new(runs,
        [
            new("journal", runs, "one end, gapless, counts add up"), new("replay", runs, "every decision repeated"),
            new("list", finished, "rows of finished runs"), new("report", finished, "report.json of finished runs"), new("metrics", numbers, why),
            new("export", export.Made, export.Note),
            new("schedules", schedules.DueTimes, Schedules(schedules)),
            new("triggers", triggers.Received, Triggers(triggers)),
            new("backfills", backfills.Items, Backfills(backfills)),
            new("feed", feed.Positions, "events delivered once, in their order"),
            new("deliveries", deliveries.Sinks, Deliveries(deliveries)),
            new("index", index.Rows, index.Note),
        ], found);
    }

    private static string Schedules(SchedulesReconciled found) => string.Concat(
        found.Started == found.DueTimes ? "due times, and their runs" : $"due times; {found.Started:N0} of them started a run",
        found.Removed == 0 ? "" : $"; {found.Removed:N0} of their runs were removed since",
        found.Asked == 0 ? "" : $"; {found.Asked:N0} more {(found.Asked == 1 ? "was" : "were")} requested",
        found.Waiting == 0 ? "" : $"; {found.Waiting:N0} wait for their run to be accepted");

    private static string Triggers(TriggersReconciled found) => string.Concat(
        $"deliveries; they started {found.Fired:N0} {(found.Fired == 1 ? "run" : "runs")}",
        found.Refused == 0 ? "" : $"; {found.Refused:N0} more came again or were refused",
        found.Removed == 0 ? "" : $"; {found.Removed:N0} of the runs were removed since",
        found.Waiting == 0 ? "" : $"; {found.Waiting:N0} wait to be accepted");

    private static string Backfills(BackfillsReconciled found) => string.Concat(
        found.Started == found.Items ? "items, and their runs" : $"items; {found.Started:N0} of them started a run",
        found.Removed == 0 ? "" : $"; {found.Removed:N0} of their runs were removed since",
        found.Waiting == 0 ? "" : $"; {found.Waiting:N0} wait for their run to be accepted");

    private static string Deliveries(DeliveriesReconciled found) => found.Sinks == 0 ? "nothing was sent to any webhook or broker"
        : $"accounts of webhooks and brokers; {found.Events:N0} events checked again{(found.Gone == 0 ? "" : $", {found.Gone:N0} of removed runs cannot be")}";

    private async Task<(IReadOnlyList<MetricSample>? Page, string Note)> MetricsAsync(ServeHolder? holder, CancellationToken stop)
    {
        if (holder is null) return (null, "no `serve` has this data directory");
        var (status, text) = await new ServeClient(holder).GetAsync("/metrics", stop);
        return status == 200 ? (MetricsText.Read(text), "counters and active runs of `serve` since its start") : (null, "`serve` does not serve metrics: they are pushed, or off");
    }

    private static DateTimeOffset StartOf(ServeHolder holder)
    {
        try
        {
            using var process = Process.GetProcessById(holder.Pid);
            return process.StartTime.ToUniversalTime();
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException) { return holder.StartedAt; }
    }
}

using System.Diagnostics.Metrics;

namespace Orchestrator.Engine.Telemetry.Metrics;

/// <summary>Metrics of how things are now, computed when they are collected.</summary>
internal static class Gauges
{
    private static readonly string[] States = [UnfinishedRun.Pending, UnfinishedRun.Executing, UnfinishedRun.Finalizing];

    public static void Create(Meter meter, UnfinishedRunTotals open, Func<EngineSnapshot?> snapshot, Func<IEnumerable<string>> refused)
    {
        meter.CreateObservableUpDownCounter(TelemetryNames.RunsActive, () => Runs(open), "{run}", "Unfinished runs by state.");
        meter.CreateObservableUpDownCounter(TelemetryNames.TasksActive, () => PerWorkflow(open, r => r.TasksActive), "{task}", "Tasks with an attempt in flight.");
        meter.CreateObservableUpDownCounter(TelemetryNames.TasksQueued, () => PerWorkflow(open, r => r.TasksQueued), "{task}", "Tasks that wait only for a place.");
        meter.CreateObservableGauge(TelemetryNames.OldestPending, () => OldestPending(open), "s", "Age of the run that has waited longest for its start.");
        meter.CreateObservableGauge(TelemetryNames.LastSuccess, () => LastSuccess(open), "s", "When the workflow last succeeded (Unix time).");
        meter.CreateObservableUpDownCounter(TelemetryNames.SchedulesRefused, () => Refused(open, refused()), "{schedule}", "Schedules with problems: they do not fire, or not as written.");
        meter.CreateObservableUpDownCounter(TelemetryNames.WorkerSlots, () => Slots(snapshot()), "{slot}", "Places for attempts by state.");
        meter.CreateObservableUpDownCounter(TelemetryNames.Workers, () => Worker(snapshot()), "{worker}", "This worker, by its state.");
    }

    private static IEnumerable<Measurement<long>> Runs(UnfinishedRunTotals open)
    {
        var runs = open.All.ToLookup(r => (open.LabelOf(r.Workflow), r.State));
        foreach (var workflow in open.Labels(runs.Select(r => r.Key.Item1)))
            foreach (var state in States) yield return new(runs[(workflow, state)].Count(), workflow, Tag(TelemetryNames.RunState, state));
    }

    private static IEnumerable<Measurement<long>> PerWorkflow(UnfinishedRunTotals open, Func<UnfinishedRun, int> count)
    {
        var runs = open.All.ToLookup(r => open.LabelOf(r.Workflow));
        return open.Labels(runs.Select(r => r.Key)).Select(w => new Measurement<long>(runs[w].Sum(count), w));
    }

    private static IEnumerable<Measurement<long>> Refused(UnfinishedRunTotals open, IEnumerable<string> workflows)
    {
        var refused = workflows.ToLookup(open.LabelOf);
        return open.Labels(refused.Select(r => r.Key)).Select(w => new Measurement<long>(refused[w].Count(), w));
    }

    private static IEnumerable<Measurement<double>> OldestPending(UnfinishedRunTotals open)
    {
        var pending = open.All.Where(r => r is { State: UnfinishedRun.Pending, PendingSince: not null }).ToLookup(r => r.Queue, r => r.PendingSince!.Value);
        return open.Queues.Select(q => new Measurement<double>(
            pending.Contains(q) ? open.AgeOf(pending[q].Min()) : 0, Tag(TelemetryNames.QueueName, q)));
    }

    private static IEnumerable<Measurement<double>> LastSuccess(UnfinishedRunTotals open) =>
        open.LastSuccess.Select(p => new Measurement<double>(p.Value.ToUnixTimeMilliseconds() / 1000.0, Tag(TelemetryNames.PipelineName, p.Key)));

    private static IEnumerable<Measurement<long>> Slots(EngineSnapshot? s)
    {
        if (s is null) yield break;
        yield return new(s.SlotsTotal - s.SlotsBusy, Tag(TelemetryNames.Slot, "available"));
        yield return new(s.SlotsBusy, Tag(TelemetryNames.Slot, "busy"));
    }

    private static IEnumerable<Measurement<long>> Worker(EngineSnapshot? s)
    {
        if (s is null) yield break;
        var state = s.Stopping ? "offline" : s.SlotsBusy >= s.SlotsTotal ? "busy" : "available";
        foreach (var word in new[] { "available", "busy", "offline" })
            yield return new(word == state ? 1 : 0, Tag(TelemetryNames.WorkerState, word));
    }

    private static KeyValuePair<string, object?> Tag(string name, object? value) => new(name, value);
}

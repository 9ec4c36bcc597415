using Orchestrator.Core.Runs;
using Orchestrator.Core.Schedules.Ledger;
using Orchestrator.Core.Schedules.Manual;

namespace Orchestrator.Core.Tests.Schedules.Manual;

/// <summary>The manual runs of a schedule <c>nightly/two</c>, with a clock the test sets.</summary>
internal sealed class ManualBench
{
    public DateTimeOffset Now { get; set; } = Due.At("2026-01-01T00:00:00Z");
    public OverlapRule Overlap { get; set; }
    public List<RunId> OpenRuns { get; } = [];
    public ManualState State { get; private set; } = ManualState.Empty;
    public List<RecordedEvent> Journal { get; } = [];

    public string[] Ask(string id, string actor = "ann", string? reason = null) => Do(new ManualInput.Request(id, actor, reason));

    public RunId RunOf(string id) => State.Known[id].RunId;

    /// <summary>What an input leads to, one line an event.</summary>
    public string[] Do(ManualInput input)
    {
        var events = ManualDecisions.Decide(State, input, new("nightly", "two", () => "here", Now, Overlap, OpenRuns));
        Journal.AddRange(events);
        State = events.Aggregate(State, (state, e) => state.Apply(e));
        return [.. events.Select(e => Line((ScheduleEvent)e.Event))];
    }

    /// <summary>A run is accepted and open from then on.</summary>
    public void Accept(string id)
    {
        OpenRuns.Add(RunOf(id));
        Do(new ManualInput.Accepted(RunOf(id)));
    }

    private string Line(ScheduleEvent e) => e switch
    {
        ScheduleRunRequested r => $"requested {r.RequestId}",
        ScheduleRunStarted s => $"started {s.RequestId}{(s.Replaces is { } replaced ? $" replaces {replaced.Length}" : "")}",
        ScheduleBlocked b => $"blocked {Id(b.DueAt)}",
        ScheduleQueued q => $"queued {Id(q.DueAt)}",
        ScheduleDispatched d => $"dispatched {Id(d.DueAt)}",
        ScheduleFailed f => $"failed {Id(f.DueAt)}",
        _ => e.Type,
    };

    private string Id(DateTimeOffset at) => State.Known.Values.Single(r => r.At == at).RequestId;
}

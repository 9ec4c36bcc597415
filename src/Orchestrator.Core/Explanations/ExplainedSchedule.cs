using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Schedules.Ledger;
using Orchestrator.Core.Schedules.Maintenance;
using Orchestrator.Core.Schedules.Rules;

namespace Orchestrator.Core.Explanations;

/// <summary>A schedule as its ledger and its definition tell it at an instant.</summary>
public sealed class ExplainedSchedule
{
    private readonly Func<ScheduleTerms, string, ScheduleTimes?> _compile;

    /// <summary>Folds the entries up to <paramref name="at"/>.</summary>
    /// <param name="workflow">Name of the workflow.</param>
    /// <param name="id">The schedule's id.</param>
    /// <param name="entries">All entries of its ledger: what was due at an instant may have been decided later.</param>
    /// <param name="at">The instant.</param>
    /// <param name="compile">Due times of terms and a key; null where they cannot be computed.</param>
    public ExplainedSchedule(
        string workflow, string id, IReadOnlyList<RecordedEvent> entries, DateTimeOffset at, Func<ScheduleTerms, string, ScheduleTimes?> compile)
    {
        (Workflow, Id, Entries, _compile) = (workflow, id, entries, compile);
        State = entries.TakeWhile(e => e.Time <= at).Aggregate(LedgerState.Empty, (state, e) => state.Apply(e));
        LastPause = entries.LastOrDefault(e => e.Time <= at && e.Event is SchedulePaused)?.Event as SchedulePaused;
        LastChange = entries.LastOrDefault(e => e.Time <= at && e.Event is ScheduleUpdated { Change: not ScheduleChange.Restated });
        if (State.Terms is not { } text || !ScheduleTerms.TryParse(text, out var terms)) return;
        Terms = terms;
        Times = compile(terms, Key);
        if (Times is null) return;
        var from = State.InForceFrom ?? DateTimeOffset.MinValue;
        LastDue = DueSearch.Last(Times, at, from);
        NextDue = Times.Next(at);
        if (LastDue is { } due) Decision = entries.LastOrDefault(e => e.Event is ScheduleEvent entry && entry.Decides(due));
        if (terms.Exclude.IsEmpty && terms.Only.IsEmpty || compile(terms with { Exclude = [], Only = [] }, Key) is not { } without) return;
        LastWithoutCalendars = DueSearch.Last(without, at, from);
        NextWithoutCalendars = without.Next(at);
    }

    /// <summary>Name of the workflow.</summary>
    public string Workflow { get; }

    /// <summary>The schedule's id.</summary>
    public string Id { get; }

    /// <summary>Both.</summary>
    public string Key => $"{Workflow}/{Id}";

    /// <summary>All entries of its ledger.</summary>
    public IReadOnlyList<RecordedEvent> Entries { get; }

    /// <summary>Its ledger then.</summary>
    public LedgerState State { get; }

    /// <summary>The definition as it is now; null: no definition has it.</summary>
    public ScheduleDefinition? Definition { get; init; }

    /// <summary>Why the definition cannot be used now; null: it can.</summary>
    public string? Problem { get; init; }

    /// <summary>Pauses of all schedules, as they were then.</summary>
    public MaintenanceState Maintenance { get; init; } = MaintenanceState.Empty;

    /// <summary>Its open runs then.</summary>
    public IReadOnlyList<RunFacts> Open { get; init; } = [];

    /// <summary>The open runs of its workflow then, whatever started them: those that an action stops.</summary>
    public IReadOnlyList<RunFacts> OpenOfWorkflow { get; init; } = [];

    /// <summary>Whether a service was there to fire it; null: it is not known.</summary>
    public bool? IsServed { get; init; }

    /// <summary>The same for people.</summary>
    public string Service { get; init; } = "";

    /// <summary>The terms in force then; null: none were.</summary>
    public ScheduleTerms? Terms { get; }

    /// <summary>The latest due time up to then, by those terms.</summary>
    public DateTimeOffset? LastDue { get; }

    /// <summary>The due time after that.</summary>
    public DateTimeOffset? NextDue { get; }

    /// <summary>What was decided about <see cref="LastDue"/>, whenever that was.</summary>
    public RecordedEvent? Decision { get; }

    internal ScheduleTimes? Times { get; }

    internal DateTimeOffset? LastWithoutCalendars { get; }

    internal DateTimeOffset? NextWithoutCalendars { get; }

    internal SchedulePaused? LastPause { get; }

    internal RecordedEvent? LastChange { get; }

    /// <summary>Whether one calendar alone takes away a time.</summary>
    internal bool TakesAway(ScheduleTerms calendar, DateTimeOffset due) => _compile(calendar, Key) is { } times && times.Next(due.AddTicks(-1)) != due;

    /// <summary>Whether the run of a due time was accepted or refused, as far as the entries say.</summary>
    internal ScheduleEvent? SettledBy(DateTimeOffset due) =>
        Entries.LastOrDefault(e => e.Event is ScheduleDispatched d && d.DueAt == due || e.Event is ScheduleFailed f && f.DueAt == due)?.Event as ScheduleEvent;
}

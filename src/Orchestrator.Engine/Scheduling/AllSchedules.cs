using Orchestrator.Core.Runs;
using Orchestrator.Core.Schedules.Ledger;
using Orchestrator.Core.Schedules.Maintenance;
using Orchestrator.Engine.Journal;

namespace Orchestrator.Engine.Scheduling;

/// <summary>Pauses of all schedules. What follows from them, each schedule's ledger decides.</summary>
internal sealed class AllSchedules : IDisposable
{
    /// <summary>The key of its alarm; no schedule has it.</summary>
    public const string Key = "schedules:all";

    private static readonly StreamRules<MaintenanceState, LedgerEffect> s_rules = new(MaintenanceState.Empty, static s => s.Version, static (s, e) => s.Apply(e));
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly DecidedStream<MaintenanceState, LedgerEffect> _stream;
    private readonly TimeProvider _clock;

    public AllSchedules(IRunJournal journal, TimeProvider clock, Action<RecordedEvent> recorded) =>
        (_clock, _stream) = (clock, new(journal, StreamId.AllSchedules, s_rules, recorded, _turn));

    /// <summary>What was last known; empty before the first look.</summary>
    public MaintenanceState State => _stream.State;

    /// <summary>Whether what was last asked may be in force though its answer was lost.</summary>
    public bool IsInDoubt => _stream.IsInDoubt;

    /// <summary>Decides an input and writes its events down; whether anything has changed since the last time.</summary>
    /// <exception cref="JournalUnavailableException">Nothing was decided.</exception>
    public async Task<bool> DoAsync(MaintenanceInput input, CancellationToken stop) =>
        (await _stream.DecideAsync(state => MaintenanceDecisions.Decide(state, input, _clock.GetUtcNow()), stop).ConfigureAwait(false)).HasMoved;

    public void Dispose() => _turn.Dispose();
}

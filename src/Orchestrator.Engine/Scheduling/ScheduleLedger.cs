using Orchestrator.Core.Runs;
using Orchestrator.Core.Schedules.Ledger;
using Orchestrator.Core.Schedules.Rules;
using Orchestrator.Engine.Journal;

namespace Orchestrator.Engine.Scheduling;

/// <summary>The ledger of one schedule as a stream.</summary>
internal static class ScheduleLedger
{
    /// <summary>The last entries among which a ledger's state is found: terms are written down again more often than this, with all that is open.</summary>
    public const int Looked = LedgerDecisions.RestateAfter * 4;

    public static readonly StreamRules<LedgerState, LedgerEffect> Rules = new(LedgerState.Empty, static s => s.Version, static (s, e) => s.Apply(e))
    {
        After = LedgerEffects.After, From = LedgerEffects.From, Open = OpenAsync,
    };

    /// <summary>What the last entries add up to; null: they do not say all, and the earlier ones are needed.</summary>
    public static LedgerState? Fold(IReadOnlyList<RecordedEvent> last) =>
        last.Count < Looked || last.Any(e => e.Event is ScheduleUpdated { Terms: not null }) ? last.Aggregate(LedgerState.Empty, (state, e) => state.Apply(e)) : null;

    private static async Task<LedgerState> OpenAsync(IRunJournal journal, StreamId stream, CancellationToken stop)
    {
        if (Fold(await journal.ReadLastAsync(stream, Looked, stop).ConfigureAwait(false)) is { } known) return known;
        var state = LedgerState.Empty;
        await foreach (var entry in journal.ReadAsync(stream, 0, stop).ConfigureAwait(false)) state = state.Apply(entry);
        return state;
    }
}

/// <summary>The due times of the terms that a ledger has in force, computed once.</summary>
internal sealed class TermsInForce(ScheduleZones zones)
{
    private (string Terms, ScheduleTimes? Times)? _known;

    /// <summary>Those of a definition, where it has the terms in force: then they need not be computed.</summary>
    public void Know(LedgerState state, ArmedSchedule armed)
    {
        if (state.Terms is { } text && text == armed.Terms.ToText()) _known = (text, armed.Times);
    }

    public ScheduleTimes? Of(LedgerState state)
    {
        if (state.Terms is not { } text) return null;
        if (_known is { } known && known.Terms == text) return known.Times;
        var times = ScheduleTerms.TryParse(text, out var terms) ? zones.TimesOf(terms, state.Key!) : null;
        _known = (text, times);
        return times;
    }
}

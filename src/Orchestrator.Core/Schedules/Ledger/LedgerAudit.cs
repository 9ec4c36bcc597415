using System.Globalization;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Schedules.Rules;

namespace Orchestrator.Core.Schedules.Ledger;

/// <summary>
/// Proves a ledger: the due times of the terms in force are exactly its entries, in order, none missing, none twice, none that the rule does not have; and every
/// run that was started was dispatched or refused.
/// </summary>
/// <param name="compile">Due times of terms and a key; null where they cannot be computed any more: their entries are taken as they are.</param>
public sealed class LedgerAudit(Func<ScheduleTerms, string, ScheduleTimes?> compile)
{
    private readonly List<string> _differences = [];
    private LedgerState _state = LedgerState.Empty;
    private ScheduleTimes? _times;
    private string? _terms;
    private bool _hasHole;

    /// <summary>Entries that stand for due times, ranges by their count.</summary>
    public long DueTimes { get; private set; }

    /// <summary>Due times that started a run.</summary>
    public long Started { get; private set; }

    /// <summary>What does not hold, a sentence each.</summary>
    public IReadOnlyList<string> Differences => _differences;

    /// <summary>The state after the entries so far.</summary>
    public LedgerState State => _state;

    /// <summary>Takes the next entry of the stream.</summary>
    public void Take(RecordedEvent recorded)
    {
        switch (recorded.Event)
        {
            case ScheduleStarts e:
                Started++;
                Entry(e.DueAt, e.DueAt, null, e.Type);
                break;
            case ScheduleSkipped e: Entry(e.DueAt, e.Until ?? e.DueAt, e.Count, e.Type); break;
            case ScheduleBlocked e: Entry(e.DueAt, e.DueAt, null, e.Type); break;
            case ScheduleStopping e: Entry(e.DueAt, e.DueAt, null, e.Type); break;
            case ScheduleQueued e: Entry(e.DueAt, e.DueAt, null, e.Type, waits: true); break;
            case JournalEventsLost: _hasHole = true; break;
        }
        _state = _state.Apply(recorded);
        if (_state.Terms == _terms) return;
        _terms = _state.Terms;
        _times = _terms is not null && ScheduleTerms.TryParse(_terms, out var terms) ? compile(terms, _state.Key!) : null;
    }

    /// <summary>After the last entry: what is due at an instant and has none.</summary>
    /// <param name="settled">Due times and dispatches up to then must be there.</param>
    /// <param name="held">Since when all schedules are paused: what is due from then on has no entry yet; null: they are not.</param>
    public void Finish(DateTimeOffset settled, DateTimeOffset? held = null)
    {
        var decided = held < settled ? held.Value.AddTicks(-1) : settled;
        if (_times is not null && _state.PausedAt is null && Expected(_state.Through) is { } due && due + _times.DelayOf(due) <= decided)
            _differences.Add($"{Text(due)} was due and has no entry");
        foreach (var pending in _state.Pending.Values)
            if (pending.DueAt <= settled) _differences.Add($"{Text(pending.DueAt)} started run {pending.RunId}, which was not dispatched");
    }

    private void Entry(DateTimeOffset from, DateTimeOffset to, int? count, string type, bool waits = false)
    {
        // One that waited was counted when it was queued.
        if (!waits && _state.Queued.ContainsKey(from)) return;
        DueTimes += count ?? 1;
        // Entries that are known to be lost may have been those of the due times before this one.
        var afterHole = _hasHole;
        _hasHole = false;
        if (afterHole || _times is not { IsAtStart: false } times) return;
        if (Expected(_state.Through) is not { } due) _differences.Add($"{type} for {Text(from)}, when nothing was due");
        else if (due != from) _differences.Add($"{type} for {Text(from)}, when {Text(due)} was due next");
        else if (to > from || count is > 1)
        {
            var (found, last) = (0, from);
            for (DateTimeOffset? at = from; at <= to; at = Ledger.DueTimes.NextUndecided(_state, times, at.Value)) (found, last) = (found + 1, at.Value);
            if (found != count || last != to)
                _differences.Add(string.Create(CultureInfo.InvariantCulture, $"{type} for {count} due times from {Text(from)} to {Text(to)}, when the rule has {found}"));
        }
    }

    private DateTimeOffset? Expected(DateTimeOffset? through) => through is { } at ? Ledger.DueTimes.NextUndecided(_state, _times, at) : null;

    private static string Text(DateTimeOffset due) => due.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}

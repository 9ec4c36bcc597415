using System.Globalization;
using Orchestrator.Core;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Schedules.Ledger;
using Orchestrator.Core.Schedules.Maintenance;
using Orchestrator.Core.Schedules.Manual;
using Orchestrator.Engine.Scheduling;
using static Orchestrator.Engine.Tests.Scheduling.SchedulingBench;

namespace Orchestrator.Engine.Tests.Scheduling;

/// <summary>
/// A life of three schedules, made of a seed: they fire, the process is killed between any two writes, people pause and edit, the clock is set, the engine is full, the
/// disk refuses. What was done is in <see cref="Steps"/>; <see cref="Faults"/> says what does not hold afterwards.
/// </summary>
internal sealed class RandomHistory
{
    private const int Length = 40;
    private static readonly string[] s_rules = ["*/15 * * * *", "0 * * * *", "30 2 * * *", "0 30 */2 * * ?", "0 3 * * 1-5"];
    private static readonly string[] s_zones = ["UTC", "Europe/Helsinki", "America/New_York"];
    private static readonly string[] s_ids = ["two", "often", "late"];
    private readonly Random _random;
    private readonly SchedulingBench _bench;
    private readonly Dictionary<string, ScheduleDefinition?> _schedules = new(StringComparer.Ordinal);
    private readonly TurnContext _told = new();
    private int _ended, _asked;

    /// <param name="seed">What makes it.</param>
    /// <param name="files">What it is written to; null: to memory.</param>
    public RandomHistory(int seed, FiledJournal? files = null)
    {
        _random = new(seed);
        // Around changes of clocks as often as not.
        _bench = new(_random.Next(3) switch { 0 => "2026-03-28T20:00:00Z", 1 => "2026-10-24T22:00:00Z", _ => "2026-01-01T00:00:00Z" }, new() { Files = files }) { IsFollowed = true };
        foreach (var id in s_ids) _schedules[id] = Any(id);
    }

    public List<string> Steps { get; } = [];

    /// <summary>What is looked at from now on is what another process finds in the files.</summary>
    public void Reload() => _bench.Journal.Reload();

    private DateTimeOffset Now => _bench.Clock.GetUtcNow();

    public async Task LiveAsync()
    {
        await ApplyAsync();
        for (var step = 0; step < Length; step++) await StepAsync();
        await SettleAsync();
    }

    private async Task StepAsync()
    {
        var id = s_ids[_random.Next(s_ids.Length)];
        switch (_random.Next(16))
        {
            case 0 or 1 or 2: await PassAsync(_random.Next(1, 180)); break;
            case 3: await KillAsync(_random.Next(0, 6), _random.Next(0, 300)); break;
            case 4: await SleepAsync(_random.Next(1, 2000)); break;
            case 5: await SetClockAsync(_random.Next(10) == 0 ? 400 * 24 * 60 : _random.Next(-600, 600)); break;
            case 6: await EditAsync(id, Any(id)); break;
            case 7: await EditAsync(id, _schedules[id] is { } old ? old with { Enabled = !old.Enabled } : Any(id)); break;
            case 8: await EditAsync(id, _schedules[id] is null ? Any(id) : null); break;
            case 9: await TryAsync($"pause {id}", () => _bench.Do($"nightly/{id}", new LedgerInput.Pause("ann", null, _random.Next(2) == 0 ? null : Now.AddMinutes(_random.Next(1, 500))))); break;
            case 10: await TryAsync($"resume {id}", () => _bench.Do($"nightly/{id}", new LedgerInput.Resume("ann", null))); break;
            case 11: await TryAsync("pause all", () => _bench.All(new MaintenanceInput.Pause("ann", null, _random.Next(2) == 0 ? null : Now.AddMinutes(_random.Next(1, 500))))); break;
            case 12: await TryAsync("resume all", () => _bench.All(new MaintenanceInput.Resume("ann", null))); break;
            case 13: Note($"the engine is full {_bench.DispatchFailures = _random.Next(1, 50)} times"); break;
            case 14: await (_random.Next(2) == 0 ? RefuseAsync() : AskAsync(id)); break;
            default: EndRuns(_random.Next(1, 20)); break;
        }
    }

    // Whatever went wrong goes right again: a service that runs for a while.
    private async Task SettleAsync()
    {
        Note("settles");
        _bench.Journal.Left = long.MaxValue;
        _bench.DispatchFailures = _bench.Journal.Refusals = _bench.Journal.LostAnswers = 0;
        await _bench.All(new MaintenanceInput.Resume("ann", null));
        for (var round = 0; round < 4; round++)
        {
            EndRuns(int.MaxValue);
            await PassAsync(3);
        }
    }

    private async Task PassAsync(int minutes)
    {
        Note($"{minutes} min pass");
        var end = Now.AddMinutes(minutes);
        while (Now < end)
        {
            var next = Now.AddMinutes(20);
            await _bench.PassTo(Text(next < end ? next : end));
            await TryAsync(null, _bench.Watch);
        }
    }

    // The process dies at one of its next writes, or between them; another comes later.
    private async Task KillAsync(int writes, int minutesLater)
    {
        Note($"killed after {writes} writes, back {minutesLater} min later");
        _bench.Journal.Left = writes;
        _bench.Journal.IsWrittenAtTheEnd = _random.Next(2) == 0;
        await PassAsync(_random.Next(1, 60));
        _bench.Restart();
        _bench.Journal.Left = long.MaxValue;
        _bench.Clock.AdvanceTo(Now.AddMinutes(minutesLater));
        await ApplyAsync();
    }

    private async Task SleepAsync(int minutes)
    {
        Note($"the machine sleeps for {minutes} min");
        await _bench.SleepTo(Text(Now.AddMinutes(minutes)));
        await TryAsync(null, _bench.Watch);
    }

    private async Task SetClockAsync(int minutes)
    {
        Note($"the clock is set by {minutes} min");
        _bench.Clock.SetWallClock(Now.AddMinutes(minutes));
        await TryAsync(null, _bench.Watch);
    }

    private async Task EditAsync(string id, ScheduleDefinition? schedule)
    {
        Note(schedule is null ? $"{id} is deleted" : $"{id} is {schedule.Cron} {schedule.Timezone} {(schedule.Enabled ? "on" : "off")} {schedule.Overlap} {schedule.Catchup.Policy}");
        _schedules[id] = schedule;
        await ApplyAsync();
    }

    private async Task RefuseAsync()
    {
        var (appends, written) = (_random.Next(1, 4), _random.Next(2) == 0);
        Note($"the disk refuses {appends} appends{(written ? " that it made" : "")}");
        if (written) _bench.Journal.LostAnswers = appends;
        else _bench.Journal.Refusals = appends;
        await PassAsync(_random.Next(1, 60));
    }

    private Task AskAsync(string id) => TryAsync($"a run of {id} is asked for", () => _bench.Ask($"nightly/{id}", string.Create(CultureInfo.InvariantCulture, $"ask-{_asked++ / 2}")));

    private void EndRuns(int count)
    {
        var open = Math.Min(count, _bench.Runs.Count - _ended);
        if (count < int.MaxValue) Note($"{open} runs end");
        for (; open > 0; open--)
        {
            _told.Follow(() => _bench.End(_bench.Runs[_ended++]));
        }
    }

    private async Task ApplyAsync()
    {
        WorkflowDefinition[] all = [Workflow("nightly", [.. _schedules.Values.OfType<ScheduleDefinition>()])];
        // The service tries until it succeeds.
        for (var attempt = 0; attempt < 10; attempt++)
        {
            try { if (await _bench.Apply(all)) return; }
            catch (Exception e) when (e is AggregateException or Engine.Journal.JournalUnavailableException) { }
        }
        throw new InvalidOperationException("The schedules cannot be brought in line.");
    }

    // Where a write fails, the person is told and may try again; nothing else may be different.
    private async Task TryAsync(string? what, Func<Task> act)
    {
        if (what is not null) Note(what);
        try { await act(); }
        catch (Engine.Journal.JournalUnavailableException) { }
    }

    private ScheduleDefinition Any(string id) => Schedule(id, s_rules[_random.Next(s_rules.Length)], s_zones[_random.Next(s_zones.Length)], _random.Next(6) > 0) with
    {
        Overlap = (OverlapRule)_random.Next(4),
        Catchup = new((CatchUpPolicy)_random.Next(3)) { Window = _random.Next(2) == 0 ? null : TimeSpan.FromMinutes(_random.Next(1, 600)), Max = _random.Next(1, 20) },
    };

    private void Note(string what) => Steps.Add($"{Now:MM-dd HH:mm:ss} {what}");

    private static string Text(DateTimeOffset at) => at.ToString("O", CultureInfo.InvariantCulture);

    // Of due times that a clock that was ahead started, in between, only the first and the last of each unbroken series are known once other terms were in force. The run is one all the same.
    private bool WasForgotten(RunId run)
    {
        var stream = _bench.Journal.Events.First(e => e.Event is ScheduleStarts s && s.RunId == run).Stream;
        var between = _bench.Journal.Events.Where(e => e.Stream == stream).SkipWhile(e => e.Event is not ScheduleStarts s || s.RunId != run).Skip(1).TakeWhile(e => e.Event is not ScheduleStarts s || s.RunId != run);
        var changes = between.Select(e => e.Event).OfType<ScheduleUpdated>().Select(u => u.Change).ToHashSet();
        return changes.Contains(ScheduleChange.Rearmed) && (changes.Contains(ScheduleChange.Changed) || changes.Contains(ScheduleChange.Enabled));
    }

    // The ledger that has it, from a little before.
    private string StreamOf(RunId run)
    {
        var at = _bench.Journal.Events.First(e => e.Event is ScheduleStarts s && s.RunId == run || e.Event is ScheduleRunRequested r && r.RunId == run);
        var entries = _bench.Journal.Events.Where(e => e.Stream == at.Stream).Zip(_bench.Ledger(at.Stream.ToString()), (e, text) => $"     {e.Seq} {e.Time:MM-dd HH:mm:ss} {text} {(at.Event is ScheduleStarts ? "" : e.Event)}").ToList();
        return string.Join('\n', entries.Skip((int)Math.Max(0, at.Seq - 5)).Take(60));
    }

    // What follows of an end is done in a turn of its own: here, before anything else, or no two lives would be the same.
    private sealed class TurnContext : SynchronizationContext
    {
        private readonly Queue<Action> _turns = [];

        public override void Post(SendOrPostCallback d, object? state) => _turns.Enqueue(() => d(state));

        public void Follow(Action act)
        {
            var before = Current;
            SetSynchronizationContext(this);
            try
            {
                act();
                while (_turns.TryDequeue(out var turn)) turn();
            }
            finally { SetSynchronizationContext(before); }
        }
    }

    /// <summary>What does not hold, a sentence each.</summary>
    public IEnumerable<string> Faults()
    {
        var zones = new ScheduleZones();
        var starts = new List<RunId>();
        foreach (var stream in _bench.Journal.Events.Select(e => e.Stream).Distinct())
        {
            var events = _bench.Journal.Events.Where(e => e.Stream == stream).ToList();
            if (!events.Select(e => e.Seq).SequenceEqual(Enumerable.Range(1, events.Count).Select(n => (long)n))) yield return $"{stream}: its numbers have a gap";
            if (stream.PartsOf("schedule") is { } schedule && events.Any(e => e.Event is ScheduleEvent))
            {
                var audit = new LedgerAudit(zones.TimesOf);
                foreach (var e in events) audit.Take(e);
                // A clock that was set back has entries for times to come; the bound on how far is a rule of its own.
                audit.Finish(Now.AddMinutes(-1));
                foreach (var difference in audit.Differences) yield return $"{stream}: {difference}";
                starts.AddRange(events.Select(e => e.Event).OfType<ScheduleStarts>().Select(e => e.RunId));
            }
            else if (stream.PartsOf("manual") is not null)
            {
                var audit = new ManualAudit();
                foreach (var e in events) audit.Take(e);
                audit.Finish(Now);
                foreach (var difference in audit.Differences) yield return $"{stream}: {difference}";
                starts.AddRange(audit.Started);
            }
        }
        if (starts.GroupBy(r => r).FirstOrDefault(g => g.Count() > 1 && !WasForgotten(g.Key)) is { } twice) yield return $"run {twice.Key} was started {twice.Count()} times:\n{StreamOf(twice.Key)}";
        var dispatched = _bench.Runs.Select(r => r.RunId).ToHashSet();
        var refused = _bench.Journal.Events.Select(e => e.Event).OfType<ScheduleFailed>().Select(e => e.RunId).ToHashSet();
        foreach (var both in refused.Where(dispatched.Contains)) yield return $"run {both} came, though its ledger says that it was refused";
        foreach (var missing in starts.Where(r => !refused.Contains(r) && !dispatched.Contains(r))) yield return $"run {missing} is in a ledger and never came:\n{StreamOf(missing)}";
        foreach (var made in dispatched.Where(r => !starts.Contains(r))) yield return $"run {made} came, and no ledger has it";
    }
}

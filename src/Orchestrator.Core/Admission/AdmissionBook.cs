using System.Diagnostics.CodeAnalysis;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;

namespace Orchestrator.Core.Admission;

/// <summary>What bounds the admission of runs.</summary>
/// <param name="MaxRunning">Most runs that have a place at once.</param>
/// <param name="MaxOfTenant">Most places that one tenant's runs may have.</param>
/// <param name="RunsPerSecond">Runs admitted each second; null: no limit.</param>
/// <param name="Burst">Seconds' worth of runs that may be admitted at once after a lull.</param>
/// <param name="RateOf">Runs of a tenant that are admitted each second; null: no limit.</param>
internal sealed record AdmissionRules(int MaxRunning, int MaxOfTenant, double? RunsPerSecond, double Burst, Func<string, double?> RateOf);

/// <summary>
/// Decides which accepted run starts next, and when: places, priorities, tenants' turns and shares, rates, earliest starts and concurrency groups. A run
/// that waits holds nothing and delays no run that could start. Time comes in with each question; the answers are a run, the time until there may be
/// another, and the runs that are to end in favour of others.
/// </summary>
internal sealed class AdmissionBook(AdmissionRules rules)
{
    private const int ManyTenants = 1_000;

    private readonly List<(Ticket Ticket, Ticket By)> _superseded = [];
    private readonly WaitingLine _line = new();
    private readonly SortedSet<Ticket> _waiting = new(Ticket.ByAge);
    private readonly SortedSet<Ticket> _early = new(Ticket.ByAge);
    private readonly SortedSet<(double Until, string Name, TenantPlaces Tenant)> _withoutToken = new(Comparer<(double Until, string Name, TenantPlaces)>.Create(
        (a, b) => a.Until.CompareTo(b.Until) is not 0 and var c ? c : string.CompareOrdinal(a.Name, b.Name)));
    private readonly Dictionary<string, TenantPlaces> _tenants = new(StringComparer.Ordinal);
    private readonly Dictionary<(string, string), RunGroup> _groups = [];
    private TokenBucket? _tokens;
    private int _manyTenants = ManyTenants;
    private int _places;
    private long _tickets;

    /// <summary>Accepted runs that have not been admitted.</summary>
    public int Waiting => _waiting.Count + _early.Count;

    /// <summary>Admitted runs that have not ended; paused ones are not among them.</summary>
    public int Running { get; private set; }

    /// <summary>Since when the run waits that has waited longest; runs before their earliest start do not count.</summary>
    public DateTimeOffset? Oldest => _waiting.Min?.Since;

    /// <summary>An accepted run wants to start.</summary>
    /// <param name="stateOf">The run as it is now.</param>
    public Ticket Add(RunId run, Func<RunState> stateOf, WorkflowCreated facts, Moment now)
    {
        var ticket = TicketFor(run, stateOf, facts, now);
        if (facts.NotBefore > now.Utc)
        {
            ticket.Standing = Standing.Early;
            _early.Add(ticket);
        }
        else Enter(ticket);
        return ticket;
    }

    /// <summary>A run that has been admitted by an earlier process goes on here, whatever the limits say now.</summary>
    public Ticket Resume(RunId run, Func<RunState> stateOf, Moment now)
    {
        var ticket = TicketFor(run, stateOf, stateOf().Created!, now);
        Admit(ticket);
        if (ticket.State.Status == RunStatus.Paused) GiveBack(ticket);
        return ticket;
    }

    /// <summary>Runs that are to end in favour of others, told once.</summary>
    public IReadOnlyList<(Ticket Ticket, Ticket By)> TakeSuperseded()
    {
        if (_superseded.Count == 0) return [];
        var told = _superseded.ToArray();
        _superseded.Clear();
        return told;
    }

    /// <summary>The next run to be started, if one may start now.</summary>
    /// <param name="now">Both clocks.</param>
    /// <param name="next">Its ticket.</param>
    /// <param name="wait">Where none may, the time until that could have changed by itself; null: only an event changes it.</param>
    public bool TryNext(Moment now, [NotNullWhen(true)] out Ticket? next, out TimeSpan? wait)
    {
        wait = null;
        EnterDue(now);
        ReleaseTenants(now);
        while (Candidate() is { } ticket)
        {
            if (TokensAt(now) is { } tokens && tokens.Wait(now.MonotonicMs) is var rate && rate > TimeSpan.Zero)
            {
                wait = rate;
                break;
            }
            if (ticket.State.IsTerminal) Leave(ticket);   // its end is on the way to the journal
            else if (IsHeld(ticket, now)) _line.Review(ticket.Tenant);
            else if (ticket.Group is { } group && !group.HasRoomFor(ticket)) Conflict(ticket, group);
            else
            {
                _tokens?.Take();
                ticket.Tenant.Tokens?.Take();
                _line.Take(ticket);
                _waiting.Remove(ticket);
                Admit(ticket);
                next = ticket;
                return true;
            }
        }
        next = null;
        if (_early.Min is { } first) wait = Earlier(wait, first.Since - now.Utc);
        if (_withoutToken.Count > 0) wait = Earlier(wait, TimeSpan.FromMilliseconds(_withoutToken.Min.Until - now.MonotonicMs));
        return false;
    }

    /// <summary>
    /// What a turn did to a run's status. A paused run gives its place back; one that goes on takes one again at once, beyond the limit if there
    /// is none. Its concurrency group stays taken.
    /// </summary>
    public void StatusChanged(Ticket ticket, RunStatus before, RunStatus after)
    {
        if (before == after || ticket.Standing != Standing.Admitted) return;
        if (after == RunStatus.Paused) GiveBack(ticket);
        else if (before == RunStatus.Paused && after == RunStatus.Running) TakePlace(ticket);
    }

    /// <summary>The run has ended, or is not held here any more.</summary>
    public void Leave(Ticket ticket)
    {
        if (ticket.HasLeft) return;
        ticket.HasLeft = true;
        var was = ticket.Standing;
        Withdraw(ticket);
        if (was == Standing.Admitted) GiveBack(ticket);
        ticket.Tenant.OpenRuns--;
        if (ticket.Group is not { } group) return;
        group.Started.Remove(ticket);
        if (--group.Members == 0) _groups.Remove(group.Key);
        else if (was is Standing.Admitted or Standing.InLine) Wake(group);
    }

    private static TimeSpan Earlier(TimeSpan? one, TimeSpan other) => one is { } first && first < other ? first : other;

    private TokenBucket? TokensAt(Moment now) => rules.RunsPerSecond is { } rate ? _tokens ??= new(rate, rules.Burst, now.MonotonicMs) : null;

    private Ticket TicketFor(RunId run, Func<RunState> stateOf, WorkflowCreated facts, Moment now)
    {
        if (!_tenants.TryGetValue(facts.TenantId, out var tenant))
        {
            ForgetIdleTenants(now);
            var tokens = rules.RateOf(facts.TenantId) is { } rate ? new TokenBucket(rate, rules.Burst, now.MonotonicMs) : null;
            _tenants.Add(facts.TenantId, tenant = new(facts.TenantId, tokens));
        }
        tenant.OpenRuns++;
        RunGroup? group = null;
        if (facts.ConcurrencyGroup is { } name)
        {
            if (!_groups.TryGetValue((facts.TenantId, name), out group)) _groups.Add((facts.TenantId, name), group = new(facts.TenantId, name));
            group.Members++;
        }
        return new(run, stateOf, facts, tenant, group, ++_tickets);
    }

    private Ticket? Candidate() => _line.TryPeek(placeless: _places >= rules.MaxRunning, out var next) ? next : null;

    private void EnterDue(Moment now)
    {
        while (_early.Min is { } first && first.Since <= now.Utc)
        {
            _early.Remove(first);
            Enter(first);
        }
    }

    private void Enter(Ticket ticket)
    {
        ticket.Standing = Standing.Outside;
        if (ticket.Group is { } group)
        {
            if (ticket.OnConflict == OnConflict.CancelRunning) MakeRoom(group, ticket);
            if (!group.HasRoomFor(ticket))
            {
                if (MayNotWait(ticket, group))
                {
                    Supersede(ticket, group.Started.Min!);
                    return;
                }
                group.PutBehind(ticket);
            }
            group.Waiting.Add(ticket);
        }
        _waiting.Add(ticket);
        if (ticket.Standing != Standing.BehindGroup) PutInLine(ticket);
        else Wake(ticket.Group!);   // those it superseded may have stood before others that fit
    }

    private static bool MayNotWait(Ticket ticket, RunGroup group) => ticket.OnConflict == OnConflict.Skip && !group.Started.Any(ticket.Repeats);

    private void PutInLine(Ticket ticket)
    {
        ticket.Standing = Standing.InLine;
        _line.Add(ticket);
    }

    /// <summary>It was its turn, but its group has filled since it got in line.</summary>
    private void Conflict(Ticket ticket, RunGroup group)
    {
        if (MayNotWait(ticket, group)) Supersede(ticket, group.Started.Min!);
        else
        {
            _line.Remove(ticket);
            group.PutBehind(ticket);
        }
        Wake(group);   // who allows more at once may still fit
    }

    /// <summary>Ends as many older runs of the group as it takes for the newcomer to fit: waiting ones first, then the oldest that run.</summary>
    private void MakeRoom(RunGroup group, Ticket newcomer)
    {
        var standing = group.Started.Count(t => !t.IsEnding && !newcomer.Repeats(t)) + group.Waiting.Count;
        while (standing >= newcomer.Most && group.Waiting.Min is { } waiting)
        {
            Supersede(waiting, newcomer);
            standing--;
        }
        foreach (var started in group.Started)
        {
            if (standing < newcomer.Most) break;
            if (started.IsEnding || newcomer.Repeats(started)) continue;
            Supersede(started, newcomer);
            standing--;
        }
    }

    private void Supersede(Ticket ticket, Ticket by)
    {
        ticket.IsSuperseded = true;
        if (ticket.Standing != Standing.Admitted) Withdraw(ticket);
        _superseded.Add((ticket, by));
    }

    private void Withdraw(Ticket ticket)
    {
        if (ticket.Standing == Standing.Early) _early.Remove(ticket);
        if (ticket.Standing == Standing.InLine) _line.Remove(ticket);
        if (ticket.Standing == Standing.BehindGroup) ticket.Group!.TakeFromBehind(ticket);
        ticket.Group?.Waiting.Remove(ticket);
        _waiting.Remove(ticket);
        ticket.Standing = Standing.Outside;
    }

    private void Admit(Ticket ticket)
    {
        ticket.Standing = Standing.Admitted;
        TakePlace(ticket);
        if (ticket.Group is not { } group) return;
        group.Waiting.Remove(ticket);
        group.Started.Add(ticket);
        Wake(group);
    }

    private void Wake(RunGroup group)
    {
        if (!group.TryPeekBehind(out var next)) return;
        group.TakeFromBehind(next);
        PutInLine(next);
    }

    private void TakePlace(Ticket ticket)
    {
        if (ticket.HasPlace) return;
        ticket.HasPlace = true;
        Running++;
        if (!ticket.NeedsPlace) return;
        _places++;
        ticket.Tenant.Places++;
    }

    private void GiveBack(Ticket ticket)
    {
        if (!ticket.HasPlace) return;
        ticket.HasPlace = false;
        Running--;
        if (!ticket.NeedsPlace) return;
        _places--;
        ticket.Tenant.Places--;
        if (!ticket.Tenant.HasItsShare) return;
        ticket.Tenant.HasItsShare = ticket.Tenant.Places >= rules.MaxOfTenant;
        _line.Review(ticket.Tenant);
    }

    private bool IsHeld(Ticket ticket, Moment now)
    {
        if (ticket.NeedsPlace && ticket.Tenant.Places >= rules.MaxOfTenant) return ticket.Tenant.HasItsShare = true;
        if (ticket.Tenant.Tokens is not { } tokens || tokens.Wait(now.MonotonicMs) is not { Ticks: > 0 } wait) return false;
        ticket.Tenant.IsOutOfTokens = true;
        _withoutToken.Add((now.MonotonicMs + wait.TotalMilliseconds, ticket.Tenant.Name, ticket.Tenant));
        return true;
    }

    private void ReleaseTenants(Moment now)
    {
        while (_withoutToken.Count > 0 && _withoutToken.Min is var first && first.Until <= now.MonotonicMs)
        {
            _withoutToken.Remove(first);
            first.Tenant.IsOutOfTokens = false;
            _line.Review(first.Tenant);
        }
    }

    private void ForgetIdleTenants(Moment now)
    {
        if (_tenants.Count < _manyTenants) return;
        foreach (var tenant in _tenants.Values.Where(t => t.IsIdle(now.MonotonicMs)).ToArray()) _tenants.Remove(tenant.Name);
        _manyTenants = Math.Max(ManyTenants, 2 * _tenants.Count);
    }
}

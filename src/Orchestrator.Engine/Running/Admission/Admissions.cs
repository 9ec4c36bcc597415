using System.Diagnostics.CodeAnalysis;
using Orchestrator.Core;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;

namespace Orchestrator.Engine.Running.Admission;

/// <summary>
/// Decides which accepted run starts next, and when: places, priorities, tenants' turns and shares, rates, earliest starts and concurrency
/// groups. A run that waits holds nothing and keeps nobody waiting who could start. Belongs to the loop.
/// </summary>
internal sealed class Admissions
{
    private const int ManyTenants = 1_000;

    private readonly RunEngineOptions _options;
    private readonly TimeProvider _clock;
    private readonly Action<OpenRun, RunInput> _deliver;
    private readonly AdmissionTimer _timer;
    private readonly TokenBucket? _tokens;
    private readonly int _share;
    private readonly WaitingLine _line = new();
    private readonly SortedSet<Ticket> _waiting = new(Ticket.ByAge);
    private readonly SortedSet<Ticket> _early = new(Ticket.ByAge);
    private readonly SortedSet<(long Until, string Name, TenantPlaces Tenant)> _withoutToken = new(Comparer<(long Until, string Name, TenantPlaces)>.Create(
        (a, b) => a.Until.CompareTo(b.Until) is not 0 and var c ? c : string.CompareOrdinal(a.Name, b.Name)));
    private readonly Dictionary<string, TenantPlaces> _tenants = new(StringComparer.Ordinal);
    private readonly Dictionary<(string, string), RunGroup> _groups = [];
    private int _manyTenants = ManyTenants;
    private int _places;
    private long _tickets;

    /// <param name="deliver">Gives a run an input.</param>
    public Admissions(RunEngineOptions options, TimeProvider clock, Action<LoopMessage> post, Action<OpenRun, RunInput> deliver)
    {
        (_options, _clock, _deliver) = (options, clock, deliver);
        _timer = new(clock, post);
        _tokens = options.Limits.RunsPerSecond is { } rate ? new(rate, options.Limits.Burst, clock) : null;
        _share = options.MaxRunningRuns - (options.MaxRunningRuns / RunEngineOptions.ReservedShare);
    }

    /// <summary>Accepted runs that have not been admitted.</summary>
    public int Waiting => _waiting.Count + _early.Count;

    /// <summary>Admitted runs that have not ended; paused ones are not among them.</summary>
    public int Running { get; private set; }

    /// <summary>Since when the run waits that has waited longest; runs before their earliest start do not count.</summary>
    public DateTimeOffset? Oldest => _waiting.Min?.Since;

    /// <summary>An accepted run wants to start.</summary>
    public void Add(OpenRun run, WorkflowCreated facts)
    {
        var ticket = TicketFor(run, facts);
        if (facts.NotBefore > _clock.GetUtcNow())
        {
            ticket.Standing = Standing.Early;
            _early.Add(ticket);
        }
        else Enter(ticket);
    }

    /// <summary>A run that has been admitted by an earlier process goes on here, whatever the limits say now.</summary>
    public void Resume(OpenRun run)
    {
        var ticket = TicketFor(run, run.State.Created!);
        Admit(ticket);
        if (run.State.Status == RunStatus.Paused) GiveBack(ticket);
    }

    /// <summary>The next run to be started, if one may start now. Otherwise the loop is woken when that could have changed with time.</summary>
    public bool TryNext([NotNullWhen(true)] out OpenRun? run)
    {
        EnterDue();
        ReleaseTenants();
        while (Candidate() is { } ticket)
        {
            if (_tokens is not null && _tokens.Wait() is var wait && wait > TimeSpan.Zero)
            {
                _timer.Within(wait);
                break;
            }
            if (ticket.Run.State.IsTerminal) Leave(ticket.Run);   // its end is on the way to the journal
            else if (IsHeld(ticket)) _line.Review(ticket.Tenant);
            else if (ticket.Group is { } group && !group.HasRoomFor(ticket)) Conflict(ticket, group);
            else
            {
                _tokens?.Take();
                ticket.Tenant.Tokens?.Take();
                _line.Take(ticket);
                _waiting.Remove(ticket);
                Admit(ticket);
                run = ticket.Run;
                return true;
            }
        }
        run = null;
        if (_early.Min is { } first) _timer.Within(first.Since - _clock.GetUtcNow());
        if (_withoutToken.Count > 0) _timer.Within(_clock.GetElapsedTime(_clock.GetTimestamp(), _withoutToken.Min.Until));
        return false;
    }

    /// <summary>The timer has rung.</summary>
    public void Due() => _timer.Rang();

    /// <summary>
    /// What a turn did to a run's status. A paused run gives its place back; one that goes on takes one again at once, beyond the limit if there
    /// is none. Its concurrency group stays taken.
    /// </summary>
    public void StatusChanged(OpenRun run, RunStatus before, RunStatus after)
    {
        if (before == after || run.Ticket is not { Standing: Standing.Admitted } ticket) return;
        if (after == RunStatus.Paused) GiveBack(ticket);
        else if (before == RunStatus.Paused && after == RunStatus.Running) TakePlace(ticket);
    }

    /// <summary>The run has ended, or is not held here any more.</summary>
    public void Leave(OpenRun run)
    {
        if (run.Ticket is not { } ticket) return;
        run.Ticket = null;
        var was = ticket.Standing;
        Withdraw(ticket);
        if (was == Standing.Admitted) GiveBack(ticket);
        ticket.Tenant.OpenRuns--;
        if (ticket.Group is not { } group) return;
        group.Started.Remove(ticket);
        if (--group.Members == 0) _groups.Remove(group.Key);
        else if (was is Standing.Admitted or Standing.InLine) Wake(group);
    }

    public void Stop() => _timer.Stop();

    private Ticket TicketFor(OpenRun run, WorkflowCreated facts)
    {
        if (!_tenants.TryGetValue(facts.TenantId, out var tenant))
        {
            ForgetIdleTenants();
            var tokens = _options.Limits.Of(facts.TenantId) is { } rate ? new TokenBucket(rate, _options.Limits.Burst, _clock) : null;
            _tenants.Add(facts.TenantId, tenant = new(facts.TenantId, tokens));
        }
        tenant.OpenRuns++;
        RunGroup? group = null;
        if (facts.ConcurrencyGroup is { } name)
        {
            if (!_groups.TryGetValue((facts.TenantId, name), out group)) _groups.Add((facts.TenantId, name), group = new(facts.TenantId, name));
            group.Members++;
        }
        return run.Ticket = new(run, facts, tenant, group, ++_tickets);
    }

    private Ticket? Candidate() => _line.TryPeek(placeless: _places >= _options.MaxRunningRuns, out var next) ? next : null;

    private void EnterDue()
    {
        if (_early.Count == 0) return;
        var now = _clock.GetUtcNow();
        while (_early.Min is { } first && first.Since <= now)
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
        _deliver(ticket.Run, new RunInput.Cancel($"run {by.Run.Id} of group '{by.Group!.Name}'", CancelReason.Superseded));
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
        ticket.Tenant.HasItsShare = ticket.Tenant.Places >= _share;
        _line.Review(ticket.Tenant);
    }

    private bool IsHeld(Ticket ticket)
    {
        if (ticket.NeedsPlace && ticket.Tenant.Places >= _share) return ticket.Tenant.HasItsShare = true;
        if (ticket.Tenant.Tokens is not { } tokens || tokens.Wait() is not { Ticks: > 0 } wait) return false;
        ticket.Tenant.IsOutOfTokens = true;
        _withoutToken.Add((_clock.GetTimestamp() + (long)Math.Ceiling(wait.TotalSeconds * _clock.TimestampFrequency), ticket.Tenant.Name, ticket.Tenant));
        return true;
    }

    private void ReleaseTenants()
    {
        if (_withoutToken.Count == 0) return;
        var now = _clock.GetTimestamp();
        while (_withoutToken.Count > 0 && _withoutToken.Min is var first && first.Until <= now)
        {
            _withoutToken.Remove(first);
            first.Tenant.IsOutOfTokens = false;
            _line.Review(first.Tenant);
        }
    }

    private void ForgetIdleTenants()
    {
        if (_tenants.Count < _manyTenants) return;
        foreach (var tenant in _tenants.Values.Where(t => t.IsIdle).ToArray()) _tenants.Remove(tenant.Name);
        _manyTenants = Math.Max(ManyTenants, 2 * _tenants.Count);
    }
}

using System.Diagnostics.CodeAnalysis;
using Orchestrator.Core.Definitions;

namespace Orchestrator.Core.Admission;

/// <summary>
/// Who goes next: the most urgent level; in it the tenant whose last turn is longest ago; of its runs the one with the smallest rank, then the
/// oldest. A level with waiting runs that was passed over <see cref="Patience"/> times goes first once, so that no run starves. Every step is
/// O(log n).
/// </summary>
internal sealed class WaitingLine
{
    public const int Levels = 4;

    /// <summary>The level of runs that another run's task waits for. They need no place, so the others are not passed over by them.</summary>
    public const int Children = 0;

    /// <summary>How often a waiting level is passed over in favour of a more urgent one before it has a turn.</summary>
    public const int Patience = 10;

    private readonly SortedSet<Lane>[] _turns = [new(Lane.ByTurn), new(Lane.ByTurn), new(Lane.ByTurn), new(Lane.ByTurn)];
    private readonly int[] _passed = new int[Levels];
    private long _turn;
    private long _lanes;

    /// <summary>The smaller the more urgent.</summary>
    public static int LevelOf(RunPriority priority) => priority switch { RunPriority.High => 1, RunPriority.Low => 3, _ => 2 };

    public void Add(Ticket ticket)
    {
        var lane = ticket.Tenant.Lanes[ticket.Level] ??= new(ticket.Tenant, ticket.Level, ++_lanes);
        lane.Tickets.Add(ticket);
        Offer(lane);
    }

    public void Remove(Ticket ticket)
    {
        var lane = ticket.Tenant.Lanes[ticket.Level]!;
        lane.Tickets.Remove(ticket);
        if (lane.Tickets.Count == 0) Withdraw(lane);
    }

    /// <summary>The next one; it stays in the line.</summary>
    /// <param name="placeless">Only runs that need no place.</param>
    public bool TryPeek(bool placeless, [NotNullWhen(true)] out Ticket? ticket)
    {
        var chosen = _turns[Children].Count > 0 ? Children : -1;
        for (var level = Children + 1; level < Levels && chosen != Children && !placeless; level++)
            if (_turns[level].Count > 0 && (chosen < 0 || _passed[level] >= Patience)) chosen = level;
        ticket = chosen < 0 ? null : _turns[chosen].Min!.Tickets.Min!;
        return ticket is not null;
    }

    /// <summary>The run has been admitted and leaves the line; its tenant's turn is over.</summary>
    public void Take(Ticket ticket)
    {
        var lane = ticket.Tenant.Lanes[ticket.Level]!;
        Withdraw(lane);
        lane.Tickets.Remove(ticket);
        lane.LastTurn = ++_turn;
        Offer(lane);
        if (ticket.Level == Children) return;
        _passed[ticket.Level] = 0;
        for (var level = ticket.Level + 1; level < Levels; level++) _passed[level] = _turns[level].Count > 0 ? _passed[level] + 1 : 0;
    }

    /// <summary>Whether a tenant gets turns has changed.</summary>
    public void Review(TenantPlaces tenant)
    {
        foreach (var lane in tenant.Lanes)
            if (lane is { IsHeld: true }) Withdraw(lane);
            else if (lane is not null) Offer(lane);
    }

    private void Offer(Lane lane)
    {
        if (lane.IsInTurn || lane.IsHeld || lane.Tickets.Count == 0) return;
        lane.IsInTurn = true;
        _turns[lane.Level].Add(lane);
    }

    private void Withdraw(Lane lane)
    {
        if (!lane.IsInTurn) return;
        _turns[lane.Level].Remove(lane);
        lane.IsInTurn = false;
    }
}

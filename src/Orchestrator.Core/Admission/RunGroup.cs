using System.Diagnostics.CodeAnalysis;

namespace Orchestrator.Core.Admission;

/// <summary>
/// A concurrency group of a tenant: who has started, and who waits. Each run goes by the <c>max</c> of its own definition: it starts while
/// fewer runs of the group than that have.
/// </summary>
internal sealed class RunGroup(string tenant, string name)
{
    // By their own max, because a run that allows more can start while one that allows less cannot. Almost always one entry.
    private readonly SortedDictionary<int, SortedSet<Ticket>> _behind = [];

    public (string Tenant, string Name) Key { get; } = (tenant, name);

    public string Name => Key.Name;

    /// <summary>Runs that have started and not ended, oldest first.</summary>
    public SortedSet<Ticket> Started { get; } = new(Ticket.ByAge);

    /// <summary>Waiting runs, in line or held back by the group, oldest first.</summary>
    public SortedSet<Ticket> Waiting { get; } = new(Ticket.ByAge);

    /// <summary>Runs that know of the group, early ones included.</summary>
    public int Members { get; set; }

    public bool HasRoomFor(Ticket ticket) => Started.Count < ticket.Most;

    public void PutBehind(Ticket ticket)
    {
        ticket.Standing = Standing.BehindGroup;
        if (!_behind.TryGetValue(ticket.Most, out var tickets)) _behind.Add(ticket.Most, tickets = new(Ticket.ByLevel));
        tickets.Add(ticket);
    }

    public void TakeFromBehind(Ticket ticket)
    {
        ticket.Standing = Standing.Outside;
        var tickets = _behind[ticket.Most];
        tickets.Remove(ticket);
        if (tickets.Count == 0) _behind.Remove(ticket.Most);
    }

    /// <summary>The next run held back by the group that may get in line: by priority, rank and age.</summary>
    public bool TryPeekBehind([NotNullWhen(true)] out Ticket? next)
    {
        next = null;
        foreach (var (most, tickets) in _behind)
            if (Started.Count < most && (next is null || Ticket.ByLevel.Compare(tickets.Min, next) < 0)) next = tickets.Min;
        return next is not null;
    }
}

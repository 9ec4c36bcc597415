namespace Orchestrator.Core.Admission;

/// <summary>What admission knows of a tenant.</summary>
internal sealed class TenantPlaces(string name, TokenBucket? tokens)
{
    public string Name { get; } = name;

    /// <summary>How often it may have runs admitted; null: as often as there are places.</summary>
    public TokenBucket? Tokens { get; } = tokens;

    /// <summary>Places its runs have.</summary>
    public int Places { get; set; }

    /// <summary>Open runs of any standing; without any it can be forgotten.</summary>
    public int OpenRuns { get; set; }

    /// <summary>It has as many places as one tenant may have: its runs that need one get no turns.</summary>
    public bool HasItsShare { get; set; }

    /// <summary>It has no token: none of its runs gets a turn.</summary>
    public bool IsOutOfTokens { get; set; }

    /// <summary>Nothing is lost when it is forgotten and met again.</summary>
    /// <param name="now">Milliseconds of the monotonic clock.</param>
    public bool IsIdle(double now) => OpenRuns == 0 && !IsOutOfTokens && (Tokens is null || Tokens.IsFull(now));

    /// <summary>Its waiting runs, by level.</summary>
    public Lane?[] Lanes { get; } = new Lane?[WaitingLine.Levels];
}

/// <summary>The runs of one tenant that wait in one level.</summary>
internal sealed class Lane(TenantPlaces tenant, int level, long number)
{
    public TenantPlaces Tenant { get; } = tenant;

    public int Level { get; } = level;

    /// <summary>Whether its runs get turns at all now.</summary>
    public bool IsHeld => Tenant.IsOutOfTokens || (Tenant.HasItsShare && Level != WaitingLine.Children);

    public SortedSet<Ticket> Tickets { get; } = new(Ticket.ByRank);

    /// <summary>When it had its last turn, counted in turns; 0: never.</summary>
    public long LastTurn { get; set; }

    /// <summary>Whether it stands among the lanes that get turns.</summary>
    public bool IsInTurn { get; set; }

    /// <summary>The one whose last turn is longest ago first.</summary>
    public static readonly IComparer<Lane> ByTurn = Comparer<Lane>.Create((a, b) => a.LastTurn.CompareTo(b.LastTurn) is not 0 and var c ? c : a._number.CompareTo(b._number));

    private readonly long _number = number;
}

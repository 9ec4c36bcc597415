using System.Collections.Immutable;

namespace Orchestrator.Engine.Journal;

/// <summary>What writes below a data directory. A worker whose journal cannot be written takes no work; the others only delay what they are for.</summary>
internal enum StoragePart
{
    /// <summary>The write-ahead log: nothing may happen that is not in it.</summary>
    Journal,

    /// <summary>Folders of finished runs: their events stay in the journal's segments.</summary>
    Archive,

    /// <summary>The order of all events, for subscribers and delivering sinks: they wait.</summary>
    Feed,

    /// <summary>Reports of finished runs: written at the next start.</summary>
    Reports,
}

/// <summary>A part that cannot be written.</summary>
/// <param name="Since">The first write refused.</param>
/// <param name="Reason">What the last refused write met, for people.</param>
internal sealed record StorageTrouble(StoragePart Part, DateTimeOffset Since, string Reason);

/// <summary>
/// Which parts of the data directory can be written, from their last writes. Safe to call from any thread; costs nothing while all is well.
/// </summary>
internal sealed class StorageHealth(TimeProvider clock)
{
    private readonly Lock _gate = new();
    private volatile ImmutableSortedDictionary<StoragePart, StorageTrouble> _troubles = ImmutableSortedDictionary<StoragePart, StorageTrouble>.Empty;

    /// <summary>A part has begun to fail, or works again. Raised on the thread that wrote: take note and return.</summary>
    public event Action? Changed;

    public IEnumerable<StorageTrouble> Troubles => _troubles.Values;

    /// <summary>Why a part cannot be written; null when it can.</summary>
    public StorageTrouble? Of(StoragePart part) => _troubles.GetValueOrDefault(part);

    public void Refused(StoragePart part, string reason)
    {
        bool isNew;
        lock (_gate)
        {
            var known = Of(part);
            isNew = known is null;
            _troubles = _troubles.SetItem(part, new(part, known?.Since ?? clock.GetUtcNow(), reason));
        }
        if (isNew) Changed?.Invoke();
    }

    public void Accepted(StoragePart part)
    {
        if (!_troubles.ContainsKey(part)) return;
        lock (_gate) _troubles = _troubles.Remove(part);
        Changed?.Invoke();
    }
}

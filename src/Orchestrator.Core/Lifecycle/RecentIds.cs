using Orchestrator.Core.Runs;

namespace Orchestrator.Core.Lifecycle;

/// <summary>Ids of a stream's events. An event is most often caused by one of the last: the ids of those are kept.</summary>
internal sealed class RecentIds(StreamId stream)
{
    private const int Kept = 32;
    private (long Seq, Guid Id, string? Text)[]? _recent;

    public Guid Of(long seq)
    {
        _recent ??= new (long, Guid, string?)[Kept];
        ref var place = ref _recent[seq % Kept];
        if (place.Seq != seq) place = (seq, EventIds.Of(stream, seq), null);
        return place.Id;
    }

    public string TextOf(long seq)
    {
        var id = Of(seq);
        return _recent![seq % Kept].Text ??= id.ToString();
    }
}

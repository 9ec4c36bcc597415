using Orchestrator.Core.Triggers;

namespace Orchestrator.Engine.Triggers;

/// <summary>Refusals of one trigger: the first of a kind is written at once, what follows soon after it as one entry with its number, so that a flood fills no disk.</summary>
internal sealed class RejectionTally(TimeProvider clock, TimeSpan time)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Kind> _kinds = [];

    /// <summary>When something is to be written; null: nothing waits.</summary>
    public DateTimeOffset? DueAt
    {
        get
        {
            lock (_gate) return _kinds.Values.Where(k => k.Waiting > 0).Select(k => (DateTimeOffset?)(k.WrittenAt + time)).Min();
        }
    }

    /// <summary>What is to be written now; null: it is counted.</summary>
    public TriggerInput.Reject? Take(TriggerInput.Reject reject)
    {
        lock (_gate)
        {
            var now = clock.GetUtcNow();
            if (!_kinds.TryGetValue(reject.Reason, out var kind)) _kinds[reject.Reason] = kind = new();
            if (now - kind.WrittenAt < time && now >= kind.WrittenAt)
            {
                if (kind.Waiting++ == 0) kind.Since = now;
                kind.Last = reject;
                return null;
            }
            var (waiting, since) = (kind.Waiting, kind.Since);
            (kind.WrittenAt, kind.Waiting) = (now, 0);
            return waiting == 0 ? reject : reject with { DeliveryId = null, Count = waiting + 1, Since = since };
        }
    }

    /// <summary>What waits, to be written now.</summary>
    /// <param name="all">Also what is not due yet.</param>
    public IReadOnlyList<TriggerInput.Reject> Drain(bool all)
    {
        lock (_gate)
        {
            var now = clock.GetUtcNow();
            var due = new List<TriggerInput.Reject>();
            foreach (var kind in _kinds.Values)
            {
                if (kind.Waiting == 0 || !all && now - kind.WrittenAt < time) continue;
                due.Add(kind.Waiting == 1 ? kind.Last! : kind.Last! with { DeliveryId = null, Count = kind.Waiting, Since = kind.Since });
                (kind.WrittenAt, kind.Waiting) = (now, 0);
            }
            return due;
        }
    }

    private sealed class Kind
    {
        public DateTimeOffset WrittenAt { get; set; } = DateTimeOffset.MinValue;
        public DateTimeOffset Since { get; set; }
        public int Waiting { get; set; }
        public TriggerInput.Reject? Last { get; set; }
    }
}

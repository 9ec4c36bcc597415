using Orchestrator.Core.Runs;

namespace Orchestrator.Core.Triggers;

/// <summary>The entries one input leads to, folded onto the state as they are decided.</summary>
internal sealed class TriggerTurn(TriggerState state, TriggerContext context)
{
    private readonly List<RecordedEvent> _entries = [];
    private readonly StreamId _stream = StreamId.Trigger(context.Workflow, context.TriggerId);

    public TriggerState State { get; private set; } = state;

    public TriggerContext Context => context;

    public IReadOnlyList<RecordedEvent> Entries => _entries;

    public void Add(TriggerEvent entry)
    {
        var recorded = new RecordedEvent(_stream, State.Version + 1, context.Now, entry);
        _entries.Add(recorded);
        State = State.Apply(recorded);
    }

    public void Reject(string reason, string delivery, string? error) =>
        Add(new TriggerRejected(context.TriggerId, context.Workflow, reason) { DeliveryId = delivery, Error = error });
}

using Orchestrator.Core.Runs;
using Orchestrator.Engine.Running.Attempts;

namespace Orchestrator.Engine.Running;

/// <summary>A run that is not finished, as this process holds it. Belongs to the loop; others see only what does not change.</summary>
internal sealed class OpenRun(RunId id, RunState state, string baseDirectory)
{
    public RunId Id { get; } = id;

    public StreamId Stream { get; } = StreamId.Run(id);

    public RunState State { get; } = state;

    public string BaseDirectory { get; } = baseDirectory;

    public List<RunInput> Inbox { get; } = [];

    /// <summary>Events on their way into the journal. While there are any the run takes no turn.</summary>
    public IReadOnlyList<RecordedEvent>? Batch { get; set; }

    /// <summary>The run was adopted and its effects come from state, not from the batch.</summary>
    public bool EffectsFromState { get; set; }

    /// <summary>Already in the line of runs that want a slot, or in the list of runs with something to do.</summary>
    public bool IsStarved { get; set; }

    public bool IsDirty { get; set; }

    /// <summary>Waits for a place among the running runs.</summary>
    public bool IsInLine { get; set; }

    /// <summary>Counted among the running runs.</summary>
    public bool IsAdmitted { get; set; }

    /// <summary>Somebody else owns the run, or a fault stopped it here: nothing is decided for it any more.</summary>
    public bool IsDropped { get; set; }

    /// <summary>Since when its batch cannot be journaled; null while all is well.</summary>
    public long? RefusedSince { get; set; }

    /// <summary>Tasks with an attempt in flight or a retry waited for, by index.</summary>
    public Dictionary<int, TaskRunner> Runners { get; } = [];

    public List<ITimer> Timers { get; } = [];

    /// <summary>Callers whose input is in the inbox; they are told when what it decides is durable.</summary>
    public List<TaskCompletionSource<AnswerResult>> Asked { get; } = [];

    /// <summary>Callers whose input is in the batch.</summary>
    public List<TaskCompletionSource<AnswerResult>> Answered { get; } = [];

    public TaskCompletionSource<bool>? Accepted { get; set; }

    public List<TaskCompletionSource<WorkflowEnded>> Watchers { get; } = [];
}

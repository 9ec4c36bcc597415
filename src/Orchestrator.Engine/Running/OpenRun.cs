using Orchestrator.Core.Runs;
using Orchestrator.Engine.Running.Admission;
using Orchestrator.Engine.Journal;
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

    /// <summary>Takes note of its commits for the loop; made at the first.</summary>
    public ICommitListener? CommitNote { get; set; }

    /// <summary>The run was adopted and its effects come from state, not from the batch.</summary>
    public bool EffectsFromState { get; set; }

    /// <summary>Slots of pools that are counted as this run's; null: none ever.</summary>
    public Dictionary<string, int>? HeldInPools { get; set; }

    /// <summary>Already in the list of runs with something to do.</summary>
    public bool IsDirty { get; set; }

    /// <summary>Where it stands in admission; null before and after.</summary>
    public Ticket? Ticket { get; set; }

    /// <summary>Somebody else owns the run, or a fault stopped it here: nothing is decided for it any more.</summary>
    public bool IsDropped { get; set; }

    /// <summary>Since when its batch cannot be journaled; null while all is well.</summary>
    public long? RefusedSince { get; set; }

    /// <summary>Tasks with an attempt in flight or a retry waited for, by index.</summary>
    public Dictionary<int, TaskRunner> Runners { get; } = [];

    public List<ITimer> Timers { get; } = [];

    /// <summary>Callers whose input is in the inbox.</summary>
    public List<(RunInput Input, TaskCompletionSource<AnswerResult> Caller)> Asked { get; } = [];

    /// <summary>Callers whose input is in the batch; they are told when it is durable.</summary>
    public List<TaskCompletionSource<AnswerResult>> Answered { get; } = [];

    public TaskCompletionSource<bool>? Accepted { get; set; }

    public List<TaskCompletionSource<WorkflowEnded>> Watchers { get; } = [];

    /// <summary>The same id was submitted twice: the second caller hears of it when the first one's run is durable.</summary>
    public void TellToo(TaskCompletionSource<bool> second)
    {
        if (Accepted is not { Task.IsCompleted: false } first)
        {
            second.TrySetResult(true);
            return;
        }
        _ = first.Task.ContinueWith(
            t => { if (t.IsCompletedSuccessfully) second.TrySetResult(true); else second.TrySetException(t.Exception!.InnerExceptions); },
            CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    /// <summary>Whether an input changes anything now that its turn has come: others may have come before it. If not, whoever asked hears why.</summary>
    public bool Takes(RunInput input)
    {
        var asked = Asked.FindIndex(a => ReferenceEquals(a.Input, input));
        if (asked < 0) return true;
        var caller = Asked[asked].Caller;
        Asked.RemoveAt(asked);
        if (Answers.Refuse(State, input) is { } refusal)
        {
            caller.TrySetResult(new(refusal));
            return false;
        }
        Answered.Add(caller);
        return true;
    }

    /// <summary>Tells callers that what they said is durable, or needed nothing.</summary>
    public static void Acknowledge(List<TaskCompletionSource<AnswerResult>> callers)
    {
        foreach (var caller in callers) caller.TrySetResult(new(null));
        callers.Clear();
    }
}

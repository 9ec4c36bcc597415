using Orchestrator.Core.Admission;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Running.Attempts;

namespace Orchestrator.Engine.Running;

/// <summary>A run that is not finished, as this process holds it. Belongs to the loop; others see only what does not change.</summary>
internal sealed class OpenRun(RunId id, RunState state, string baseDirectory)
{
    public RunId Id { get; } = id;

    public StreamId Stream { get; } = StreamId.Run(id);

    /// <summary>What this process owns it by: see <see cref="IRunOwnership"/>.</summary>
    public long Epoch { get; init; }

    public RunState State { get; private set; } = state;

    /// <summary>Its state is being read from the journal again; until then it takes no turn.</summary>
    public bool IsRewinding { get; private set; }

    /// <summary>A batch could not be recorded and it is not known which input was the cause: they are taken one at a time.</summary>
    public bool IsSuspect { get; set; }

    /// <summary>How often an internal error ended it.</summary>
    public int Aborts { get; set; }

    /// <summary>Seq of the last event that is durable; 0: the run is not accepted yet.</summary>
    public long DurableVersion { get; set; } = state.Version;

    /// <summary>Inputs whose events are not durable yet.</summary>
    public List<RunInput> Deciding { get; } = [];

    public string BaseDirectory { get; } = baseDirectory;

    public List<RunInput> Inbox { get; } = [];

    /// <summary>Events on their way into the journal. While there are any the run takes no turn.</summary>
    public IReadOnlyList<RecordedEvent>? Batch { get; set; }

    /// <summary>Takes note of its commits for the loop; made at the first.</summary>
    public ICommitListener? CommitNote { get; set; }

    /// <summary>The run was adopted and its effects come from state, not from the batch.</summary>
    public bool EffectsFromState { get; set; }

    /// <summary>Already in the list of runs with something to do.</summary>
    public bool IsDirty { get; set; }

    /// <summary>Where it stands in admission; null before and after.</summary>
    public Ticket? Ticket { get; set; }

    /// <summary>Another process owns the run, or a fault stopped it here: no more decisions are made for it.</summary>
    public bool IsDropped { get; set; }

    /// <summary>Since when its batch cannot be journaled; null while all is well.</summary>
    public long? RefusedSince { get; set; }

    /// <summary>Tasks with an attempt in flight or a retry waited for, by index.</summary>
    public Dictionary<int, TaskRunner> Runners { get; } = [];

    public List<ITimer> Timers { get; } = [];

    /// <summary>Secret results of its tasks; attempts read and fill it too.</summary>
    public HeldSecrets Held { get; } = new();

    /// <summary>Callers whose input is in the inbox.</summary>
    public List<(RunInput Input, TaskCompletionSource<AnswerResult> Caller)> Asked { get; } = [];

    /// <summary>Callers whose input is in the batch; they get their answer when it is durable.</summary>
    public List<(RunInput Input, TaskCompletionSource<AnswerResult> Caller)> Answered { get; } = [];

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

    /// <summary>Decides on what is in the inbox; returns the input whose decision threw, after which nothing of this turn counts.</summary>
    public (RunInput Input, Exception Error)? Decide(Turn turn)
    {
        if (Inbox.Count == 0) Inbox.Add(new RunInput.Continue());
        var taken = 0;
        try
        {
            while (taken < Inbox.Count && (!IsSuspect || Deciding.Count == 0))
            {
                var input = Inbox[taken++];
                if (!Takes(input)) continue;
                Deciding.Add(input);
                turn.Take(input);
            }
            return null;
        }
        catch (Exception e) { return (Inbox[taken - 1], e); }
        finally { Inbox.RemoveRange(0, taken); }
    }

    /// <summary>Whether an input changes anything now that its turn has come: others may have come before it. If not, the caller gets the reason.</summary>
    private bool Takes(RunInput input)
    {
        var asked = Asked.FindIndex(a => ReferenceEquals(a.Input, input));
        if (asked < 0) return true;
        var refusal = Answers.Refuse(State, input);   // if it throws, its caller is still among those who asked
        var caller = Asked[asked].Caller;
        Asked.RemoveAt(asked);
        if (refusal is not null)
        {
            caller.TrySetResult(new(refusal));
            return false;
        }
        Answered.Add((input, caller));
        return true;
    }

    /// <summary>Forgets what was decided and is not durable; the inputs are to be decided on once more.</summary>
    /// <param name="inputs">The inputs, in their order.</param>
    public void Rewind(IReadOnlyCollection<RunInput> inputs)
    {
        (IsRewinding, Batch) = (true, null);
        Inbox.InsertRange(0, inputs);
        Asked.InsertRange(0, Answered);
        Deciding.Clear();
        Answered.Clear();
    }

    /// <summary>The state as the journal has it.</summary>
    public void Rewound(RunState state) => (State, IsRewinding) = (state, false);

    /// <summary>Tells the caller that its input is refused.</summary>
    public void Refuse(RunInput input, AnswerRefusal refusal)
    {
        foreach (var list in new[] { Asked, Answered })
        {
            var at = list.FindIndex(a => ReferenceEquals(a.Input, input));
            if (at < 0) continue;
            list[at].Caller.TrySetResult(new(refusal));
            list.RemoveAt(at);
        }
    }

    /// <summary>Tells everybody who waits for something of this run that it does not come from here.</summary>
    public void Tell(Exception why)
    {
        Accepted?.TrySetException(why);
        foreach (var watcher in Watchers) watcher.TrySetException(why);
        foreach (var (_, caller) in Asked.Concat(Answered)) caller.TrySetException(why);
    }

    /// <summary>Tells callers that what they said is durable, or needed nothing.</summary>
    public void Acknowledge()
    {
        foreach (var (_, caller) in Answered) caller.TrySetResult(new(null));
        Answered.Clear();
        Deciding.Clear();
    }
}

using Orchestrator.Core.Runs;

namespace Orchestrator.Engine.Running;

/// <summary>What reaches the loop. Everything that happens to any run arrives here, so nothing on the way needs a lock.</summary>
internal abstract record LoopMessage
{
    private LoopMessage() { }

    /// <summary>A new run, its definition already stored.</summary>
    public sealed record Submit(OpenRun Run, WorkflowCreated Facts, IReadOnlyList<TaskCompleted>? Reused = null) : LoopMessage;

    /// <summary>Runs of workers that are gone, folded and cleaned up after.</summary>
    public sealed record Adopt(IReadOnlyList<OpenRun> Runs, string Reason) : LoopMessage;

    /// <summary>An input for a run.</summary>
    public sealed record Deliver(OpenRun Run, RunInput Input) : LoopMessage;

    /// <summary>An input for a run known by its id; the answer is whether it is open here.</summary>
    public sealed record DeliverById(RunId Run, RunInput Input, TaskCompletionSource<bool> Answer) : LoopMessage;

    /// <summary>An answer or event from outside. The caller gets the answer once the decision is durable, or the reason why there is none.</summary>
    public sealed record Ask(RunId Run, RunInput Input, TaskCompletionSource<AnswerResult> Answer) : LoopMessage;

    /// <summary>An input of a run's own attempt, which goes on once what was decided is durable.</summary>
    public sealed record Decide(OpenRun Run, RunInput Input, TaskCompletionSource<AnswerResult> Answer) : LoopMessage;

    /// <summary>A run's batch is in the journal, or could not be put there.</summary>
    public sealed record Committed(OpenRun Run, Exception? Error) : LoopMessage;

    /// <summary>A run as the journal has it, for one whose turn failed; or why that cannot be read.</summary>
    public sealed record Rewound(OpenRun Run, RunState? State, Exception? Error) : LoopMessage;

    /// <summary>Try a refused batch again.</summary>
    public sealed record CommitAgain(OpenRun Run) : LoopMessage;

    /// <summary>The end of a run, for a waiting caller.</summary>
    public sealed record Watch(RunId Run, TaskCompletionSource<WorkflowEnded> Answer) : LoopMessage;

    /// <summary>Whether the loop still takes messages.</summary>
    public sealed record Ping(TaskCompletionSource Taken) : LoopMessage;

    /// <summary>Something that waiting runs wait for has come with time: a token, an earliest start.</summary>
    public sealed record AdmissionDue : LoopMessage;

    /// <summary>Start nothing more.</summary>
    public sealed record Drain(TaskCompletionSource Drained) : LoopMessage;

    /// <summary>An attempt of a run that is not held here any more has ended.</summary>
    public sealed record AttemptLeft : LoopMessage;

    /// <summary>Stop what is in flight so that it can be resumed.</summary>
    public sealed record Interrupt(string Reason) : LoopMessage;
}

using Orchestrator.Core.Runs;
using Orchestrator.Engine.Journal;

namespace Orchestrator.Engine.Running;

/// <summary>Hands batches of runs to the journal and posts the outcomes.</summary>
internal sealed class RunCommits(IRunJournal journal, Action<LoopMessage> post)
{
    public void Append(OpenRun run, IReadOnlyList<RecordedEvent> events)
    {
        run.Batch = events;
        try
        {
            journal.Append(run.Stream, events[0].Seq - 1, run.Epoch, events, BatchDurability.Of(events), run.CommitNote ??= new CommitNote(post, run));
        }
        catch (Exception e)   // whatever it is, it is this run's problem: the loop serves all of them
        {
            post(new LoopMessage.Committed(run, e));
        }
    }

    private sealed class CommitNote(Action<LoopMessage> post, OpenRun run) : ICommitListener
    {
        public void Committed(Exception? error) => post(new LoopMessage.Committed(run, error));
    }
}

using Orchestrator.Core.Runs;
using Orchestrator.Engine.Journal;

namespace Orchestrator.Engine.Running;

/// <summary>Hands batches of runs to the journal and posts what became of them.</summary>
internal sealed class RunCommits(IRunJournal journal, Action<LoopMessage> post)
{
    public void Append(OpenRun run, IReadOnlyList<RecordedEvent> events)
    {
        run.Batch = events;
        ValueTask append;
        try
        {
            if (journal is ITellingJournal telling)
            {
                telling.Append(run.Stream, events[0].Seq - 1, events, BatchDurability.Of(events), run.CommitNote ??= new CommitNote(post, run));
                return;
            }
            append = journal.AppendAsync(run.Stream, events[0].Seq - 1, events, BatchDurability.Of(events));
        }
        catch (Exception e)   // whatever it is, it is this run's problem: the loop serves all of them
        {
            post(new LoopMessage.Committed(run, e));
            return;
        }
        if (append.IsCompletedSuccessfully) post(new LoopMessage.Committed(run, null));
        else _ = ReportAsync(run, append.AsTask());
    }

    private async Task ReportAsync(OpenRun run, Task append)
    {
        Exception? error = null;
        try { await append.ConfigureAwait(false); }
        catch (Exception e) { error = e; }
        post(new LoopMessage.Committed(run, error));
    }

    private sealed class CommitNote(Action<LoopMessage> post, OpenRun run) : ICommitListener
    {
        public void Committed(Exception? error) => post(new LoopMessage.Committed(run, error));
    }
}

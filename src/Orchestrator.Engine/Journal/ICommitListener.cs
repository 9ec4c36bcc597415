namespace Orchestrator.Engine.Journal;

/// <summary>Hears how an append ended, on the thread that made it durable: it only takes note and returns at once.</summary>
public interface ICommitListener
{
    /// <summary>The append is as safe as asked.</summary>
    /// <param name="error">Why it is not; null: it is.</param>
    void Committed(Exception? error);
}

/// <summary>Tells a listener of an append that is a task.</summary>
internal static class CommitReport
{
    public static void Await(ValueTask append, ICommitListener listener)
    {
        if (append.IsCompletedSuccessfully) listener.Committed(null);
        else _ = TellAsync(append, listener);
    }

    private static async Task TellAsync(ValueTask append, ICommitListener listener)
    {
        Exception? error = null;
        try { await append.ConfigureAwait(false); }
        catch (Exception e) { error = e; }
        listener.Committed(error);
    }
}

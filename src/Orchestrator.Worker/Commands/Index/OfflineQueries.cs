using Orchestrator.Engine.Index;
using Orchestrator.Engine.Journal;
using Orchestrator.Worker.Hosting;

namespace Orchestrator.Worker.Commands.Index;

/// <summary>Questions that only the index answers: it is made or brought up to date first.</summary>
internal sealed class OfflineQueries
{
    private readonly IRunStore _store;
    private readonly OfflineIndex _index;

    private OfflineQueries(IRunStore store, OfflineIndex index) => (_store, _index) = (store, index);

    /// <param name="store">The data directory.</param>
    /// <param name="around">Where progress is shown.</param>
    /// <param name="quiet">Shows none.</param>
    public static OfflineQueries Of(IRunStore store, CommandContext around, bool quiet) =>
        new(store, new(store, around.Clock, static _ => { }) { Progress = IndexProgress.Of(around, quiet) });

    /// <exception cref="CommandFailure">The index cannot answer.</exception>
    public async Task<T> AskAsync<T>(Func<IndexDatabase, T> query, CancellationToken stop) where T : class
    {
        if (!Directory.Exists(_store.Place)) throw new CommandFailure(ExitCode.NotFound, $"There is no data directory {_store.Place}.", "--data names another.");
        try { return await _index.QueryAsync(query, stop); }
        catch (IndexUnusableException e)
        {
            throw new CommandFailure(ExitCode.Unavailable, $"{char.ToUpperInvariant(e.Message[0])}{e.Message[1..]}.", e.IsNewer
                ? "Use that version of the program, or `orchestrator journal index rebuild` to make the index anew."
                : "`orchestrator journal verify` looks for damage in the journal; the index is made of it.");
        }
    }
}

/// <summary>Shows on a terminal how many runs were read.</summary>
internal static class IndexProgress
{
    /// <returns>Told of the number now and then; null: nothing is shown.</returns>
    public static Action<int>? Of(CommandContext around, bool quiet) =>
        quiet || !around.IsTerminal ? null : runs => around.Error.Write($"\rindexing: {runs:N0} runs\e[K{(runs == 0 ? "\r\e[K" : "")}");
}

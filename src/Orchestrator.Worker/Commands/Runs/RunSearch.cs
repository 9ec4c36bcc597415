using Orchestrator.Core.Runs;
using Orchestrator.Core.Runs.View;
using Orchestrator.Engine.Index;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Queries;
using Orchestrator.Worker.Hosting;
using Orchestrator.Worker.Options;

namespace Orchestrator.Worker.Commands.Runs;

/// <summary>Finds the run that somebody means; see <see cref="RunName"/>.</summary>
internal sealed class RunSearch(Settings settings)
{
    public RunArchive Archive { get; } = new(settings.Store, IndexOf(settings.Store));

    // Where the index cannot say, the journal is read: a name needs no warning about that.
    private static Func<IRunIndex> IndexOf(IRunStore store)
    {
        var index = new OfflineIndex(store, TimeProvider.System, static _ => { });
        return () => index;
    }

    public static async Task<RunView> FindAsync(Settings settings, string text, CancellationToken stop)
    {
        var lookup = new RunSearch(settings);
        return await lookup.ViewAsync(text, stop);
    }

    /// <exception cref="CommandFailure">No run, or several, begin so.</exception>
    public async Task<RunView> ViewAsync(string text, CancellationToken stop)
    {
        var id = await IdAsync(text, stop);
        return await Archive.ViewAsync(id, stop) ?? throw Unknown(text);
    }

    /// <exception cref="CommandFailure">No run, or several, are meant.</exception>
    public async Task<RunId> IdAsync(string text, CancellationToken stop)
    {
        if (RunId.TryParse(text, out var whole)) return whole;
        var matches = RunName.IsPartOfId(text) ? await Archive.MatchAsync(text, stop) : [];
        if (matches.Count == 0 && RunName.TryParse(text, out var name)) return await NamedAsync(text, name, stop);
        return matches.Count switch
        {
            1 => matches[0],
            0 => throw Damaged() ?? (Exception)new CommandFailure(ExitCode.NotFound, $"'{text}' is not a run.", RunName.Help),
            _ => throw new CommandFailure(ExitCode.Usage, $"Several runs {(matches[0].ToString().StartsWith(text, StringComparison.OrdinalIgnoreCase) ? "begin" : "end")} with '{text}': {string.Join(", ", matches.Take(5))}{(matches.Count > 5 ? " and more" : "")}.", "Give more of the id."),
        };
    }

    private async Task<RunId> NamedAsync(string text, RunName name, CancellationToken stop)
    {
        var runs = await Archive.ListAsync(new(null, name.Workflow, name.Back + 1, Before: null), stop);
        if (runs.Count > name.Back) return runs[name.Back].RunId;
        if (Damaged() is { } damage) throw damage;
        if (runs.Count > 0) throw new CommandFailure(ExitCode.NotFound, $"'{text}' is further back than there are runs: {(name.Workflow is null ? "there are" : $"{name.Workflow} has")} {runs.Count}.", "`orchestrator runs` lists them.");
        throw RunName.IsPartOfId(text) ? Unknown(text)
            : new CommandFailure(ExitCode.NotFound, $"'{text}' is not a run{(name.Workflow is null ? "" : ", nor a workflow that has any")}.", RunName.Help);
    }

    private JournalCorruptException? Damaged() => Archive.Damage() is [var damage, ..] ? damage : null;

    // "There is none" would not be the truth while part of the journal cannot be read.
    private Exception Unknown(string text) => Damaged() ?? (Exception)new CommandFailure(
        ExitCode.NotFound, $"There is no run '{text}' in {settings.DataDirectory}.", "`orchestrator runs` lists them; --data names another data directory.");
}

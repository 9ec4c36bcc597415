using Orchestrator.Core.Runs;
using Orchestrator.Core.Runs.View;
using Orchestrator.Engine.Queries;
using Orchestrator.Worker.Hosting;
using Orchestrator.Worker.Options;

namespace Orchestrator.Worker.Commands.Runs;

/// <summary>Finds the run a user means: its id, or the beginning of it as long as only one run begins so.</summary>
internal sealed class RunSearch(Settings settings)
{
    private const int ShortestPrefix = 4;

    public RunArchive Archive { get; } = new(settings.Store);

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

    /// <exception cref="CommandFailure">No run, or several, begin so.</exception>
    public async Task<RunId> IdAsync(string text, CancellationToken stop)
    {
        if (RunId.TryParse(text, out var whole)) return whole;
        if (text.Length < ShortestPrefix || !text.All(c => char.IsAsciiHexDigit(c) || c == '-'))
            throw new CommandFailure(ExitCode.NotFound, $"'{text}' is not a run.", $"Give a run's id or at least its first {ShortestPrefix} characters; `orchestrator runs` lists them.");
        var matches = await Archive.MatchAsync(text, stop);
        return matches.Count switch
        {
            0 => throw Unknown(text),
            1 => matches[0],
            _ => throw new CommandFailure(ExitCode.Usage, $"Several runs begin with '{text}': {string.Join(", ", matches.Take(5))}{(matches.Count > 5 ? " and more" : "")}.", "Give more of the id."),
        };
    }

    // "There is none" would not be the truth while part of the journal cannot be read.
    private Exception Unknown(string text) => Archive.Damage() is [var damage, ..] ? damage : new CommandFailure(
        ExitCode.NotFound, $"There is no run '{text}' in {settings.DataDirectory}.", "`orchestrator runs` lists them; --data names another data directory.");
}

using Orchestrator.Core.Runs;
using Orchestrator.Engine.Files;
using Orchestrator.Engine.Journal.Jsonl.Feed;
using Orchestrator.Engine.Journal.Jsonl.Following;
using Orchestrator.Engine.Journal.Jsonl.Verifying;

namespace Orchestrator.Engine.Journal.Jsonl;

/// <summary>Runs kept in the files of a data directory. Making it touches no file. Safe from any thread.</summary>
public sealed class DataDirectory : IRunStore
{
    private readonly RunReader _runs;
    private readonly RunFiles _files;

    /// <summary>A data directory on this machine; only its owner may read what is made in it.</summary>
    public DataDirectory(string path) : this(new RunPaths(path)) { }

    internal DataDirectory(RunPaths paths, Action<string>? reached = null)
    {
        Paths = paths;
        _runs = new(paths);
        _files = new(paths);
        Definitions = new DefinitionStore(paths, reached);
        Mail = new RunMail(paths);
        Removal = new RunRemoval(paths, _runs);
        State = new(paths.Disk, paths.Root);
    }

    internal static DataDirectory At(string path, FileModes modes, Action<string>? reached) => new(new(path) { Disk = new() { Modes = modes } }, reached);

    /// <summary>The names in it, for the rest of this room.</summary>
    internal RunPaths Paths { get; }

    /// <inheritdoc/>
    public string Place => Paths.Root;

    /// <inheritdoc/>
    public IRunHistory Runs => _runs;

    /// <inheritdoc/>
    public IUnfinishedRuns Unfinished => _runs;

    /// <inheritdoc/>
    public IRunFiles Files => _files;

    /// <inheritdoc/>
    public IDefinitionStore Definitions { get; }

    /// <inheritdoc/>
    public IRunMail Mail { get; }

    /// <inheritdoc/>
    public IRunRemoval Removal { get; }

    /// <inheritdoc/>
    public StateFolder State { get; }

    /// <inheritdoc/>
    public IFeedRecords Told() => new FeedRecords(Paths, _runs);

    /// <inheritdoc/>
    public IEventWatch Watch(DateTimeOffset since, RunId? only = null) => new EventFollower(Paths, since, only);

    /// <summary>Reads all that the journal consists of and says where it is not as it was written. Changes nothing.</summary>
    public JournalVerified Verify(CancellationToken stop) => new JournalVerification(Paths).Run(stop);

    /// <summary>Moves what is damaged aside, keeps everything else, and says what is lost. No `serve` may have the directory.</summary>
    /// <param name="actor">Who asks for it, for the record.</param>
    /// <param name="clock">When it is done.</param>
    /// <param name="stop">Ends it between two folders.</param>
    public Task<JournalRepairResult> RepairAsync(string actor, TimeProvider clock, CancellationToken stop)
    {
        var told = new Dictionary<StreamId, long>();
        foreach (var record in FeedLog.Stored(Paths.Feed))
            if (record.LastSeq > told.GetValueOrDefault(record.Stream)) told[record.Stream] = record.LastSeq;
        return new JournalRepair(Paths, told, clock).RunAsync(actor, stop);
    }
}

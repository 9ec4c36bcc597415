using Orchestrator.Core.Runs;
using Orchestrator.Engine.Journal;

namespace Orchestrator.Engine.Tests.Scheduling;

/// <summary>
/// The journal in files as a life made of a seed needs it: what is asked for is done when the call returns, or no two lives would be the same; a kill leaves the files as they are, and the
/// next process opens those.
/// </summary>
internal sealed class FiledJournal : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("orc-history-");
    private JsonlRunJournal _journal;
    private int _life;

    public FiledJournal() => _journal = Open();

    /// <summary>How often it was opened again.</summary>
    public int Lives => _life;

    private string Folder => Path.Combine(_root.FullName, $"{_life}");

    public void Append(StreamId stream, long version, IReadOnlyList<RecordedEvent> events) =>
        Wait(async () =>
        {
            await _journal.AppendAsync(stream, version, 0, events, AppendDurability.Written);
            return true;
        });

    public List<RecordedEvent> Read(StreamId stream, long after) => Wait(async () =>
    {
        var events = new List<RecordedEvent>();
        await foreach (var e in _journal.ReadAsync(stream, after, CancellationToken.None)) events.Add(e);
        return events;
    });

    /// <summary>The process dies. What it would still have done to its files is not done to those that the next one opens.</summary>
    public void Kill()
    {
        var left = Folder;
        var (dead, files) = (_journal, Directory.GetFiles(left, "*", SearchOption.AllDirectories));
        _life++;
        foreach (var file in files.Where(f => Path.GetFileName(f) != "lock"))   // a dead process holds none
        {
            var copy = Path.Combine(Folder, Path.GetRelativePath(left, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
        _journal = Open();
        End(dead);
        Directory.Delete(left, recursive: true);
    }

    /// <summary>The process ends in peace, which archives what it can, and another one opens what it left.</summary>
    public void Reopen()
    {
        _journal.StartArchiving();
        End(_journal);
        _journal = Open();
    }

    public void Dispose()
    {
        End(_journal);
        _root.Delete(recursive: true);
    }

    // Small segments: a life has many of them. Nothing is archived in the background, or a copy of the files would be none.
    private JsonlRunJournal Open() => Wait(() => JsonlRunJournal.OpenAsync(new() { DataDirectory = Folder, Writer = "life", SegmentBytes = 4 << 10, ArchivesWhenTold = true }));

    private static void End(JsonlRunJournal journal) => Wait(async () =>
    {
        await journal.DisposeAsync();
        return true;
    });

    private static T Wait<T>(Func<Task<T>> work) => Task.Run(work).GetAwaiter().GetResult();
}

using Orchestrator.Core.Runs;
using Orchestrator.Engine.Files;

namespace Orchestrator.Engine.Journal.Jsonl;

/// <summary>Files of runs in a directory of each run: <c>runs/YYYY/MM/DD/{run_id}</c>.</summary>
internal sealed class RunFiles(RunPaths paths) : IRunFiles
{
    private const string Unfinished = WholeFileDraft.Extension;

    // Beyond so many files one sync of the file system costs less than one of each.
    private const int Few = 8;

    public string DirectoryOf(RunId run) => paths.Of(run);

    public bool Exists(RunId run, string name) => RunFolder.Find(paths.Of(run), name) is { } path && File.Exists(path);

    public byte[]? Read(RunId run, string name) => RunFolder.Find(paths.Of(run), name) is { } path ? RegularFile.TryRead(path) : null;

    public FileStream? Open(RunId run, string name) => RunFolder.Find(paths.Of(run), name) is { } path ? RegularFile.TryOpenStream(path) : null;

    public void Write(RunId run, string name, ReadOnlySpan<byte> content)
    {
        var path = PathOf(run, name);
        DurableFolder.Create(paths.Disk, Path.GetDirectoryName(path)!, paths.Root);
        WholeFile.Write(paths.Disk, path, content);
    }

    public StagedFiles Stage(RunId run, IReadOnlyList<(string Name, ReadOnlyMemory<byte> Content)> files)
    {
        DurableFolder.MakeOnly(paths.Disk, paths.Of(run));   // what a power cut takes is written again
        var staged = new StagedFiles(run, [.. files.Select(f => f.Name)]);
        try
        {
            foreach (var (name, content) in files)
            {
                using var file = paths.Disk.Create(PathOf(run, name) + Unfinished);
                paths.Disk.Write(file, content.Span, 0);
            }
            return staged;
        }
        catch
        {
            Discard(staged);
            throw;
        }
    }

    public IReadOnlyList<Exception?> Publish(IReadOnlyList<StagedFiles> staged)
    {
        var together = staged.Sum(s => s.Names.Count) > Few;
        try
        {
            if (together) paths.Disk.SyncFileSystem(paths.Root);
            return [.. staged.Select(s => Publish(s, together))];
        }
        catch (IOException e)
        {
            foreach (var files in staged) Discard(files);
            return [.. staged.Select(_ => (Exception?)e)];
        }
    }

    public void Discard(RunId run)
    {
        try { if (Directory.Exists(paths.Of(run))) paths.Disk.DeleteTree(paths.Of(run)); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { }   // why the run was refused matters more
    }

    public long SizeOf(RunId run) =>
        new DirectoryInfo(paths.Of(run)).EnumerateFiles("*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint, IgnoreInaccessible = true })
            .Sum(f => f.Length);

    public IEnumerable<(RunId Run, DateTimeOffset ChangedAt)> Directories() => new RunReader(paths).RunFolders()
        .Where(run => Directory.Exists(paths.Of(run))).Select(run => (run, (DateTimeOffset)Directory.GetLastWriteTimeUtc(paths.Of(run))));

    private string PathOf(RunId run, string name) =>
        RunFolder.Find(paths.Of(run), name) ?? throw new ArgumentException($"'{name}' leads out of the directory of run {run}.", nameof(name));

    private Exception? Publish(StagedFiles staged, bool isDurable)
    {
        try
        {
            foreach (var path in staged.Names.Select(name => PathOf(staged.Run, name)))
            {
                if (!isDurable)
                    using (var file = paths.Disk.OpenExisting(path + Unfinished)) paths.Disk.Sync(file);
                paths.Disk.Rename(path + Unfinished, path);   // the name must never point at content that a power cut can take
            }
            return null;
        }
        catch (Exception e)
        {
            Discard(staged);
            return e;
        }
    }

    // As they are on a full disk: of no use to anybody.
    private void Discard(StagedFiles staged)
    {
        foreach (var name in staged.Names)
            try { paths.Disk.Delete(PathOf(staged.Run, name) + Unfinished); }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException) { }
    }
}

using System.Text;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Files;

namespace Orchestrator.Engine.Journal.Jsonl;

/// <summary>Mail to runs as files in the run's directory: <c>cancel.request</c>, and <c>mail/{item}.json</c> with <c>.answer</c> beside it.</summary>
internal sealed class RunMail(RunPaths paths) : IRunMail
{
    private const int MaxItems = 1_000;
    private const string Ending = ".json";
    private const string Answered = ".answer";

    public void AskToCancel(RunId run, CancelAsk ask)
    {
        if (File.Exists(RequestOf(run))) return;
        DurableFolder.Create(paths.Disk, paths.Of(run), paths.Root);
        WholeFile.Write(paths.Disk, RequestOf(run), Encoding.UTF8.GetBytes(ask.Comment is null ? ask.Actor : $"{ask.Actor}\n{ask.Comment}"));
    }

    public CancelAsk? CancelAskedBy(RunId run)
    {
        var path = RequestOf(run);
        if (!File.Exists(path)) return null;   // nearly always, and an exception for it would be dear
        try
        {
            // The first line says who asks, what follows says why.
            var text = (RegularFile.TryReadText(path, most: 4 * (CancelAsk.MaxActor + CancelAsk.MaxComment)) ?? "").Split('\n', 2);
            return new(text[0].Length is > 0 and <= CancelAsk.MaxActor ? text[0] : "unknown", text.Length > 1 && text[1].Length <= CancelAsk.MaxComment ? text[1] : null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { return new("unknown"); }   // it is there, and that is the request
    }

    public void ForgetCancel(RunId run)
    {
        if (File.Exists(RequestOf(run))) paths.Disk.Delete(RequestOf(run));   // a run without files may not even have a folder yet
    }

    public string Leave(RunId run, ReadOnlySpan<byte> item, DateTimeOffset at)
    {
        DurableFolder.Create(paths.Disk, FolderOf(run), paths.Root);
        var name = Guid.CreateVersion7(at).ToString("N");
        WholeFile.Write(paths.Disk, PathOf(run, name), item);
        return name;
    }

    public IReadOnlyList<string> Items(RunId run) => Directory.Exists(FolderOf(run))
        ? [.. Directory.EnumerateFiles(FolderOf(run), "*" + Ending).Select(p => Path.GetFileName(p)[..^Ending.Length]).Order(StringComparer.Ordinal).Take(MaxItems)] : [];

    public byte[]? Read(RunId run, string item, long most)
    {
        var path = PathOf(run, item);
        return new FileInfo(path) is { Exists: true } file && file.Length > most ? throw new FormatException("The answer is too long.") : RegularFile.TryRead(path, most: most);
    }

    public void Answer(RunId run, string item, ReadOnlySpan<byte> answer)
    {
        // A waiting reader looks now or never: it may be lost.
        WholeFile.Write(paths.Disk, PathOf(run, item) + Answered, answer, named: false);
        paths.Disk.Delete(PathOf(run, item));
    }

    public byte[]? TakeAnswer(RunId run, string item)
    {
        var path = PathOf(run, item) + Answered;
        if (RegularFile.TryRead(path) is not { } answer) return null;
        paths.Disk.Delete(path);
        return answer;
    }

    private string RequestOf(RunId run) => Path.Combine(paths.Of(run), "cancel.request");

    private string FolderOf(RunId run) => Path.Combine(paths.Of(run), "mail");

    private string PathOf(RunId run, string item) => Path.Combine(FolderOf(run), item + Ending);
}

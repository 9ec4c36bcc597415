using System.Text;
using Orchestrator.Core;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Runs.View;
using Orchestrator.Engine.Files;

namespace Orchestrator.Engine.Reports;

/// <summary>A report whose files are written under names of their own and not durable yet.</summary>
internal sealed record ReportDraft(RunId Run, string Directory, IReadOnlyList<string> Files);

/// <summary>Writes <c>report.json</c> and <c>report.md</c> into a run's folder. Each is there whole or not at all.</summary>
public static class ReportWriter
{
    /// <summary>The full view.</summary>
    public const string JsonName = "report.json";

    /// <summary>The page for people; written last, so where it is, the report is complete.</summary>
    public const string MarkdownName = "report.md";

    private const string Unfinished = ".tmp";

    // Beyond so many files one sync of the file system costs less than one of each.
    private const int Few = 8;

    /// <summary>Writes both; returns the run's folder. Writing again gives the same files.</summary>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    public static string Write(RunPaths paths, RunView run, WorkflowDefinition? definition)
    {
        var draft = Draft(paths, run, definition);
        if (Publish(paths, [draft]) is [{ Error: { } error }]) throw error;
        return draft.Directory;
    }

    /// <summary>Whether a run that ended so has a report to get: the workflow's <c>report</c> rule.</summary>
    public static bool IsDue(WorkflowDefinition? definition, RunStatus ended) => (definition?.Report ?? ReportRule.Always) switch
    {
        ReportRule.Never => false,
        ReportRule.OnFailure => ended != RunStatus.Completed,
        _ => true,
    };

    /// <summary>Whether a run has its report.</summary>
    public static bool Exists(RunPaths paths, RunId run) => File.Exists(Path.Combine(paths.Of(run), MarkdownName));

    /// <summary>Writes both files under names that no reader looks for.</summary>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    internal static ReportDraft Draft(RunPaths paths, RunView run, WorkflowDefinition? definition)
    {
        var directory = paths.Of(run.RunId);
        DurableFolder.MakeOnly(paths.Disk, directory);   // a report that a power cut takes is written again
        var view = run with { ReportDir = directory };
        var draft = new ReportDraft(run.RunId, directory, [Path.Combine(directory, JsonName), Path.Combine(directory, MarkdownName)]);
        try
        {
            Put(paths.Disk, draft.Files[0], RunViewJson.Full(view, indented: true));
            var markdown = MarkdownReport.Write(view, definition, attempt => LogTail.Read(directory, attempt.LogRef!), Executors.Artifacts.Artifacts.Of(directory));
            Put(paths.Disk, draft.Files[1], Encoding.UTF8.GetBytes(markdown));
            return draft;
        }
        catch
        {
            Discard(paths.Disk, draft);
            throw;
        }
    }

    /// <summary>Makes drafts durable, all by one sync where they are many, and gives them their names; says of each whether that went well.</summary>
    internal static IReadOnlyList<(ReportDraft Draft, Exception? Error)> Publish(RunPaths paths, IReadOnlyList<ReportDraft> drafts)
    {
        var together = drafts.Count * 2 > Few;
        try
        {
            if (together) paths.Disk.SyncFileSystem(paths.Root);
            return [.. drafts.Select(d => (d, Publish(paths.Disk, d, together)))];
        }
        catch (IOException e)
        {
            foreach (var draft in drafts) Discard(paths.Disk, draft);
            return [.. drafts.Select(d => (d, (Exception?)e))];
        }
    }

    private static Exception? Publish(Disk disk, ReportDraft draft, bool isDurable)
    {
        try
        {
            foreach (var path in draft.Files)
            {
                if (!isDurable)
                    using (var file = disk.OpenExisting(path + Unfinished)) disk.Sync(file);
                disk.Rename(path + Unfinished, path);   // the name must never point at content that a power cut can take
            }
            return null;
        }
        catch (Exception e)
        {
            Discard(disk, draft);
            return e;
        }
    }

    private static void Put(Disk disk, string path, ReadOnlySpan<byte> content)
    {
        using var file = disk.Create(path + Unfinished);
        disk.Write(file, content, 0);
    }

    // As they are on a full disk: of no use to anybody.
    private static void Discard(Disk disk, ReportDraft draft)
    {
        foreach (var path in draft.Files)
            try { disk.Delete(path + Unfinished); }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException) { }
    }
}

using System.Text;
using Orchestrator.Core;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs.View;

namespace Orchestrator.Engine.Reports;

/// <summary>Writes <c>report.json</c> and <c>report.md</c> into a run's folder. Each is there whole or not at all.</summary>
public static class ReportWriter
{
    /// <summary>The full view.</summary>
    public const string JsonName = "report.json";

    /// <summary>The page for people; written last, so where it is, the report is complete.</summary>
    public const string MarkdownName = "report.md";

    /// <summary>Writes both; returns the run's folder. Writing again gives the same files.</summary>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    public static string Write(RunPaths paths, RunView run, WorkflowDefinition? definition)
    {
        var directory = paths.Of(run.RunId);
        Directory.CreateDirectory(directory);
        var view = run with { ReportDir = directory };
        Replace(Path.Combine(directory, JsonName), RunViewJson.Full(view, indented: true));
        var markdown = MarkdownReport.Write(view, definition, attempt => LogTail.Read(directory, attempt.LogRef!), Executors.Artifacts.Artifacts.Of(directory));
        Replace(Path.Combine(directory, MarkdownName), Encoding.UTF8.GetBytes(markdown));
        return directory;
    }

    /// <summary>Whether a run that ended so has a report to get: the workflow's <c>report</c> rule.</summary>
    public static bool IsDue(WorkflowDefinition? definition, RunStatus ended) => (definition?.Report ?? ReportRule.Always) switch
    {
        ReportRule.Never => false,
        ReportRule.OnFailure => ended != RunStatus.Completed,
        _ => true,
    };

    /// <summary>Whether a run has its report.</summary>
    public static bool Exists(RunPaths paths, Core.Runs.RunId run) => File.Exists(Path.Combine(paths.Of(run), MarkdownName));

    // Most of it is waiting for the disk, which has no other way to be waited for than by a thread.
    private static void Replace(string path, ReadOnlySpan<byte> content)
    {
        var temporary = path + ".tmp";
        try
        {
            using (var file = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0))
            {
                file.Write(content);
                file.Flush(flushToDisk: true);   // the name must never point at content that a power cut can take
            }
            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception e)
        {
            File.Delete(temporary);   // as it is on a full disk: of no use to anybody
            if (e is ArgumentOutOfRangeException limit) throw FileLimit.Reached(path, limit);
            throw;
        }
    }
}

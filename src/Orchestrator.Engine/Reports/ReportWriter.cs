using System.Text;
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
    public static async Task<string> WriteAsync(RunPaths paths, RunView run, WorkflowDefinition? definition, CancellationToken stop = default)
    {
        var directory = paths.Of(run.RunId);
        Directory.CreateDirectory(directory);
        var view = run with { ReportDir = directory };
        await ReplaceAsync(Path.Combine(directory, JsonName), RunViewJson.Full(view, indented: true), stop).ConfigureAwait(false);
        var markdown = MarkdownReport.Write(view, definition, attempt => LogTail.Read(directory, attempt.LogRef!), Executors.Artifacts.Artifacts.Of(directory));
        await ReplaceAsync(Path.Combine(directory, MarkdownName), Encoding.UTF8.GetBytes(markdown), stop).ConfigureAwait(false);
        return directory;
    }

    /// <summary>Whether a run has its report.</summary>
    public static bool Exists(RunPaths paths, Core.Runs.RunId run) => File.Exists(Path.Combine(paths.Of(run), MarkdownName));

    private static async Task ReplaceAsync(string path, byte[] content, CancellationToken stop)
    {
        var temporary = path + ".tmp";
        try
        {
            var file = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0, FileOptions.Asynchronous);
            await using (file.ConfigureAwait(false))
            {
                await file.WriteAsync(content, stop).ConfigureAwait(false);
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

using System.Text;
using Orchestrator.Core;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Runs.View;
using Orchestrator.Engine.Journal;

namespace Orchestrator.Engine.Reports;

/// <summary>A report whose files are written and not in force yet.</summary>
internal sealed record ReportDraft(RunId Run, string Directory, StagedFiles Files);

/// <summary>Writes <c>report.json</c> and <c>report.md</c> among a run's files. Each is there whole or not at all.</summary>
public static class ReportWriter
{
    /// <summary>The full view.</summary>
    public const string JsonName = "report.json";

    /// <summary>The page for people; written last, so where it is, the report is complete.</summary>
    public const string MarkdownName = "report.md";

    /// <summary>Writes both; returns the run's directory. Writing again gives the same files.</summary>
    /// <exception cref="IOException">They cannot be written.</exception>
    public static string Write(IRunFiles files, RunView run, WorkflowDefinition? definition)
    {
        var draft = Draft(files, run, definition);
        if (Publish(files, [draft]) is [{ Error: { } error }]) throw error;
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
    public static bool Exists(IRunFiles files, RunId run) => files.Exists(run, MarkdownName);

    /// <summary>Writes both files under names that no reader looks for.</summary>
    /// <exception cref="IOException">They cannot be written.</exception>
    internal static ReportDraft Draft(IRunFiles files, RunView run, WorkflowDefinition? definition)
    {
        var directory = files.DirectoryOf(run.RunId);
        var view = run with { ReportDir = directory };
        var markdown = MarkdownReport.Write(view, definition, attempt => LogTail.Read(files, run.RunId, attempt.LogRef!), Executors.Artifacts.Artifacts.Of(directory));
        return new(run.RunId, directory, files.Stage(run.RunId, [(JsonName, RunViewJson.Full(view, indented: true)), (MarkdownName, Encoding.UTF8.GetBytes(markdown))]));
    }

    /// <summary>Makes drafts durable, all by one sync where they are many, and gives them their names; says of each whether that went well.</summary>
    internal static IReadOnlyList<(ReportDraft Draft, Exception? Error)> Publish(IRunFiles files, IReadOnlyList<ReportDraft> drafts) =>
        [.. drafts.Zip(files.Publish([.. drafts.Select(d => d.Files)]))];
}

using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Runs.View;
using Orchestrator.Core.Serialization;
using Orchestrator.Engine.Journal;

namespace Orchestrator.Engine.Running;

/// <summary>Gives completed tasks of a history the results that were too large for their event.</summary>
public static class OutputFiles
{
    /// <summary>The view with all results, those in files included; a file that cannot be read leaves its task without.</summary>
    public static RunView Complete(RunView run, IRunFiles files) => run with { Tasks = [.. run.Tasks.Select(t => Complete(t, run.RunId, files))] };

    /// <summary>The event with its results read from the run's files, if they are there; any other event as it is.</summary>
    /// <exception cref="IOException">The file is missing or unreadable, although the event says it is durable.</exception>
    public static RecordedEvent Hydrate(RecordedEvent recorded, IRunFiles files, RunId run)
    {
        if (recorded.Event is not AttemptClosed { OutputsFile: { } file, Outputs: null } completed) return recorded;
        return recorded with { Event = completed with { Outputs = Read(files, run, file) } };
    }

    private static TaskView Complete(TaskView task, RunId run, IRunFiles files)
    {
        if (task is not { OutputsFile: { } file, Outputs: null }) return task;
        try { return task with { Outputs = Read(files, run, file) }; }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException) { return task; }
    }

    private static ImmutableSortedDictionary<string, JsonElement> Read(IRunFiles files, RunId run, string name)
    {
        using var document = JsonDocument.Parse(files.Read(run, name) ?? throw new FileNotFoundException($"{Path.Combine(files.DirectoryOf(run), name)} is missing, or is not a regular file."), JsonBounds.Documents);
        return document.RootElement.EnumerateObject().ToImmutableSortedDictionary(p => p.Name, p => p.Value.Clone(), StringComparer.Ordinal);
    }
}

using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Runs.View;
using Orchestrator.Core.Serialization;
using Orchestrator.Engine.Files;

namespace Orchestrator.Engine.Running;

/// <summary>Gives completed tasks of a history the results that were too large for their event.</summary>
public static class OutputFiles
{
    /// <summary>The view with all results, those in files included; a file that cannot be read leaves its task without.</summary>
    public static RunView Complete(RunView run, string runDirectory) => run with { Tasks = [.. run.Tasks.Select(t => Complete(t, runDirectory))] };

    /// <summary>The event with its results read from the run's folder, if they are there; any other event as it is.</summary>
    /// <exception cref="IOException">The file is missing or unreadable, although the event says it is durable.</exception>
    public static RecordedEvent Hydrate(RecordedEvent recorded, string runDirectory)
    {
        if (recorded.Event is not TaskCompleted { OutputsFile: { } file, Outputs: null } completed) return recorded;
        return recorded with { Event = completed with { Outputs = Read(Path.Combine(runDirectory, file)) } };
    }

    private static TaskView Complete(TaskView task, string runDirectory)
    {
        if (task is not { OutputsFile: { } file, Outputs: null }) return task;
        try { return task with { Outputs = Read(Path.Combine(runDirectory, file)) }; }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException) { return task; }
    }

    private static ImmutableSortedDictionary<string, JsonElement> Read(string path)
    {
        using var document = JsonDocument.Parse(RegularFile.TryRead(path) ?? throw new FileNotFoundException($"{path} is missing, or is not a regular file.", path), JsonBounds.Documents);
        return document.RootElement.EnumerateObject().ToImmutableSortedDictionary(p => p.Name, p => p.Value.Clone(), StringComparer.Ordinal);
    }
}

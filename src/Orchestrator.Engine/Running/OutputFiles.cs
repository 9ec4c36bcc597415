using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Runs;

namespace Orchestrator.Engine.Running;

/// <summary>Gives completed tasks of a history the results that were too large for their event.</summary>
public static class OutputFiles
{
    /// <summary>The event with its results read from the run's folder, if they are there; any other event as it is.</summary>
    /// <exception cref="IOException">The file is missing or unreadable, although the event says it is durable.</exception>
    public static RecordedEvent Hydrate(RecordedEvent recorded, string runDirectory)
    {
        if (recorded.Event is not TaskCompleted { OutputsFile: { } file, Outputs: null } completed) return recorded;
        using var stream = File.OpenRead(Path.Combine(runDirectory, file));
        using var document = JsonDocument.Parse(stream);
        var outputs = document.RootElement.EnumerateObject().ToImmutableSortedDictionary(p => p.Name, p => p.Value.Clone(), StringComparer.Ordinal);
        return recorded with { Event = completed with { Outputs = outputs } };
    }
}

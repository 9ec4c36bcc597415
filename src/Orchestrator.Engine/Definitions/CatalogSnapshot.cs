using System.Collections.Frozen;
using System.Collections.Immutable;
using Orchestrator.Core.Definitions;

namespace Orchestrator.Engine.Definitions;

/// <summary>A workflow in force.</summary>
/// <param name="Definition">The definition new runs use.</param>
/// <param name="Version">Its version.</param>
/// <param name="Origin">Where it comes from.</param>
public sealed record CatalogEntry(WorkflowDefinition Definition, string Version, string Origin);

/// <summary>All workflows in force at one moment, and what is wrong with the sources. Immutable.</summary>
public sealed class CatalogSnapshot
{
    private CatalogSnapshot(FrozenDictionary<string, CatalogEntry> workflows, ImmutableSortedDictionary<string, ImmutableArray<Problem>> problems) =>
        (Workflows, Problems) = (workflows, problems);

    /// <summary>No workflows, no problems.</summary>
    public static CatalogSnapshot Empty { get; } = new(FrozenDictionary<string, CatalogEntry>.Empty, ImmutableSortedDictionary<string, ImmutableArray<Problem>>.Empty);

    /// <summary>Workflows by name.</summary>
    public FrozenDictionary<string, CatalogEntry> Workflows { get; }

    /// <summary>Problems by origin; an origin here may still have its last good version in <see cref="Workflows"/>.</summary>
    public ImmutableSortedDictionary<string, ImmutableArray<Problem>> Problems { get; }

    /// <summary>
    /// What is in force once <paramref name="sources"/> have been read: new good versions, of those whose schedules alone are wrong all but them; the last
    /// good one of a source that is bad now; nothing of a source that is gone. Of two sources with one name, the one that
    /// holds it keeps it, otherwise the first by origin.
    /// </summary>
    /// <param name="sources">Everything there is now.</param>
    /// <param name="unreadable">Folders that could not be listed: what came from below them is not gone.</param>
    public CatalogSnapshot Next(IEnumerable<DefinitionSource> sources, IReadOnlyDictionary<string, Problem> unreadable)
    {
        var workflows = new Dictionary<string, CatalogEntry>(StringComparer.Ordinal);
        var problems = ImmutableSortedDictionary.CreateBuilder<string, ImmutableArray<Problem>>(StringComparer.Ordinal);
        foreach (var (folder, problem) in unreadable) problems[folder] = [problem];

        var current = sources.ToDictionary(s => s.Origin, StringComparer.Ordinal);
        var held = Workflows.Values.ToLookup(e => e.Origin, StringComparer.Ordinal);
        foreach (var entry in Workflows.Values)
            if (!current.ContainsKey(entry.Origin) && unreadable.Keys.Any(f => IsBelow(entry.Origin, f))) workflows[entry.Definition.Name] = entry;

        // Holders first: bad ones keep their last good version, good ones their name. Then newcomers, in the order of their origins.
        var newcomers = new List<DefinitionSource>();
        foreach (var source in current.Values.OrderBy(s => s.Origin, StringComparer.Ordinal))
        {
            var last = held[source.Origin].FirstOrDefault();
            if (!source.Result.Problems.IsEmpty) problems[source.Origin] = source.Result.Problems;
            if (source.Result.Usable is not { } workflow)
            {
                if (last is not null) workflows[last.Definition.Name] = last;
            }
            else if (workflow.Name != last?.Definition.Name) newcomers.Add(source);
            else workflows[workflow.Name] = Entry(source, workflow, last);
        }
        foreach (var source in newcomers)
        {
            var workflow = source.Result.Usable!;
            if (workflows.TryAdd(workflow.Name, Entry(source, workflow, null))) continue;
            problems[source.Origin] = [.. source.Result.Problems, new(ProblemCodes.DuplicateName, $"The workflow name '{workflow.Name}' is taken by {workflows[workflow.Name].Origin}.",
                "Give one of them another name.", workflow.Span)];
            if (held[source.Origin].FirstOrDefault() is { } last) workflows.TryAdd(last.Definition.Name, last);
        }
        return new(workflows.ToFrozenDictionary(StringComparer.Ordinal), problems.ToImmutable());
    }

    /// <summary>Whether both hold the same versions from the same origins, and the same problems.</summary>
    public bool SameAs(CatalogSnapshot other) =>
        Workflows.Count == other.Workflows.Count
        && Workflows.All(w => other.Workflows.TryGetValue(w.Key, out var e) && e.Version == w.Value.Version && e.Origin == w.Value.Origin)
        && Problems.Count == other.Problems.Count
        && Problems.All(p => other.Problems.TryGetValue(p.Key, out var theirs) && theirs.SequenceEqual(p.Value));

    private static CatalogEntry Entry(DefinitionSource source, WorkflowDefinition workflow, CatalogEntry? last) =>
        ReferenceEquals(last?.Definition, workflow) ? last! : new(workflow, DefinitionJson.Version(workflow), source.Origin);

    private static bool IsBelow(string origin, string folder) =>
        origin == folder || origin.StartsWith(folder.TrimEnd(Path.DirectorySeparatorChar) + Path.DirectorySeparatorChar, StringComparison.Ordinal);
}

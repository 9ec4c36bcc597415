using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Orchestrator.Core.Definitions;
using Orchestrator.Engine.Files;

namespace Orchestrator.Engine.Journal.Jsonl;

/// <summary>
/// Every definition version a run was started with, as <c>definitions/{sha256}.json</c>. A version is on the disk before
/// the first run of it is accepted, so that a run can always be replayed with its own.
/// </summary>
/// <param name="paths">Where they are kept.</param>
/// <param name="reached">Told before and after a file is written, by name: for tests of crashes.</param>
internal sealed class DefinitionStore(RunPaths paths, Action<string>? reached = null) : IDefinitionStore
{
    private readonly ConcurrentDictionary<string, byte> _stored = new(StringComparer.Ordinal);
    private readonly ConditionalWeakTable<WorkflowDefinition, string> _versions = [];
    private readonly Lock _writing = new();

    // A version names its content, so what was once read stays true. Bounded: read again when needed.
    private const int MaxFound = 1_000;
    private readonly ConcurrentDictionary<string, WorkflowDefinition> _found = new(StringComparer.Ordinal);

    public string Place => paths.Definitions;

    /// <summary>Stores a definition unless it is there already, and gives its version.</summary>
    /// <exception cref="IOException">It cannot be stored; the message names the folder.</exception>
    public string Save(WorkflowDefinition definition)
    {
        // Thousands of runs of one definition object cost one hash.
        if (_versions.TryGetValue(definition, out var known) && _stored.ContainsKey(known)) return known;
        var json = DefinitionJson.Write(definition);
        var version = DefinitionJson.Version(json);
        if (!_stored.ContainsKey(version)) Store(version, json);
        _versions.AddOrUpdate(definition, version);
        return version;
    }

    /// <summary>
    /// The definition of a version, or null when it is not here or its file is damaged (its content has another hash): one lost
    /// definition must not keep other runs from being resumed. Its base folder is the run's to know.
    /// </summary>
    public WorkflowDefinition? Find(string version)
    {
        // The version comes from a journal or a request: it must not be able to name another file.
        if (!IsVersion(version)) return null;
        if (_found.TryGetValue(version, out var found)) return found;
        if (RegularFile.TryRead(PathOf(version)) is not { } json || !IsIntact(version, json)) return null;
        if (_found.Count >= MaxFound) _found.Clear();
        return _found.GetOrAdd(version, DefinitionJson.Read(json));
    }

    private void Store(string version, byte[] json)
    {
        lock (_writing)
        {
            if (_stored.ContainsKey(version)) return;
            var path = PathOf(version);
            // A damaged file of the right name would be trusted for ever: it is replaced while the right content is at hand.
            if (RegularFile.TryRead(path) is not { } found || !IsIntact(version, found))
            {
                DurableFolder.Create(paths.Disk, paths.Definitions, paths.Root);
                reached?.Invoke("definition:before_write");
                WholeFile.Write(paths.Disk, path, json);
                reached?.Invoke("definition:written");
            }
            _stored.TryAdd(version, 0);
        }
    }

    private static bool IsIntact(string version, byte[] json) => DefinitionJson.Version(json.AsSpan()) == version;

    private static bool IsVersion(string version) => version.Length == 64 && version.All(char.IsAsciiHexDigitLower);

    private string PathOf(string version) => Path.Combine(paths.Definitions, version + ".json");
}

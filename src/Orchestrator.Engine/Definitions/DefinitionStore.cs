using System.Collections.Concurrent;
using Orchestrator.Core.Definitions;

namespace Orchestrator.Engine.Definitions;

/// <summary>
/// Every definition version a run was started with, as <c>definitions/{sha256}.json</c>. A version is on the disk before
/// the first run of it is accepted, so that a run can always be replayed with its own.
/// </summary>
public sealed class DefinitionStore(RunPaths paths)
{
    private readonly ConcurrentDictionary<string, byte> _stored = new(StringComparer.Ordinal);

    /// <summary>Stores a definition unless it is there already, and gives its version.</summary>
    /// <exception cref="IOException">It cannot be stored; the message names the folder.</exception>
    public string Save(WorkflowDefinition definition)
    {
        var json = DefinitionJson.Write(definition);
        var version = DefinitionJson.Version(json);
        if (_stored.ContainsKey(version)) return version;
        var path = PathOf(version);
        if (!File.Exists(path))
        {
            Directory.CreateDirectory(paths.Definitions);
            DurableFile.Write(path, json);
        }
        _stored.TryAdd(version, 0);
        return version;
    }

    /// <summary>The definition of a version, or null when it is not here. Its base folder is the run's to know.</summary>
    public WorkflowDefinition? Find(string version)
    {
        try { return DefinitionJson.Read(File.ReadAllBytes(PathOf(version))); }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException) { return null; }
    }

    private string PathOf(string version) => Path.Combine(paths.Definitions, version + ".json");
}

using System.Security.Cryptography;
using Orchestrator.Core.Definitions;
using Orchestrator.Engine.Files;

namespace Orchestrator.Engine.Definitions;

/// <summary>
/// Reads definitions from a folder (every *.yaml and *.yml below it) or from one file. Names that begin with a dot and linked
/// folders are passed over: the first are how ConfigMaps and editors hide copies, the second can lead in circles.
/// </summary>
public sealed class DefinitionFolder(string path)
{
    private const int MostFiles = 10_000;
    private const int Deepest = 16;
    private Dictionary<string, DefinitionSource> _last = new(StringComparer.Ordinal);

    /// <summary>The folder or file, absolute.</summary>
    public string Root { get; } = Path.GetFullPath(path);

    /// <summary>Reads everything; what has the content of last time is not parsed again. Not for two threads at once.</summary>
    /// <param name="unreadable">Receives folders that cannot be listed.</param>
    public IReadOnlyCollection<DefinitionSource> Read(IDictionary<string, Problem> unreadable)
    {
        var sources = new Dictionary<string, DefinitionSource>(StringComparer.Ordinal);
        foreach (var file in Files(unreadable)) sources[file] = Read(file, _last.GetValueOrDefault(file));
        return (_last = sources).Values;
    }

    /// <summary>Reads one file; the result's base folder is the file's own.</summary>
    public static DefinitionSource ReadFile(string file) => Read(Path.GetFullPath(file), null);

    private static DefinitionSource Read(string file, DefinitionSource? last)
    {
        byte[] bytes;
        try
        {
            bytes = Content(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new(file, e.Message, Unreadable(file, $"The file cannot be read: {e.Message}", "Let the account of this process read it."));
        }
        var content = Convert.ToHexStringLower(SHA256.HashData(bytes));
        if (last?.Content == content) return last;
        var result = DefinitionReader.Read(bytes, file);
        return new(file, content, result with { Workflow = result.Workflow is { } w ? w with { BaseDir = Path.GetDirectoryName(file) } : null });
    }

    // A link is as good as a file: a ConfigMap is made of them. One byte past the bound makes the reader refuse.
    private static byte[] Content(string file)
    {
        using var stream = RegularFile.TryOpenStream(file, followLink: true);
        if (stream is null) return [];
        var bytes = new byte[(int)Math.Min(stream.Length, DefinitionReader.MaxBytes + 1)];
        return bytes.AsSpan(0, stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false)).ToArray();
    }

    private List<string> Files(IDictionary<string, Problem> unreadable)
    {
        if (File.Exists(Root)) return [Root];
        var files = new List<string>();
        var open = new Stack<(DirectoryInfo Folder, int Depth)>([(new(Root), 1)]);
        while (open.TryPop(out var next))
        {
            try
            {
                foreach (var entry in next.Folder.EnumerateFileSystemInfos())
                {
                    if (entry.Name.StartsWith('.')) continue;
                    if (entry is DirectoryInfo folder)
                    {
                        if (folder.LinkTarget is null && next.Depth < Deepest) open.Push((folder, next.Depth + 1));
                    }
                    else if (entry.Extension is ".yaml" or ".yml" && files.Count < MostFiles)
                    {
                        files.Add(entry.FullName);
                    }
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                var remedy = e is DirectoryNotFoundException ? "Create it, or correct `Orchestrator:Workflows:Path`." : "Let the account of this process read it.";
                unreadable[next.Folder.FullName] = new(ProblemCodes.Unreadable, $"The folder cannot be read: {e.Message}", remedy, new(next.Folder.FullName, 0, 0));
            }
        }
        if (files.Count == MostFiles)
            unreadable[Root] = new(ProblemCodes.TooLarge, $"The folder holds more than {MostFiles} definitions; the rest is not read.", "Use several instances or larger files.", new(Root, 0, 0));
        return files;
    }

    private static ReadResult Unreadable(string file, string message, string remedy) =>
        new(null, [new(ProblemCodes.Unreadable, message, remedy, new(file, 0, 0))]);
}

using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using Orchestrator.Core.Definitions;
using Orchestrator.Engine.Files;

namespace Orchestrator.Engine.Definitions;

/// <summary>
/// Reads definitions from a folder (every *.yaml and *.yml below it) or from one file; a file may hold several, one in a document. Names that begin with a
/// dot and linked folders are passed over: the first are how ConfigMaps and editors hide copies, the second can lead in circles.
/// </summary>
public sealed class DefinitionFolder(string path)
{
    private const int MaxFiles = 10_000;
    private const int Deepest = 16;
    private Dictionary<string, ImmutableArray<DefinitionSource>> _last = new(StringComparer.Ordinal);

    /// <summary>The folder or file, absolute.</summary>
    public string Root { get; } = Path.GetFullPath(path);

    /// <summary>Reads everything; what has the content of last time is not parsed again. Not for two threads at once.</summary>
    /// <param name="unreadable">Receives folders that cannot be listed.</param>
    public IReadOnlyCollection<DefinitionSource> Read(IDictionary<string, Problem> unreadable)
    {
        var sources = new Dictionary<string, ImmutableArray<DefinitionSource>>(StringComparer.Ordinal);
        foreach (var file in Files(unreadable)) sources[file] = Read(file, _last.GetValueOrDefault(file, []));
        return [.. (_last = sources).Values.SelectMany(s => s)];
    }

    private static ImmutableArray<DefinitionSource> Read(string file, ImmutableArray<DefinitionSource> last)
    {
        byte[] bytes;
        try
        {
            bytes = Content(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            var unreadable = Unreadable(file, $"The file cannot be read: {e.Message}", "Let the account of this process read it.");
            return [.. Enumerable.Range(0, Math.Max(1, last.Length)).Select(n => new DefinitionSource(Origin(file, n), e.Message, unreadable))];
        }
        var content = Convert.ToHexStringLower(SHA256.HashData(bytes));
        if (last is [var first, ..] && first.Content == content) return last;
        var results = DefinitionReader.ReadAll(bytes, file);
        // What stands after text that is not YAML is not gone: its last good version stays in force.
        if (results[^1].Problems.Any(p => p.Code == ProblemCodes.Syntax))
            while (results.Length < last.Length) results = results.Add(results[^1]);
        return [.. results.Select((r, n) => new DefinitionSource(Origin(file, n), content, r.Map(w => w with { BaseDir = Path.GetDirectoryName(file) })))];
    }

    private static string Origin(string file, int document) => document == 0 ? file : string.Create(CultureInfo.InvariantCulture, $"{file}#{document + 1}");

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
                    else if (entry.Extension is ".yaml" or ".yml" && files.Count < MaxFiles)
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
        if (files.Count == MaxFiles)
            unreadable[Root] = new(ProblemCodes.TooLarge, $"The folder holds more than {MaxFiles} definitions; the rest is not read.", "Use several instances or larger files.", new(Root, 0, 0));
        return files;
    }

    private static ReadResult Unreadable(string file, string message, string remedy) =>
        new(null, [new(ProblemCodes.Unreadable, message, remedy, new(file, 0, 0))]);
}

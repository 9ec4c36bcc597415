using System.IO.Enumeration;

namespace Orchestrator.Engine.Executors.Artifacts;

/// <summary>
/// Patterns of artifacts: <c>*</c> and <c>?</c> within a name, <c>**</c> for any folders. A pattern that names a folder means all that is in
/// it. Links to folders are not followed, so no walk goes round in circles or leaves the folder.
/// </summary>
/// <remarks>
/// Microsoft.Extensions.FileSystemGlobbing keeps none of this: it has no <c>?</c>, a folder's name matches nothing, it follows links out of the folder
/// and round in circles, accepts <c>..</c>, and collects every file before the first can be counted.
/// </remarks>
internal static class ArtifactGlob
{
    private const int Deepest = 32;

    /// <summary>Paths relative to <paramref name="root"/> of the files that fit, sorted, each once, at most <paramref name="most"/>.</summary>
    public static IReadOnlyCollection<string> Find(string root, IEnumerable<string> patterns, int most)
    {
        var found = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var pattern in patterns)
        {
            var parts = pattern.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(p => p != ".").ToArray();
            if (Path.IsPathRooted(pattern) || parts.Contains("..")) continue;   // the rules refuse these; one rendered so fits nothing
            Walk(root, "", parts, found, most, 0);
        }
        return found;
    }

    private static void Walk(string root, string at, ReadOnlySpan<string> parts, SortedSet<string> found, int most, int depth)
    {
        if (found.Count >= most || depth > Deepest) return;
        var folder = Path.Combine(root, at);
        if (parts.IsEmpty)
        {
            Walk(root, at, ["**", "*"], found, most, depth);
            return;
        }
        if (parts[0] == "**")
        {
            Walk(root, at, parts.Length == 1 ? ["*"] : parts[1..], found, most, depth);
            foreach (var sub in Folders(folder)) Walk(root, Join(at, sub), parts, found, most, depth + 1);
            return;
        }
        var isLast = parts.Length == 1;
        foreach (var (name, isFolder) in Entries(folder, parts[0]))
        {
            if (found.Count >= most) return;
            if (!isFolder && isLast) found.Add(Join(at, name));
            else if (isFolder && !isLast) Walk(root, Join(at, name), parts[1..], found, most, depth + 1);
            else if (isFolder && isLast && !parts[0].AsSpan().ContainsAny('*', '?')) Walk(root, Join(at, name), [], found, most, depth + 1);
        }
    }

    private static IEnumerable<string> Folders(string folder) => Entries(folder, "*").Where(e => e.IsFolder).Select(e => e.Name);

    private static List<(string Name, bool IsFolder)> Entries(string folder, string pattern)
    {
        try
        {
            return [.. new DirectoryInfo(folder).EnumerateFileSystemInfos("*", new EnumerationOptions { AttributesToSkip = 0, IgnoreInaccessible = true })
                .Where(e => FileSystemName.MatchesSimpleExpression(pattern, e.Name, ignoreCase: false))
                .Where(e => e is FileInfo || e.LinkTarget is null)
                .Select(e => (e.Name, e is DirectoryInfo)).OrderBy(e => e.Name, StringComparer.Ordinal)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static string Join(string at, string name) => at.Length == 0 ? name : $"{at}/{name}";
}

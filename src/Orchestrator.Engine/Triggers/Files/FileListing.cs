using System.IO.Enumeration;
using Orchestrator.Core.Triggers.Files;

namespace Orchestrator.Engine.Triggers.Files;

/// <summary>The files below a folder that fit a pattern. Links are neither followed nor found: no look leaves the folder or goes round in circles.</summary>
internal static class FileListing
{
    /// <summary>Most files that a trigger looks after.</summary>
    public const int MaxFiles = 10_000;

    // Entries that are looked at, whether they fit or not.
    private const int MaxEntries = 200_000;
    private const int Deepest = 32;

    private static readonly EnumerationOptions s_options = new() { AttributesToSkip = 0, IgnoreInaccessible = true, RecurseSubdirectories = true, MaxRecursionDepth = Deepest };

    /// <summary>The files, and whether there are more than can be looked after.</summary>
    /// <param name="root">Absolute path of the folder.</param>
    /// <param name="pattern">What fits.</param>
    /// <exception cref="IOException">There is no such folder, or it cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static (List<FoundFile> Files, bool AreMore) Of(string root, PathPattern pattern)
    {
        var (files, entries) = (new List<FoundFile>(), 0);
        var start = root.EndsWith('/') ? root.Length : root.Length + 1;
        // The folder itself must be readable, which the enumeration of what is below it does not say.
        var all = new FileSystemEnumerable<int>(root, static (ref e) => 0, new EnumerationOptions { IgnoreInaccessible = false });
        using (var first = all.GetEnumerator()) first.MoveNext();
        var found = new FileSystemEnumerable<FoundFile?>(root, (ref e) => entries > MaxEntries ? null : new(Relative(ref e), e.Length, e.LastWriteTimeUtc), s_options)
        {
            ShouldIncludePredicate = (ref e) => ++entries > MaxEntries || !e.IsDirectory && !IsLink(ref e) && pattern.Fits(Relative(ref e)),
            ShouldRecursePredicate = (ref e) => pattern.IsDeep && entries <= MaxEntries && !IsLink(ref e) && pattern.CanHold(Relative(ref e)),
        };
        foreach (var file in found)
        {
            if (file is null || files.Count == MaxFiles) return (files, true);
            files.Add(file);
        }
        return (files, false);

        string Relative(ref FileSystemEntry e) => e.Directory.Length >= start ? string.Concat(e.Directory[start..], "/", e.FileName) : e.FileName.ToString();
    }

    private static bool IsLink(ref FileSystemEntry e) => (e.Attributes & FileAttributes.ReparsePoint) != 0;
}

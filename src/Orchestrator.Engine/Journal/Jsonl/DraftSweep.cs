using System.Text.RegularExpressions;
using Orchestrator.Engine.Files;

namespace Orchestrator.Engine.Journal.Jsonl;

/// <summary>Removes drafts of whole files whose writer was killed. A draft lives for as long as its file is written, so an old one has no writer.</summary>
internal static partial class DraftSweep
{
    private static readonly TimeSpan Old = TimeSpan.FromHours(1);

    /// <summary>Looks into one folder, not below it. What cannot be removed is found again the next time.</summary>
    public static void Run(Disk disk, string folder)
    {
        if (!Directory.Exists(folder)) return;
        var before = (TimeProvider.System.GetUtcNow() - Old).UtcDateTime;
        foreach (var path in Directory.EnumerateFiles(folder, "*" + WholeFileDraft.Extension))
            try { if (Name().IsMatch(path) && File.GetLastWriteTimeUtc(path) < before) disk.Delete(path); }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException) { }
    }

    [GeneratedRegex(@"\.[0-9]+-[0-9]+\.tmp$", RegexOptions.CultureInvariant)]
    private static partial Regex Name();
}

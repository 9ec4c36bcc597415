using System.Globalization;
using System.Text;
using Orchestrator.Core.Runs;

namespace Orchestrator.Engine.Journal;

/// <summary>Which runs were removed, a line each: whoever finds one named and missing can tell removal from loss. Bounded: the oldest half goes when there are too many.</summary>
internal sealed class RemovedRuns(RunPaths paths)
{
    private const long MostBytes = 4 << 20;
    private readonly string _older = paths.Removed + ".1";

    /// <summary>Notes a run before it goes: a crash in between leaves one that is there and noted, which harms nobody.</summary>
    public void Note(RunId run, DateTimeOffset at)
    {
        using (var file = new FileStream(paths.Removed, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete))
        {
            file.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{run} {at.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}\n")));
            if (file.Length < MostBytes) return;
        }
        File.Move(paths.Removed, _older, overwrite: true);
    }

    /// <summary>The runs noted, as far back as it goes.</summary>
    public IReadOnlySet<RunId> Read()
    {
        var runs = new HashSet<RunId>();
        foreach (var path in (string[])[_older, paths.Removed])
            if (File.Exists(path))
                foreach (var line in File.ReadLines(path))
                    if (RunId.TryParse(line.Split(' ')[0], out var run)) runs.Add(run);
        return runs;
    }
}

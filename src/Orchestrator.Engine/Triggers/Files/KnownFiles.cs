using System.Security.Cryptography;
using System.Text;
using Orchestrator.Engine.Files;

namespace Orchestrator.Engine.Triggers.Files;

/// <summary>
/// Which files of a trigger need no run, kept beside the journal. The ledger says which deliveries were taken, but not for ever, and not which files were there before the trigger: this
/// says it as long as they are there. Written after the ledger: a crash in between delivers a file again, and the ledger knows it.
/// </summary>
internal sealed class KnownFiles(StateFolder folder, string key)
{
    private const string Version = "files 1 ";
    private const int MaxBytes = 4 << 20;
    private readonly string _path = folder.PathOf(Mark(key) + ".files");

    /// <summary>The fingerprints; null where there are none yet for this place, and empty where the file is damaged: better one delivery too many, which the ledger knows.</summary>
    /// <param name="place">What is looked at; another is another trigger.</param>
    /// <exception cref="IOException">They cannot be read.</exception>
    public IReadOnlyList<string>? Read(string place)
    {
        if (RegularFile.TryReadText(_path, most: MaxBytes) is not { } text) return null;
        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        if (lines is not [var head, ..] || !head.StartsWith(Version, StringComparison.Ordinal)) return [];
        return head == Version + Mark(place) ? [.. lines.Skip(1).Where(l => l.Length == 32)] : null;
    }

    /// <summary>Keeps the fingerprints.</summary>
    /// <exception cref="IOException">They are kept as they were.</exception>
    public void Write(string place, IEnumerable<string> known)
    {
        folder.Create();
        var text = new StringBuilder(Version).Append(Mark(place)).Append('\n');
        foreach (var print in known) text.Append(print).Append('\n');
        WholeFile.Write(folder.Disk, _path, Encoding.ASCII.GetBytes(text.ToString()));
    }

    private static string Mark(string place) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(place)))[..32];
}

using System.Text;
using Orchestrator.Engine.Files;

namespace Orchestrator.Engine;

/// <summary>
/// Which data directory this is among all there are. Ids of scheduled runs are derived from it, so that two directories with the same schedules
/// never make the same run or trace. The file is made once, by the process that holds the directory's lock.
/// </summary>
/// <param name="state">Where state is kept, once it is known.</param>
public sealed class Installation(Func<StateFolder> state)
{
    private const int MaxBytes = 256;
    private string? _id;

    /// <summary>A UUID. Asking for it makes the file if it is missing.</summary>
    /// <exception cref="IOException">The file cannot be read or made, or holds something else.</exception>
    public string Id => _id ??= Open(state());

    /// <summary>The id, if there is one; makes none. Null too where the file cannot be read or holds something else.</summary>
    public string? Known => _id ??= Find(state());

    /// <summary>The id of a data directory; null where it has none or it cannot be read. Changes nothing.</summary>
    /// <param name="state">Where state is kept.</param>
    public static string? Find(StateFolder state)
    {
        try { return Parse(RegularFile.TryReadText(PathIn(state), most: MaxBytes)); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { return null; }
    }

    /// <summary>Makes the file now. Where it is missing and cannot be made, on a full disk, the next schedule that is due tries again.</summary>
    /// <exception cref="IOException">It is there and cannot be read, or holds something else.</exception>
    public void Prepare()
    {
        try { _ = Id; }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException && !File.Exists(PathIn(state()))) { }   // reads go on
    }

    private static string? Parse(string? text) => Guid.TryParseExact(text?.Trim(), "D", out var id) ? id.ToString("D") : null;

    private static string PathIn(StateFolder state) => state.PathOf("installation");

    private static string Open(StateFolder state)
    {
        var path = PathIn(state);
        if (!File.Exists(path)) WholeFile.Write(state.Disk, path, Encoding.ASCII.GetBytes($"{Guid.NewGuid():D}\n"));
        return Parse(RegularFile.TryReadText(path, most: MaxBytes))
            ?? throw new IOException($"{path} does not hold the installation's id (a UUID). Restore it from a backup, or remove it: a new id is created, and scheduled runs get different ids from then on.");
    }
}

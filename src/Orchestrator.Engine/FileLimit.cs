namespace Orchestrator.Engine;

/// <summary>
/// A file that may not grow further (EFBIG: a limit of the process or of the file system) is, to .NET, an argument out of range. To us it
/// is a disk that takes no more, like any other.
/// </summary>
internal static class FileLimit
{
    public static IOException Reached(string path, ArgumentOutOfRangeException cause) =>
        new($"{path} cannot grow: the process (ulimit -f) or the file system allows no larger file.", cause);
}

namespace Orchestrator.Engine.Files;

/// <summary>Who may read what is made in a data directory, less what the umask takes. What is there already stays as it is.</summary>
/// <param name="Folder">Of every folder.</param>
/// <param name="File">Of every file.</param>
internal sealed record FileModes(UnixFileMode Folder, UnixFileMode File)
{
    /// <summary>0700 and 0600.</summary>
    public static FileModes OwnerOnly { get; } = new(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, UnixFileMode.UserRead | UnixFileMode.UserWrite);
}

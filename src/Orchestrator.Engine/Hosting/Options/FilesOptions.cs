using Orchestrator.Engine.Files;

namespace Orchestrator.Engine.Hosting.Options;

/// <summary>Who may read the data directory: section <c>Orchestrator:Files</c>. Modes as chmod takes them, less the umask; what is there already stays as it is.</summary>
internal sealed record FilesOptions
{
    /// <summary><c>FolderMode</c>: of every folder, the data directory itself included. Default 0700; the owner needs all three.</summary>
    public UnixFileMode FolderMode { get; init; } = FileModes.OwnerOnly.Folder;

    /// <summary><c>FileMode</c>: of every file, logs and reports included. Default 0600; the owner needs to read and write.</summary>
    public UnixFileMode FileMode { get; init; } = FileModes.OwnerOnly.File;

    public static FilesOptions Read(OptionsSection section, FilesOptions fallback)
    {
        section.AllowOnly(["FileMode", "FolderMode"]);
        return new() { FolderMode = section.Mode("FolderMode", fallback.FolderMode, FileModes.OwnerOnly.Folder), FileMode = section.Mode("FileMode", fallback.FileMode, FileModes.OwnerOnly.File) };
    }
}

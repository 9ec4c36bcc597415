using Orchestrator.Engine.Files;
using Orchestrator.Engine.Posix;
using Orchestrator.Worker.Hosting;

namespace Orchestrator.Worker.Options;

/// <summary>What will surprise somebody later, said at start.</summary>
internal static class Surprises
{
    // What a server needs by itself, and what an attempt can: its log, both ends of its pipes, its process, a connection.
    private const int FilesOfServer = 512;
    private const int FilesOfAttempt = 8;

    public static void Tell(Settings settings, ILogger log)
    {
        var needed = FilesOfServer + (FilesOfAttempt * settings.Options.Runner.Slots);
        if (FileCalls.MaxOpenFiles() is { } most && most < needed) log.FewFiles(most, needed, settings.Options.Runner.Slots);
        var wanted = settings.Options.Files.FolderMode;
        if (Directory.Exists(settings.DataDirectory) && File.GetUnixFileMode(settings.DataDirectory) is var mode && (mode & ~wanted & Everybody) != 0)
            log.OpenDirectory(settings.DataDirectory, Octal(mode), Octal(wanted));
    }

    private static UnixFileMode Everybody => ~FileModes.OwnerOnly.Folder & (UnixFileMode)0x1FF;

    private static string Octal(UnixFileMode mode) => Convert.ToString((int)mode, 8).PadLeft(4, '0');
}

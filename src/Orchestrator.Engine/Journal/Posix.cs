using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Orchestrator.Engine.Journal;

/// <summary>The three system calls that .NET does not offer: fdatasync, and a sync of a directory and of a file system.</summary>
internal static partial class Posix
{
    private const int CloseOnExec = 0x80000;   // read-only; no child gets it

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    private static partial int FDataSync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FSync(int file);

    [LibraryImport("libc", EntryPoint = "syncfs", SetLastError = true)]
    private static partial int SyncFs(int file);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int file);

    /// <summary>Content and length on the disk; unlike fsync not the times, which saves a metadata commit.</summary>
    public static void SyncContent(SafeFileHandle file)
    {
        if (!OperatingSystem.IsLinux()) RandomAccess.FlushToDisk(file);
        else if (FDataSync(file) != 0) throw Failed("fdatasync", "");
    }

    /// <summary>Makes the names in a directory durable. Windows does that by itself.</summary>
    public static void SyncDirectory(string path) => OnDirectory(path, "fsync", FSync);

    /// <summary>Makes everything on the directory's file system durable.</summary>
    public static void SyncFileSystem(string path) => OnDirectory(path, "syncfs", SyncFs);

    public static bool HasSyncFileSystem => OperatingSystem.IsLinux();

    private static void OnDirectory(string path, string call, Func<int, int> sync)
    {
        if (OperatingSystem.IsWindows()) return;
        var file = Open(path, CloseOnExec);
        if (file < 0) throw Failed("open", path);
        try
        {
            if (sync(file) != 0) throw Failed(call, path);
        }
        finally { _ = Close(file); }
    }

    private static IOException Failed(string call, string path)
    {
        var cause = new Win32Exception(Marshal.GetLastPInvokeError());
        return new IOException($"{call} {path}: {cause.Message}", cause);
    }
}

using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Orchestrator.Worker.Hosting;

/// <summary>Reads a small file that another process holds an exclusive lock on: .NET's own opens take a shared lock and would fail.</summary>
internal static partial class UnlockedFile
{
    private const int ReadOnly = 0;
    private const int CloseOnExec = 0x80000;
    private const int Largest = 64 * 1024;

    /// <summary>The content, at most 64 KiB; empty when the file cannot be opened.</summary>
    public static byte[] Read(string path)
    {
        var descriptor = Open(path, ReadOnly | CloseOnExec);
        if (descriptor < 0) return [];
        using var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        var buffer = new byte[Largest];
        return buffer[..RandomAccess.Read(handle, buffer, 0)];
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Open(string path, int flags);
}

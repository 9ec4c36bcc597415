using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Orchestrator.Engine;

/// <summary>Writes a file so that after any crash it is there whole or not at all: a temporary name, fsync, rename, fsync of the folder.</summary>
public static partial class DurableFile
{
    private const int OpenDirectory = 0x10000 | 0x80000;   // O_DIRECTORY | O_RDONLY | O_CLOEXEC: no child gets it

    /// <exception cref="IOException">The folder cannot be written.</exception>
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        var temporary = $"{path}.{Environment.ProcessId}.tmp";
        try
        {
            using (var file = File.OpenHandle(temporary, FileMode.Create, FileAccess.Write, FileShare.None))
            {
                RandomAccess.Write(file, content, 0);
                RandomAccess.FlushToDisk(file);
            }
            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception e)
        {
            File.Delete(temporary);   // a full disk must not be filled further by what is of no use
            if (e is ArgumentOutOfRangeException limit) throw FileLimit.Reached(path, limit);
            throw;
        }
        FlushDirectory(Path.GetDirectoryName(path)!);
    }

    /// <summary>Makes the names in a folder as durable as the files behind them.</summary>
    public static void FlushDirectory(string path)
    {
        using var handle = new SafeFileHandle(Open(path, OpenDirectory), ownsHandle: true);
        if (!handle.IsInvalid) _ = FSync(handle);
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial nint Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync")]
    private static partial int FSync(SafeFileHandle handle);
}

using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Orchestrator.Engine.Journal;

internal enum LockAnswer
{
    Taken,
    Held,
    Unsupported,
}

/// <summary>
/// Exclusive flocks, the kind that .NET takes for <see cref="FileShare.None"/>, but answered by a value: every start asks for a lock
/// that is held, and an exception there costs more than the rest of opening the journal.
/// </summary>
internal static partial class FileLock
{
    private const int ReadWrite = 2;
    private const int Create = 0x40;
    private const int CloseOnExec = 0x80000;
    private const int Everybody = 0x1B6;   // 0666, less the umask
    private const int ExclusiveNow = 2 | 4;
    private const int Unlock = 8;
    private const int NotFound = 2;
    private const int NoAccess = 13;
    private const int WouldBlock = 11;
    private const int Interrupted = 4;

    /// <summary>The file, open and not locked; null when it, or its folder, does not exist.</summary>
    /// <exception cref="IOException">It cannot be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be opened.</exception>
    public static SafeFileHandle? Open(string path, bool create)
    {
        while (true)
        {
            var file = OpenFile(path, ReadWrite | CloseOnExec | (create ? Create : 0), Everybody);
            if (file >= 0) return new(file, ownsHandle: true);
            var error = Marshal.GetLastPInvokeError();
            if (error == NotFound) return null;
            if (error == Interrupted) continue;
            var cause = new Win32Exception(error);
            throw error == NoAccess ? new UnauthorizedAccessException($"{path}: {cause.Message}", cause) : new IOException($"{path}: {cause.Message}", cause);
        }
    }

    public static LockAnswer TryTake(SafeFileHandle file)
    {
        while (true)
        {
            if (FLock(file, ExclusiveNow) == 0) return LockAnswer.Taken;
            var error = Marshal.GetLastPInvokeError();
            if (error != Interrupted) return error == WouldBlock ? LockAnswer.Held : LockAnswer.Unsupported;
        }
    }

    /// <summary>
    /// Gives the lock up. Closing alone would not: a child between its fork and its exec still shares the open file, and the lock with it.
    /// </summary>
    public static void Release(SafeFileHandle file) => _ = FLock(file, Unlock);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenFile(string path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    private static partial int FLock(SafeFileHandle file, int operation);
}

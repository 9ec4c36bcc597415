using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Orchestrator.Engine.Posix;

/// <summary>The calls for files and folders that .NET does not offer, or only with more system calls around them. Linux, 64 bit; glibc and musl.</summary>
internal static unsafe partial class FileCalls
{
    private const string Library = "libc";

    public const int LockExclusive = 2, LockShared = 1, LockNow = 4, Unlock = 8;
    public const int Executable = 1;

    [LibraryImport(Library, EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int OpenDescriptor(string path, int flags, uint mode);

    [LibraryImport(Library, EntryPoint = "close", SetLastError = true)]
    public static partial int Close(int descriptor);

    [LibraryImport(Library, EntryPoint = "read", SetLastError = true)]
    private static partial nint Read(int descriptor, byte* buffer, nint length);

    [LibraryImport(Library, EntryPoint = "write", SetLastError = true)]
    private static partial nint Write(int descriptor, byte* buffer, nint length);

    [LibraryImport(Library, EntryPoint = "pwrite", SetLastError = true)]
    private static partial nint WriteAt(SafeFileHandle file, byte* buffer, nint length, long at);

    [LibraryImport(Library, EntryPoint = "fsync", SetLastError = true)]
    private static partial int Sync(SafeFileHandle file);

    [LibraryImport(Library, EntryPoint = "fdatasync", SetLastError = true)]
    private static partial int SyncData(SafeFileHandle file);

    [LibraryImport(Library, EntryPoint = "syncfs", SetLastError = true)]
    private static partial int SyncFileSystem(SafeFileHandle file);

    [LibraryImport(Library, EntryPoint = "ftruncate", SetLastError = true)]
    public static partial int Truncate(int descriptor, long length);

    [LibraryImport(Library, EntryPoint = "flock", SetLastError = true)]
    private static partial int Lock(SafeFileHandle file, int operation);

    [LibraryImport(Library, EntryPoint = "mkdir", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MakeDirectory(string path, uint mode);

    [LibraryImport(Library, EntryPoint = "rename", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int RenameFile(string from, string to);

    [LibraryImport(Library, EntryPoint = "unlink", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Unlink(string path);

    [LibraryImport(Library, EntryPoint = "access", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Access(string path, int mode);

    [LibraryImport(Library, EntryPoint = "ioctl", SetLastError = true)]
    private static partial int Control(SafeFileHandle file, nuint request, SafeFileHandle argument);

    [LibraryImport(Library, EntryPoint = "syscall", SetLastError = true)]
    private static partial nint FileStatus(nint number, SafeFileHandle file, byte* path, nint flags, nint mask, byte* buffer);

    [LibraryImport(Library, EntryPoint = "getrlimit", SetLastError = true)]
    private static partial int LimitOf(int resource, ulong* softAndHard);

    /// <summary>How many files this process may have open; the runtime has raised it as far as it may. Null where the system does not say.</summary>
    public static long? MaxOpenFiles()
    {
        const int openFiles = 7;
        var limits = stackalloc ulong[2];
        return LimitOf(openFiles, limits) == 0 ? (long)Math.Min(limits[0], long.MaxValue) : null;
    }

    /// <summary>Opens a file or folder; children never get it.</summary>
    /// <exception cref="IOException">It cannot be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be opened.</exception>
    public static SafeFileHandle Open(string path, int flags, UnixFileMode mode = 0) =>
        TryOpen(path, flags, mode, out var error) ?? throw PosixError.Of(error, path);

    /// <summary>The same; null with the error number where it cannot be opened.</summary>
    public static SafeFileHandle? TryOpen(string path, int flags, UnixFileMode mode, out int error)
    {
        do
        {
            var descriptor = OpenDescriptor(path, flags | OpenFlags.CloseOnExec, (uint)mode);
            error = descriptor < 0 ? PosixError.Last : 0;
            if (descriptor >= 0) return new(descriptor, ownsHandle: true);
        }
        while (error == PosixError.Interrupted);
        return null;
    }

    /// <summary>Writes all of it.</summary>
    public static void WriteAt(SafeFileHandle file, ReadOnlySpan<byte> bytes, long at)
    {
        fixed (byte* start = bytes)
            for (var done = 0; done < bytes.Length;)
            {
                var n = WriteAt(file, start + done, bytes.Length - done, at + done);
                if (n < 0 && PosixError.Last is not PosixError.Interrupted and var error) throw PosixError.Of(error, "The file");
                if (n == 0) throw PosixError.Of(PosixError.NoSpace, "The file");
                if (n > 0) done += (int)n;
            }
    }

    /// <summary>Content and length on the disk; unlike fsync not the times, which saves a metadata commit.</summary>
    public static void SyncContent(SafeFileHandle file) => Check(SyncData(file), "fdatasync");

    /// <summary>Makes the names in a folder durable.</summary>
    public static void SyncDirectory(string path)
    {
        using var folder = Open(path, OpenFlags.ReadOnly | OpenFlags.Directory);
        Check(Sync(folder), path);
    }

    /// <summary>Makes everything on the folder's file system durable.</summary>
    public static void SyncFileSystem(string path)
    {
        using var folder = Open(path, OpenFlags.ReadOnly | OpenFlags.Directory);
        Check(SyncFileSystem(folder), path);
    }

    public static void Rename(string from, string to) => Check(RenameFile(from, to), to);

    /// <summary>False when there is something of that name already.</summary>
    public static bool MakeDirectory(string path, UnixFileMode mode)
    {
        if (MakeDirectory(path, (uint)mode) == 0) return true;
        return PosixError.Last is PosixError.Exists and var error ? false : throw PosixError.Of(PosixError.Last, path);
    }

    /// <summary>0, or the error number.</summary>
    public static int TryLock(SafeFileHandle file, int operation)
    {
        while (Lock(file, operation) != 0)
            if (PosixError.Last is not PosixError.Interrupted and var error) return error;
        return 0;
    }

    /// <summary>Lets one file share the blocks of another (FICLONE); false where the file system cannot.</summary>
    public static bool TryClone(SafeFileHandle target, SafeFileHandle source) => Control(target, 0x40049409, source) == 0;

    /// <summary>Whether a file is none of a folder, link, FIFO, socket or device. Where the kernel does not say: whether it can be positioned in.</summary>
    public static bool IsRegular(SafeFileHandle file)
    {
        const int emptyPath = 0x1000, wantType = 1, typeAt = 28, typeBits = 0xF000, regular = 0x8000;
        var status = stackalloc byte[256];
        byte none = 0;
        if (StatusNumber == 0 || FileStatus(StatusNumber, file, &none, emptyPath, wantType, status) != 0) return !file.IsInvalid && IsPositionable(file);
        return (*(ushort*)(status + typeAt) & typeBits) == regular;
    }

    /// <summary>Whether an open file has no name any more: it was deleted, or another took its name. False where the kernel does not say.</summary>
    public static bool IsUnnamed(SafeFileHandle file)
    {
        const int emptyPath = 0x1000, wantLinks = 4, linksAt = 16;
        var status = stackalloc byte[256];
        byte none = 0;
        return StatusNumber != 0 && FileStatus(StatusNumber, file, &none, emptyPath, wantLinks, status) == 0 && *(uint*)(status + linksAt) == 0;
    }

    /// <summary>Bytes read; 0 at the end; -1 with <see cref="PosixError.Last"/>.</summary>
    public static int Read(int descriptor, Span<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            nint n;
            do n = Read(descriptor, start, buffer.Length);
            while (n < 0 && PosixError.Last == PosixError.Interrupted);
            return (int)n;
        }
    }

    /// <summary>False when not all could be written.</summary>
    public static bool WriteAll(int descriptor, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = bytes)
        {
            for (var done = 0; done < bytes.Length;)
            {
                var n = Write(descriptor, start + done, bytes.Length - done);
                if (n < 0 && PosixError.Last == PosixError.Interrupted) continue;
                if (n <= 0) return false;
                done += (int)n;
            }
        }
        return true;
    }

    // statx, whose answer has one shape everywhere; fstat has one for each architecture.
    private static int StatusNumber => RuntimeInformation.ProcessArchitecture switch { Architecture.X64 => 332, Architecture.Arm64 => 291, _ => 0 };

    private static bool IsPositionable(SafeFileHandle file)
    {
        try
        {
            using var stream = new FileStream(new SafeFileHandle(file.DangerousGetHandle(), ownsHandle: false), FileAccess.Read, bufferSize: 0);
            return stream.CanSeek;
        }
        catch (Exception e) when (e is IOException or ArgumentException or UnauthorizedAccessException) { return false; }
    }

    private static void Check(int answer, string what)
    {
        if (answer != 0) throw PosixError.Of(PosixError.Last, what);
    }
}

using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Orchestrator.Engine.Posix;

/// <summary>Holes in files: made without moving what comes after them, and found again. Linux, 64 bit.</summary>
internal static partial class SparseFile
{
    private const string Library = "libc";
    private const int PunchHole = 2, KeepSize = 1, SeekData = 3, SeekHole = 4;

    /// <summary>The unit of holes: blocks of ext4, xfs and tmpfs, or a multiple of them.</summary>
    public const long Block = 4096;

    [LibraryImport(Library, EntryPoint = "fallocate", SetLastError = true)]
    private static partial int Allocate(SafeFileHandle file, int mode, long from, long length);

    [LibraryImport(Library, EntryPoint = "lseek", SetLastError = true)]
    private static partial long Seek(SafeFileHandle file, long from, int whence);

    /// <summary>Gives the blocks of a range back; offsets and length stay. False where the file system cannot.</summary>
    public static bool TryPunch(SafeFileHandle file, long from, long length) => Allocate(file, PunchHole | KeepSize, from, length) == 0;

    /// <summary>The first hole at or after an offset; null when there is none before <paramref name="length"/>.</summary>
    public static (long From, long To)? HoleAfter(SafeFileHandle file, long offset, long length)
    {
        if (offset >= length || Seek(file, offset, SeekHole) is not (>= 0 and var from) || from >= length) return null;
        var to = Seek(file, from, SeekData);
        return (from, to < 0 || to > length ? length : to);   // no data after it: the hole reaches to the end
    }

    /// <summary>The first offset from which there is data up to <paramref name="length"/> without a hole.</summary>
    public static long DataBefore(SafeFileHandle file, long offset, long length)
    {
        while (HoleAfter(file, offset, length) is { } hole) offset = hole.To;
        return offset;
    }
}

using System.Runtime.InteropServices;

namespace Orchestrator.Engine.Posix;

/// <summary>Flags of open(2). Two of them have other values on ARM and POWER than everywhere else.</summary>
internal static class OpenFlags
{
    public const int ReadOnly = 0, WriteOnly = 1, ReadWrite = 2;
    public const int Create = 0x40, Exclusive = 0x80, Append = 0x400, NonBlocking = 0x800, CloseOnExec = 0x80000;

    /// <summary>O_DIRECTORY: anything but a folder is refused.</summary>
    public static readonly int Directory = DirectoryOn(RuntimeInformation.ProcessArchitecture);

    /// <summary>O_NOFOLLOW: a link at the end of the path is refused.</summary>
    public static readonly int NoFollow = NoFollowOn(RuntimeInformation.ProcessArchitecture);

    public static int DirectoryOn(Architecture architecture) => HasOwnTable(architecture) ? 0x4000 : 0x10000;

    public static int NoFollowOn(Architecture architecture) => HasOwnTable(architecture) ? 0x8000 : 0x20000;

    private static bool HasOwnTable(Architecture architecture) => architecture is Architecture.Arm or Architecture.Arm64 or Architecture.Armv6 or Architecture.Ppc64le;
}

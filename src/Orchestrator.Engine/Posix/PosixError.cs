using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Orchestrator.Engine.Posix;

/// <summary>Error numbers of Linux, and the exception that .NET would throw for one.</summary>
internal static class PosixError
{
    public const int NotPermitted = 1, NotFound = 2, Interrupted = 4, WouldBlock = 11, NoAccess = 13, Exists = 17, NotDirectory = 20, IsDirectory = 21, TooManyFiles = 24,
        NoDevice = 6, FileTooLarge = 27, NoSpace = 28, ReadOnlyFileSystem = 30, TooManyLinks = 40, NotEmpty = 39, Input = 5;

    public static int Last => Marshal.GetLastPInvokeError();

    /// <summary>What the C library calls an error, with the path it happened on.</summary>
    public static Exception Of(int error, string path)
    {
        var cause = new Win32Exception(error);
        return error switch
        {
            NotFound => new FileNotFoundException($"{path}: {cause.Message}", path, cause),
            NoAccess or NotPermitted => new UnauthorizedAccessException($"{path}: {cause.Message}", cause),
            FileTooLarge => new IOException($"{path} cannot grow: the process (ulimit -f) or the file system allows no larger file.", cause),
            TooManyFiles => new IOException($"{path}: {cause.Message}. Raise the limit of open files (ulimit -n, or LimitNOFILE of the systemd unit).", cause),
            _ => new IOException($"{path}: {cause.Message}", error),
        };
    }
}

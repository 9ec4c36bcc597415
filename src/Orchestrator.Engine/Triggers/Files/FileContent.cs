using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using Orchestrator.Core.Triggers.Files;
using Orchestrator.Engine.Files;

namespace Orchestrator.Engine.Triggers.Files;

/// <summary>A file as it is when its delivery is made.</summary>
internal static class FileContent
{
    /// <summary>Whether it is a regular file and still as it was found; with its SHA-256 (64 hex digits) where that is asked for.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static async Task<(FileFate Fate, string? Sha256)> CheckAsync(string path, FoundFile found, bool read, CancellationToken stop)
    {
        using var file = RegularFile.TryOpen(path);
        if (file is null) return (File.Exists(path) ? FileFate.Other : FileFate.Gone, null);
        if (!IsSame(file, found)) return (FileFate.Changed, null);
        if (!read) return (FileFate.Same, null);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var bytes = new byte[256 << 10];
        for (long at = 0; ;)
        {
            var n = await RandomAccess.ReadAsync(file, bytes, at, stop).ConfigureAwait(false);
            if (n == 0) break;
            hash.AppendData(bytes, 0, n);
            at += n;
            if (at > found.Size) return (FileFate.Changed, null);
        }
        // Written to while it was read, it is none of what it was.
        return IsSame(file, found) ? (FileFate.Same, Convert.ToHexStringLower(hash.GetHashAndReset())) : (FileFate.Changed, null);
    }

    private static bool IsSame(SafeFileHandle file, FoundFile found) =>
        RandomAccess.GetLength(file) == found.Size && File.GetLastWriteTimeUtc(file) == found.ModifiedAt.UtcDateTime;
}

/// <summary>What became of a file since it was found.</summary>
internal enum FileFate
{
    /// <summary>It is as it was.</summary>
    Same,
    /// <summary>It was written to, or replaced.</summary>
    Changed,
    /// <summary>It is gone.</summary>
    Gone,
    /// <summary>It is no regular file.</summary>
    Other,
}

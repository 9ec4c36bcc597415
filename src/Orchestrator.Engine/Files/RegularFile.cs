using System.Text;
using Microsoft.Win32.SafeHandles;
using Orchestrator.Engine.Posix;

namespace Orchestrator.Engine.Files;

/// <summary>
/// Opens files that tasks or users can replace. Only regular ones: a FIFO would hold the thread that opens it for ever, and a device never ends. Neither
/// does a link in the place of a file lead out of the folder it is in.
/// </summary>
internal static class RegularFile
{
    /// <summary>Opens it for reading; null when there is no regular file of that name.</summary>
    /// <param name="followLink">A link to a regular file is as good: for files of users, such as definitions that a ConfigMap links to.</param>
    /// <exception cref="IOException">It is there but cannot be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static SafeFileHandle? TryOpen(string path, bool followLink = false)
    {
        var flags = OpenFlags.ReadOnly | OpenFlags.NonBlocking | (followLink ? 0 : OpenFlags.NoFollow);
        if (FileCalls.TryOpen(path, flags, 0, out var error) is not { } file)
            return error is PosixError.NotFound or PosixError.NotDirectory or PosixError.TooManyLinks or PosixError.NoDevice ? null : throw PosixError.Of(error, path);
        if (FileCalls.IsRegular(file)) return file;
        file.Dispose();
        return null;
    }

    /// <summary>A stream over it; null when there is no regular file of that name.</summary>
    public static FileStream? TryOpenStream(string path, bool followLink = false, int bufferSize = 0) =>
        TryOpen(path, followLink) is { } file ? new(file, FileAccess.Read, bufferSize) : null;

    /// <summary>Its content; null when there is no regular file of that name.</summary>
    /// <exception cref="IOException">It is larger than <paramref name="most"/> bytes, or cannot be read.</exception>
    public static byte[]? TryRead(string path, bool followLink = false, long most = int.MaxValue)
    {
        using var file = TryOpen(path, followLink);
        if (file is null) return null;
        var length = RandomAccess.GetLength(file);
        if (length > Math.Min(most, Array.MaxLength)) throw new IOException($"{path} is larger than {most} bytes.");
        var bytes = new byte[length];
        var done = 0;
        while (done < bytes.Length && RandomAccess.Read(file, bytes.AsSpan(done), done) is > 0 and var n) done += n;
        return done == bytes.Length ? bytes : bytes[..done];
    }

    /// <summary>Its content as UTF-8; null when there is no regular file of that name.</summary>
    public static string? TryReadText(string path, bool followLink = false, long most = int.MaxValue)
    {
        if (TryRead(path, followLink, most) is not { } bytes) return null;
        ReadOnlySpan<byte> mark = [0xEF, 0xBB, 0xBF];
        return Encoding.UTF8.GetString(bytes.AsSpan().StartsWith(mark) ? bytes.AsSpan(mark.Length) : bytes);
    }

    /// <summary>Its lines, read as they are asked for; none when there is no regular file of that name.</summary>
    public static IEnumerable<string> Lines(string path)
    {
        using var stream = TryOpenStream(path);
        if (stream is null) yield break;
        using var reader = new StreamReader(stream, Encoding.UTF8, detectEncodingFromByteOrderMarks: true, bufferSize: 64 * 1024);
        while (reader.ReadLine() is { } line) yield return line;
    }
}

using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Orchestrator.Core;
using Orchestrator.Engine.Executors.Results;

namespace Orchestrator.Engine.Executors.Artifacts;

/// <summary>Writes one artifact: there whole after any crash, or not at all.</summary>
internal static partial class ArtifactFile
{
    private const nuint FileClone = 0x40049409;   // FICLONE

    /// <summary>Copies a file, where the file system can by sharing its blocks; gives its size.</summary>
    /// <exception cref="OutputProblemException">It is larger than the limit.</exception>
    public static async ValueTask<long> CopyAsync(string path, FileStream source, long limit)
    {
        if (source.Length > limit) throw TooLarge(limit);
        var draft = path + ".tmp";
        using (var clone = File.OpenHandle(draft, FileMode.Create, FileAccess.Write))
            if (Clone(clone, FileClone, source.SafeFileHandle) == 0)
            {
                RandomAccess.FlushToDisk(clone);
                File.Move(draft, path, overwrite: true);
                DurableFile.FlushDirectory(Path.GetDirectoryName(path)!);
                return source.Length;
            }
        return await WriteAsync(path, source, limit, CancellationToken.None).ConfigureAwait(false);
    }

    /// <summary>Copies a stream; gives the bytes written.</summary>
    /// <exception cref="OutputProblemException">It is longer than the limit; nothing is left of it.</exception>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    public static async ValueTask<long> WriteAsync(string path, Stream source, long limit, CancellationToken stop)
    {
        var draft = path + ".tmp";
        var written = 0L;
        try
        {
            var file = new FileStream(draft, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0);
            await using (file.ConfigureAwait(false))
            {
                var buffer = new byte[64 * 1024];
                for (int n; (n = await source.ReadAsync(buffer, stop).ConfigureAwait(false)) > 0; written += n)
                {
                    if (written + n > limit)
                        throw TooLarge(limit);
                    await file.WriteAsync(buffer.AsMemory(0, n), stop).ConfigureAwait(false);
                }
                file.Flush(flushToDisk: true);
            }
            File.Move(draft, path, overwrite: true);
        }
        catch (Exception e)
        {
            File.Delete(draft);
            if (e is ArgumentOutOfRangeException grown) throw FileLimit.Reached(path, grown);
            throw;
        }
        DurableFile.FlushDirectory(Path.GetDirectoryName(path)!);
        return written;
    }

    private static OutputProblemException TooLarge(long limit) =>
        new(FailureKind.OutputLimit, $"A file for the artifacts is larger than the {Math.Max(0, limit)} bytes that are left of the run's limit (Orchestrator:Artifacts:Limit).");

    [LibraryImport("libc", EntryPoint = "ioctl")]
    private static partial int Clone(SafeFileHandle target, nuint request, SafeFileHandle source);
}

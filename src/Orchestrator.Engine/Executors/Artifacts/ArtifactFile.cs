using Orchestrator.Core;
using Orchestrator.Engine.Executors.Results;

namespace Orchestrator.Engine.Executors.Artifacts;

/// <summary>Writes one artifact: there whole after any crash, or not at all.</summary>
internal static class ArtifactFile
{
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
                        throw new OutputProblemException(FailureKind.OutputLimit, $"The file for the artifacts is larger than {limit} bytes, which is all that is left of the run's limit.");
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
}

using Orchestrator.Core;
using Orchestrator.Engine.Executors.Results;
using Orchestrator.Engine.Files;

namespace Orchestrator.Engine.Executors.Artifacts;

/// <summary>Writes one artifact: there whole after any crash, or not at all.</summary>
internal static class ArtifactFile
{
    /// <summary>Copies a file, where the file system can by sharing its blocks; gives its size.</summary>
    /// <exception cref="OutputProblemException">It is larger than the limit.</exception>
    public static async ValueTask<long> CopyAsync(Disk disk, string path, FileStream source, long limit)
    {
        if (source.Length > limit) throw TooLarge(limit);
        var draft = new WholeFileDraft(disk, path);
        await using var _ = draft.ConfigureAwait(false);
        var bytes = draft.TryClone(source.SafeFileHandle) ? source.Length : await FillAsync(draft, source, limit, CancellationToken.None).ConfigureAwait(false);
        draft.Commit();
        return bytes;
    }

    /// <summary>Copies a stream; gives the bytes written.</summary>
    /// <exception cref="OutputProblemException">It is longer than the limit; nothing is left of it.</exception>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    public static async ValueTask<long> WriteAsync(Disk disk, string path, Stream source, long limit, CancellationToken stop)
    {
        var draft = new WholeFileDraft(disk, path);
        await using var _ = draft.ConfigureAwait(false);
        var bytes = await FillAsync(draft, source, limit, stop).ConfigureAwait(false);
        draft.Commit();
        return bytes;
    }

    private static async ValueTask<long> FillAsync(WholeFileDraft draft, Stream source, long limit, CancellationToken stop)
    {
        var written = 0L;
        var buffer = new byte[64 * 1024];
        for (int n; (n = await source.ReadAsync(buffer, stop).ConfigureAwait(false)) > 0; written += n)
        {
            if (written + n > limit) throw TooLarge(limit);
            draft.Write(buffer.AsSpan(0, n));
        }
        return written;
    }

    private static OutputProblemException TooLarge(long limit) =>
        new(FailureKind.OutputLimit, $"A file for the artifacts is larger than the {Math.Max(0, limit)} bytes that are left of the run's limit (Orchestrator:Artifacts:Limit).");
}

using System.Buffers;
using Orchestrator.Core;
using Orchestrator.Engine.Files;

namespace Orchestrator.Engine.Executors.Results;

/// <summary>The file at $ORCHESTRATOR_OUTPUT. The task creates it if it has results.</summary>
internal static class OutputFile
{
    /// <summary>Its bytes; null when there is no regular file. What else a task may have put there, a FIFO or a device, holds no results.</summary>
    /// <exception cref="OutputProblemException">It is larger than the limit or cannot be read.</exception>
    public static byte[]? Read(string path, int limit)
    {
        try
        {
            using var file = RegularFile.TryOpen(path);
            if (file is null) return null;
            var content = new ArrayBufferWriter<byte>(1024);
            while (content.WrittenCount <= limit)
            {
                var n = RandomAccess.Read(file, content.GetSpan(4096), content.WrittenCount);
                if (n == 0) return content.WrittenSpan.ToArray();
                content.Advance(n);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OutputProblemException(FailureKind.Error, $"The results in $ORCHESTRATOR_OUTPUT cannot be read: {e.Message}");
        }
        throw new OutputProblemException(FailureKind.OutputLimit, $"The results in $ORCHESTRATOR_OUTPUT are larger than {limit} bytes: write large results to a file and pass its name.");
    }
}

using System.Buffers;
using Orchestrator.Core;
using Orchestrator.Engine.Executors.Process;

namespace Orchestrator.Engine.Executors.Results;

/// <summary>The file behind $ORCHESTRATOR_OUTPUT. The task creates it if it has something to say.</summary>
internal static class OutputFile
{
    /// <summary>Its bytes; null when there is none. Whatever the task put there is read without blocking (it could be a FIFO).</summary>
    /// <exception cref="OutputProblemException">It is larger than the limit or cannot be read.</exception>
    public static byte[]? Read(string path, int limit)
    {
        var file = Libc.Open(path, Libc.ReadOnly | Libc.NonBlocking | Libc.CloseOnExec, 0);
        if (file < 0)
        {
            if (Libc.LastError is Libc.NotFound) return null;
            throw new OutputProblemException(FailureKind.Error, $"The results in $ORCHESTRATOR_OUTPUT cannot be opened (error {Libc.LastError}).");
        }
        var content = new ArrayBufferWriter<byte>(1024);
        try
        {
            while (content.WrittenCount <= limit)
            {
                var n = Libc.Read(file, content.GetSpan(4096));
                if (n < 0) throw new OutputProblemException(FailureKind.Error, $"The results in $ORCHESTRATOR_OUTPUT cannot be read (error {Libc.LastError}).");
                if (n == 0) return content.WrittenSpan.ToArray();
                content.Advance(n);
            }
        }
        finally
        {
            _ = Libc.Close(file);
        }
        throw new OutputProblemException(FailureKind.OutputLimit, $"The results in $ORCHESTRATOR_OUTPUT are larger than {limit} bytes: write large results to a file and pass its name.");
    }
}

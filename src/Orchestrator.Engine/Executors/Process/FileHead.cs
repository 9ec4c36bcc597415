using System.Text;
using Orchestrator.Engine.Posix;

namespace Orchestrator.Engine.Executors.Process;

/// <summary>The beginning of a file, where a script names its interpreter.</summary>
internal static class FileHead
{
    /// <summary>Its first 256 bytes as text; null where there is no such file, or nothing in it.</summary>
    public static string? Read(string path)
    {
        Span<byte> head = stackalloc byte[256];
        var file = FileCalls.OpenDescriptor(path, OpenFlags.ReadOnly | OpenFlags.NonBlocking | OpenFlags.CloseOnExec, 0);
        if (file < 0) return null;
        var n = FileCalls.Read(file, head);
        _ = FileCalls.Close(file);
        return n <= 0 ? null : Encoding.UTF8.GetString(head[..n]);
    }
}

using System.Text;
using Orchestrator.Engine.Journal;

namespace Orchestrator.Worker.Local;

/// <summary>
/// Where `serve` listens for verbs on the same machine: <c>serve.sock</c> in the data directory, or, where that path is too long
/// for a socket (108 bytes on Linux), in a fresh folder of our own that nobody else may enter.
/// </summary>
internal sealed class LocalSocket : IDisposable
{
    private const int LongestPath = 100;
    private readonly string? _folder;

    private LocalSocket(string path, string? folder) => (Path, _folder) = (path, folder);

    public string Path { get; }

    /// <summary>Call with serve.lock held: a socket found here was left by a process that is gone.</summary>
    public static LocalSocket Prepare(IRunStore store, string? runtimeDirectory)
    {
        var near = store.State.PathOf("serve.sock");
        if (Encoding.UTF8.GetByteCount(near) <= LongestPath)
        {
            File.Delete(near);
            return new(near, folder: null);
        }
        var root = runtimeDirectory is { Length: > 0 and < 60 } && Directory.Exists(runtimeDirectory) ? runtimeDirectory : "/tmp";
        // The name cannot be guessed, so nobody can have prepared it; serve.lock tells where it is.
        var folder = System.IO.Path.Combine(root, $"orchestrator-{Guid.NewGuid():N}");
        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return new(System.IO.Path.Combine(folder, "serve.sock"), folder);
    }

    /// <summary>For this user alone, whatever the umask: who can connect can run programs. Until it is called no request is taken.</summary>
    public void Restrict() => File.SetUnixFileMode(Path, UnixFileMode.UserRead | UnixFileMode.UserWrite);

    public void Dispose()
    {
        File.Delete(Path);
        if (_folder is not null) Directory.Delete(_folder, recursive: true);
    }
}

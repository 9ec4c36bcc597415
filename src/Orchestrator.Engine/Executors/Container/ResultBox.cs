using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Orchestrator.Engine.Executors.Results;

namespace Orchestrator.Engine.Executors.Container;

/// <summary>
/// The container's folder for $ORCHESTRATOR_OUTPUT. Every user of the container may write into it; the folder
/// around it keeps others on this machine out.
/// </summary>
internal sealed class ResultBox : IDisposable
{
    private const UnixFileMode Ours = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode Everybodys = (UnixFileMode)0b111_111_111;
    private readonly string _outer;
    private readonly ILogger _log;

    public ResultBox(string output, ILogger log)
    {
        (_outer, _log) = (output + ".d", log);
        if (OperatingSystem.IsWindows()) throw new PlatformNotSupportedException("Tasks of kind container need Linux.");
        Dispose();   // what a lost attempt of the same number left
        Directory.CreateDirectory(_outer, Ours);
        Directory.CreateDirectory(Folder);
        File.SetUnixFileMode(Folder, Everybodys);   // not subject to the umask
    }

    /// <summary>Absolute.</summary>
    public string Folder => Path.Combine(_outer, "results");

    /// <summary>The results with those in the file above them.</summary>
    /// <exception cref="OutputProblemException">The file cannot be accepted.</exception>
    public ImmutableSortedDictionary<string, JsonElement> Read(int limit, ImmutableSortedDictionary<string, JsonElement> others)
    {
        if (OutputFile.Read(Path.Combine(Folder, "output"), limit) is not { } file) return others;
        var outputs = others.WithComparers(StringComparer.Ordinal).ToBuilder();
        OutputText.Read(file, outputs);
        return outputs.ToImmutable();
    }

    public void Dispose()
    {
        try
        {
            if (Directory.Exists(_outer)) Directory.Delete(_outer, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            ExecutorLog.NotRemoved(_log, e, _outer);   // the container made files as a user of its own
        }
    }
}

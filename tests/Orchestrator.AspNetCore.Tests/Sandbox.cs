namespace Orchestrator.AspNetCore.Tests;

/// <summary>A folder of its own.</summary>
internal sealed class Sandbox : IDisposable
{
    public string Root { get; } = Directory.CreateTempSubdirectory("orc-api-").FullName;

    public string PathOf(string relative) => Path.Combine(Root, relative);

    public string Write(string relative, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(PathOf(relative))!);
        File.WriteAllText(PathOf(relative), text);
        return PathOf(relative);
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}

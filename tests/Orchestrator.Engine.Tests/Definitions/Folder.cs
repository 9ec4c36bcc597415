namespace Orchestrator.Engine.Tests.Definitions;

/// <summary>A folder of its own for one test.</summary>
internal sealed class Folder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("definitions-").FullName;

    public string At(string name) => System.IO.Path.Combine(Path, name);

    public string Write(string name, string text)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(At(name))!);
        File.WriteAllText(At(name), text);
        return At(name);
    }

    public string Workflow(string file, string name, string command = "echo") => Write(file, $"name: {name}\ntasks: [{{id: x, run: {command}}}]\n");

    public void Dispose() => Directory.Delete(Path, recursive: true);
}

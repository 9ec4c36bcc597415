using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Orchestrator.Conformance.Harness;

/// <summary>A folder of its own for one case: workflow files, a data directory, and the program called in it. Everything it started is ended with it.</summary>
internal sealed class Sandbox : IAsyncDisposable
{
    private readonly List<Running> _running = [];

    public Sandbox([CallerMemberName] string name = "")
    {
        Root = Path.Combine(Path.GetTempPath(), "orc-conformance", $"{name[..Math.Min(40, name.Length)]}-{Guid.NewGuid():N}"[..Math.Min(60, name.Length + 33)]);
        Directory.CreateDirectory(Root);
    }

    /// <summary>The case's folder and working directory.</summary>
    public string Root { get; }

    public string Data => Path.Combine(Root, "data");

    /// <summary>Environment variables added to what the program gets.</summary>
    public Dictionary<string, string?> Environment { get; } = [];

    public string PathOf(string relative) => Path.Combine(Root, relative);

    public string Write(string relative, string text)
    {
        var path = PathOf(relative);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }

    /// <summary>Writes a workflow and gives its path.</summary>
    public string Workflow(string yaml, string file = "flow.yaml") => Write(file, yaml);

    /// <summary>Starts the program; `--data` is added unless the arguments have it.</summary>
    public Running Start(params string[] args)
    {
        var all = args.Contains("--data") || args is ["--help"] or ["version"] or ["--version"] ? args : [.. args, "--data", Data];
        var running = Running.Start(Built.Program, all, Root, Environment);
        _running.Add(running);
        return running;
    }

    /// <summary>Starts another program, with these arguments alone.</summary>
    public Running StartOther(string program, params string[] args)
    {
        var running = Running.Start(program, args, Root, Environment);
        _running.Add(running);
        return running;
    }

    /// <summary>Runs the program to its end.</summary>
    public async Task<Finished> RunAsync(params string[] args) => await Start(args).EndAsync();

    /// <summary>Runs a workflow with --json and reads the document.</summary>
    public async Task<(Finished Finished, JsonElement Json)> RunJsonAsync(string workflow, params string[] args)
    {
        var finished = await RunAsync(["run", workflow, "--json", .. args]);
        return (finished, finished.Json());
    }

    /// <summary>The folder of a run's report, logs and results.</summary>
    public string RunFolder(string runId) => Directory.EnumerateDirectories(Path.Combine(Data, "runs"), runId, new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 3 }).Single();

    /// <summary>The run's events, one envelope each.</summary>
    public async Task<List<JsonElement>> EventsAsync(string runId) => (await RunAsync("events", runId)).JsonLines();

    public async ValueTask DisposeAsync()
    {
        foreach (var running in _running) await running.DisposeAsync();
        try { Directory.Delete(Root, recursive: true); }
        catch (IOException) { }
        catch (UnauthorizedAccessException) { }
    }
}

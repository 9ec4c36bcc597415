using System.Text.Json;
using Orchestrator.Worker.Commands;
using Orchestrator.Worker.Commands.Runs;
using Orchestrator.Worker.Commands.Serving;
using Orchestrator.Worker.Commands.Spans;

namespace Orchestrator.Worker.Tests;

/// <summary>A folder of its own, with the program called in it in this process.</summary>
internal sealed class Sandbox : IDisposable
{
    public string Root { get; } = Directory.CreateTempSubdirectory("orc-worker-").FullName;

    public Dictionary<string, string> Environment { get; } = new() { ["PATH"] = CommandContext.OfProcess().Variable("PATH") ?? "/usr/bin:/bin" };

    public string PathOf(string relative) => Path.Combine(Root, relative);

    public string Write(string relative, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(PathOf(relative))!);
        File.WriteAllText(PathOf(relative), text);
        return PathOf(relative);
    }

    public async Task<Finished> RunAsync(params string[] args)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var code = await CommandLine.RunAsync(args, new CommandContext
        {
            Out = output, Error = error, Environment = Environment, CurrentDirectory = Root, UserName = "tester", Stop = TestContext.Current.CancellationToken,
        });
        return new(code, output.ToString(), error.ToString());
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}

internal sealed record Finished(int Code, string Output, string Error)
{
    public JsonElement Json => JsonDocument.Parse(Output).RootElement;

    public JsonElement[] Lines => [.. Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonDocument.Parse(l).RootElement)];

    public Finished Exits(int code)
    {
        Code.ShouldBe(code, $"{Output}\n{Error}");
        return this;
    }
}

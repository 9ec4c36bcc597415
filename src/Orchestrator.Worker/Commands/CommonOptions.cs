using System.CommandLine;
using Orchestrator.Worker.Hosting;

namespace Orchestrator.Worker.Commands;

/// <summary>The options every verb has.</summary>
internal sealed class CommonOptions
{
    public Option<string?> Data { get; } = new("--data")
    {
        Description = "Data directory (default: Orchestrator:DataDirectory, else ./data).", HelpName = "DIR", Recursive = true,
    };

    public Option<string?> Config { get; } = new("--config")
    {
        Description = $"Configuration file (default: {Settings.DefaultFile} if it exists).", HelpName = "FILE", Recursive = true,
    };

    public Option<bool> Json { get; } = new("--json")
    {
        Description = "Print one JSON document, or JSON lines for lists and follows, and nothing else.", Recursive = true,
    };

    public void AddTo(Command root)
    {
        root.Options.Add(Data);
        root.Options.Add(Config);
        root.Options.Add(Json);
    }

    public Settings Load(ParseResult parsed, Surroundings around) => Settings.Load(parsed.GetValue(Config), parsed.GetValue(Data), around.CurrentDirectory);
}

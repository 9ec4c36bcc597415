using System.CommandLine;
using Orchestrator.Engine.Hosting.Options;
using Orchestrator.Worker.Options;

namespace Orchestrator.Worker.Commands;

/// <summary>The options every verb has.</summary>
internal sealed class CommonOptions
{
    private Settings? _loaded;

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

    /// <exception cref="OptionsException">The configuration cannot be used.</exception>
    public Settings Load(ParseResult parsed, CommandContext around) => _loaded ??= Settings.Load(parsed.GetValue(Config), parsed.GetValue(Data), around.CurrentDirectory);

    /// <summary>The same; null where that fails, which the verb itself will say.</summary>
    public Settings? TryLoad(ParseResult parsed, CommandContext around)
    {
        try { return Load(parsed, around); }
        catch (Exception e) when (e is OptionsException or IOException or UnauthorizedAccessException) { return null; }
    }
}

using Orchestrator.Engine.Hosting.Options;
using Orchestrator.Engine.Journal;

namespace Orchestrator.Worker.Options;

/// <summary>The configuration of one invocation, read once.</summary>
/// <param name="Options">Checked values.</param>
/// <param name="Configuration">All of it: the file with environment variables above.</param>
/// <param name="File">The file read; null when there is none.</param>
/// <param name="DataDirectory">Absolute: <c>--data</c>, else the option.</param>
internal sealed record Settings(OrchestratorOptions Options, IConfiguration Configuration, string? File, string DataDirectory)
{
    /// <summary>Read when it exists and no other is named.</summary>
    public const string DefaultFile = "config/appsettings.json";

    private IRunStore? _store;

    /// <summary>Where runs are kept.</summary>
    public IRunStore Store => _store ??= StoreFor(null);

    /// <summary>The same as the files they are, for whoever looks after those.</summary>
    /// <param name="reached">Told before and after a definition is written, by name: for tests of crashes.</param>
    public Engine.Journal.Jsonl.DataDirectory StoreFor(Action<string>? reached) =>
        Engine.Journal.Jsonl.DataDirectory.At(DataDirectory, new(Options.Files.FolderMode, Options.Files.FileMode), reached);

    /// <summary>Folder that relative paths of inline definitions start from.</summary>
    public string InlineFolder => File is { } file ? Path.GetDirectoryName(file)! : Directory.GetCurrentDirectory();

    /// <param name="file">The value of <c>--config</c>; null: the default file if there is one.</param>
    /// <param name="data">The value of <c>--data</c>.</param>
    /// <param name="currentDirectory">Where relative paths of the command line start.</param>
    /// <exception cref="OptionsException">The file is missing, is no JSON, or holds values that cannot be used.</exception>
    public static Settings Load(string? file, string? data, string currentDirectory)
    {
        var path = Path.GetFullPath(file ?? DefaultFile, currentDirectory);
        var exists = System.IO.File.Exists(path);
        if (!exists && file is not null) throw new OptionsException([$"The configuration file {path} does not exist. Name another with --config or leave it out."]);

        var configuration = exists ? Read(path) : new ConfigurationBuilder().AddEnvironmentVariables().Build();
        var options = OptionsReader.Read(configuration, Path.GetDirectoryName(path)!);
        return new(options, configuration, exists ? path : null, Path.GetFullPath(data ?? options.DataDirectory, currentDirectory));
    }

    private static IConfigurationRoot Read(string path)
    {
        try
        {
            using var content = System.IO.File.OpenRead(path);
            return new ConfigurationBuilder().AddJsonStream(content).AddEnvironmentVariables().Build();
        }
        catch (Exception e) when (e is System.Text.Json.JsonException or FormatException or InvalidDataException or IOException or UnauthorizedAccessException)
        {
            throw new OptionsException([$"The configuration file {path} cannot be read: {(e.InnerException ?? e).Message}"]);
        }
    }
}

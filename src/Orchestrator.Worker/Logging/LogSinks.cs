namespace Orchestrator.Worker.Logging;

/// <summary>Which of the sinks configured below <c>Serilog</c> a process uses, and how.</summary>
internal static class LogSinks
{
    private static readonly string[] Sections = ["Serilog:WriteTo", "Serilog:AuditTo"];

    /// <summary>
    /// What a verb other than `serve` writes its log lines to: everything but consoles that are standard output, which belongs to results, or a
    /// person's terminal. Null when nothing is left: then no logger need be made.
    /// </summary>
    public static IConfiguration? OfVerbs(IConfiguration configuration, bool isTerminal)
    {
        var all = Sections.SelectMany(s => configuration.GetSection(s).GetChildren()).ToList();
        var left = all.Where(s => !IsInTheWay(s, isTerminal)).ToList();
        if (left.Count == 0) return null;
        var dropped = all.Except(left).Select(s => s.Path).ToList();
        var kept = configuration.GetSection("Serilog").AsEnumerable().Where(p => !dropped.Exists(d => p.Key == d || p.Key.StartsWith(d + ":", StringComparison.OrdinalIgnoreCase)));
        return Shared(new ConfigurationBuilder().AddInMemoryCollection(kept).Build());
    }

    /// <summary>
    /// Several processes write the same file: a file that nobody said anything about is shared. What one of them writes would be overwritten by another
    /// otherwise.
    /// </summary>
    public static IConfiguration Shared(IConfiguration configuration)
    {
        var files = Sections.SelectMany(s => configuration.GetSection(s).GetChildren())
            .Where(s => NameOf(s) == "File" && s["Args:shared"] is null && !IsTrue(s["Args:buffered"])).ToList();
        if (files.Count == 0 || !CanShare()) return configuration;
        return new ConfigurationBuilder().AddConfiguration(configuration)
            .AddInMemoryCollection(files.Select(s => KeyValuePair.Create(s.Path + ":Args:shared", (string?)"true"))).Build();
    }

    private static bool IsInTheWay(IConfigurationSection sink, bool isTerminal) =>
        NameOf(sink) == "Console" && (isTerminal || !string.Equals(sink["Args:standardErrorFromLevel"], "Verbose", StringComparison.OrdinalIgnoreCase))
        || sink.GetChildren().Any(below => IsInTheWay(below, isTerminal));

    private static string? NameOf(IConfigurationSection sink) => sink.Value ?? sink["Name"];

    private static bool IsTrue(string? text) => bool.TryParse(text, out var value) && value;

    // Sharing needs a mutex between processes, and that a folder for temporary files.
    private static bool CanShare()
    {
        try
        {
            using var mutex = new Mutex(initiallyOwned: false, "orchestrator-logs");
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or WaitHandleCannotBeOpenedException)
        {
            return false;
        }
    }
}

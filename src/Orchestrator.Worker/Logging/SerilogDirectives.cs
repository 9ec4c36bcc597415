using Orchestrator.Engine.Hosting.Options;
using Serilog;
using Serilog.Debugging;
using Serilog.Settings.Configuration;

namespace Orchestrator.Worker.Logging;

/// <summary>
/// Applies the section <c>Serilog</c>. Serilog's reader says in its own log alone that it knows no such sink, and throws without the key at an argument that cannot be read: both
/// become problems with their key.
/// </summary>
internal static class SerilogDirectives
{
    private const string Unknown = "Unable to find a method called";
    private static readonly (string Section, string What)[] Kinds =
        [("WriteTo", "sink"), ("AuditTo", "sink"), ("Enrich", "enricher"), ("Filter", "filter"), ("Destructure", "rule")];

    // Named, because a native program has no folder to look for them in.
    private static readonly ConfigurationReaderOptions Known = new(typeof(ConsoleLoggerConfigurationExtensions).Assembly, typeof(FileLoggerConfigurationExtensions).Assembly);

    /// <exception cref="OptionsException">A directive cannot be carried out.</exception>
    public static LoggerConfiguration Apply(LoggerConfiguration logger, IConfiguration configuration)
    {
        if (TryApply(logger, configuration) is not { } problem) return logger;
        var found = Kinds.SelectMany(kind => configuration.GetSection("Serilog:" + kind.Section).GetChildren().Select(at => Problem(configuration, at, kind.What))).OfType<string>().ToList();
        throw new OptionsException(found.Count > 0 ? found : [$"Serilog: {problem}"]);
    }

    private static string? Problem(IConfiguration configuration, IConfigurationSection at, string what)
    {
        // One directive alone, with the switches that it may name.
        var kept = configuration.GetSection("Serilog").AsEnumerable()
            .Where(p => p.Key == at.Path || Below(p.Key, at.Path) || Below(p.Key, "Serilog:LevelSwitches") || Below(p.Key, "Serilog:FilterSwitches"));
        if (TryApply(new LoggerConfiguration(), new ConfigurationBuilder().AddInMemoryCollection(kept).Build()) is not { } problem) return null;
        var name = at.Value ?? at["Name"];
        if (name is null) return $"{at.Path} needs a Name.";
        if (!problem.StartsWith(Unknown, StringComparison.Ordinal)) return $"{at.Path} ({name}) cannot be used: {problem}";
        var given = at.GetSection("Args").GetChildren().Select(a => a.Key).ToList();
        return $"{at.Path}: there is no {what} '{name}'{(given.Count > 0 ? $" that takes {string.Join(", ", given)}" : "")}.{(what == "sink" ? " Known are Console and File." : "")}";
    }

    private static bool Below(string key, string path) => key.StartsWith(path + ":", StringComparison.OrdinalIgnoreCase);

    /// <summary>Null when all of it was carried out, else why not.</summary>
    private static string? TryApply(LoggerConfiguration logger, IConfiguration configuration)
    {
        string? ignored = null;
        var here = Environment.CurrentManagedThreadId;
        SelfLog.Enable(said =>
        {
            if (Environment.CurrentManagedThreadId == here && said.IndexOf(Unknown, StringComparison.Ordinal) is >= 0 and var from) ignored ??= said[from..];
        });
        try
        {
            logger.ReadFrom.Configuration(configuration, Known);
            return ignored;
        }
        catch (Exception e)   // whatever a sink throws at its arguments: it is the configuration's fault
        {
            while (e.InnerException is { } cause) e = cause;
            return e.Message.Split('\n')[0].Trim();
        }
        finally
        {
            SelfLog.Disable();
        }
    }
}

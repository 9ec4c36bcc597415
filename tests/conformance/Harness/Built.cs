using System.Reflection;

namespace Orchestrator.Conformance.Harness;

/// <summary>The program under test: what ORCHESTRATOR_BIN names, else what the solution's build left beside the tests.</summary>
internal static class Built
{
    public static string Program { get; } = Find();

    private static string Find()
    {
        // The suite is told by its environment which program it drives; that is the one thing it reads from there.
#pragma warning disable RS0030
        if (Environment.GetEnvironmentVariable("ORCHESTRATOR_BIN") is { Length: > 0 } named) return named;
#pragma warning restore RS0030
        var here = Path.GetDirectoryName(Assembly.GetExecutingAssembly().Location)!;
        var bin = Path.GetFullPath(Path.Combine(here, "..", ".."));
        foreach (var configuration in new[] { Path.GetFileName(here), "release", "debug" })
            if (Path.Combine(bin, "Orchestrator.Worker", configuration, "orchestrator") is var built && File.Exists(built)) return built;
        throw new FileNotFoundException($"Build the solution first, or name the program in ORCHESTRATOR_BIN (looked below {bin}).");
    }

    /// <summary>What the suite was built as: <c>release</c> or <c>debug</c>.</summary>
    public static string Configuration { get; } = Path.GetFileName(Path.GetDirectoryName(Assembly.GetExecutingAssembly().Location)!);

    /// <summary>The sample of a program with an orchestrator inside; built with the suite.</summary>
    public static string EmbeddedSample { get; } = FindSample();

    private static string FindSample()
    {
        var here = Path.GetDirectoryName(Assembly.GetExecutingAssembly().Location)!;
        var sample = Path.GetFullPath(Path.Combine(here, "..", "..", "Orchestrator.EmbeddedSample", Path.GetFileName(here), "Orchestrator.EmbeddedSample"));
        return File.Exists(sample) ? sample : throw new FileNotFoundException($"Build the solution first: {sample} is missing.");
    }

    /// <summary>The repository's root: where the samples are.</summary>
    public static string Repository { get; } = FindRoot();

    private static string FindRoot()
    {
        var at = new DirectoryInfo(AppContext.BaseDirectory);
        while (at is not null && !File.Exists(Path.Combine(at.FullName, "Orchestrator.sln"))) at = at.Parent;
        return at?.FullName ?? throw new DirectoryNotFoundException("The suite runs inside the repository.");
    }
}

namespace Orchestrator.Architecture.Tests;

/// <summary>The working tree the tests judge.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    /// <summary>Absolute path of a file or folder given relative to the root with '/'.</summary>
    public static string At(string relative) => Path.Combine([Root, .. relative.Split('/')]);

    public static string Read(string relative) => File.ReadAllText(At(relative));

    /// <summary>Files below a folder as paths relative to the root with '/', without what builds leave behind.</summary>
    public static IReadOnlyList<string> Files(string folder, string pattern) =>
        [.. Directory.EnumerateFiles(At(folder), pattern, SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(Root, path).Replace('\\', '/'))
            .Where(path => !path.Split('/').Any(part => part is "obj" or "bin" or "node_modules"))
            .Order(StringComparer.Ordinal)];

    /// <summary>Names of the projects below src, for example Orchestrator.Core.</summary>
    public static IReadOnlyList<string> SourceProjects { get; } =
        [.. Files("src", "*.csproj").Select(path => Path.GetFileNameWithoutExtension(path))];

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Orchestrator.sln")))
                return folder.FullName;
        throw new InvalidOperationException($"No Orchestrator.sln above {AppContext.BaseDirectory}: the tests run inside the working tree.");
    }
}

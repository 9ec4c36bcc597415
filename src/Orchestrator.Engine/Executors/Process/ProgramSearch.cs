using Orchestrator.Engine.Posix;

namespace Orchestrator.Engine.Executors.Process;

/// <summary>Finds programs the way a shell would, through the PATH the child will have.</summary>
internal static class ProgramSearch
{
    /// <summary>Absolute path of a program; null when no folder of the path has an executable file of that name.</summary>
    public static string? Find(string program, string? path, string directory)
    {
        if (program.Contains('/')) return Path.Combine(directory, program);
        foreach (var folder in (path ?? "").Split(':'))
        {
            // An empty entry means the working directory (POSIX 8.3).
            var candidate = Path.Combine(directory, folder, program);
            if (FileCalls.Access(candidate, FileCalls.Executable) == 0 && File.Exists(candidate)) return candidate;
        }
        return null;
    }

    /// <summary>The interpreter named by a file's first line; null when it has none.</summary>
    public static string? InterpreterOf(ReadOnlySpan<char> text)
    {
        if (!text.StartsWith("#!", StringComparison.Ordinal)) return null;
        var end = text.IndexOf('\n');
        var line = (end < 0 ? text[2..] : text[2..end]).Trim(" \t");
        var space = line.IndexOfAny(' ', '\t');
        return (space < 0 ? line : line[..space]).ToString();
    }
}

using Orchestrator.Core.Definitions;

namespace Orchestrator.Engine.Executors.Process;

/// <summary>
/// Scripts with Windows line ends: the carriage return becomes part of their interpreter's name, and what kernel and shells say of that looks like a
/// missing file.
/// </summary>
internal static class CarriageReturns
{
    private const int MaxWords = 50;

    /// <summary>What to say of a file whose first line names an interpreter and ends with CRLF; null for others.</summary>
    public static string? In(string path) =>
        FileHead.Read(path) is ['#', '!', ..] head && head.IndexOf('\n', StringComparison.Ordinal) is > 0 and var end && head[end - 1] == '\r'
            ? $"the first line of '{path}' ends with a carriage return (CRLF), so its interpreter is not found: save it with LF line endings, for example with: sed -i 's/\\r$//' {path}"
            : null;

    /// <summary>The same of the program that could not be executed, or of the scripts that a shell's text names.</summary>
    public static string? In(TaskAttempt attempt, ProcessLaunch launch) =>
        In(launch.Program) ?? (attempt.Task.Action is RunAction && attempt.Invocation.Command is { } text
            ? text.Split([' ', '\t', '\n', ';', '&', '|', '(', ')', '"', '\''], MaxWords, StringSplitOptions.RemoveEmptyEntries)
                .Where(w => w.Contains('/', StringComparison.Ordinal)).Select(w => In(Path.Combine(launch.Directory, w))).FirstOrDefault(r => r is not null)
            : null);
}

using System.Collections.Immutable;

namespace Orchestrator.Core.Definitions;

/// <summary>The shells that have a word of their own, as command lines: the text of <c>run</c> becomes their last argument.</summary>
public static class Shells
{
    /// <summary><c>bash</c>: stops at the first failure, also within a pipe, and at variables that are not set.</summary>
    public static ImmutableArray<string> Bash { get; } = ["bash", "-eu", "-o", "pipefail", "-c"];

    /// <summary><c>sh</c>: the same but for pipes, of which only the last command counts. Starts in half the time.</summary>
    public static ImmutableArray<string> Sh { get; } = ["sh", "-eu", "-c"];

    /// <summary>The command line of a shell's name; empty for other words.</summary>
    internal static ImmutableArray<string> Of(string word) => word switch
    {
        "bash" => Bash,
        "sh" => Sh,
        _ => [],
    };
}

namespace Orchestrator.Worker.Commands;

/// <summary>A verb cannot do what was asked, for a reason the user can understand. Printed as <c>error: ...</c>, never with a stack.</summary>
internal sealed class CommandFailure(int exitCode, string message, string? remedy = null, Exception? cause = null) : Exception(message, cause)
{
    public int ExitCode { get; } = exitCode;

    /// <summary>What the user can do about it.</summary>
    public string? Remedy { get; } = remedy;
}

using Orchestrator.Core.Serialization;
using Orchestrator.Engine.Hosting.Options;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Running;
using Orchestrator.Worker.Commands.Output;
using Orchestrator.Worker.Hosting;
using Orchestrator.Worker.Local;

namespace Orchestrator.Worker.Commands;

/// <summary>Turns an exception into what a user reads and what a script checks.</summary>
internal static class FailureText
{
    /// <summary>Shows stacks when set to anything.</summary>
    public const string DebugVariable = "ORCHESTRATOR_DEBUG";

    public static int Print(Exception e, CommandContext around)
    {
        var (code, messages, remedy) = Explain(e);
        foreach (var message in messages) around.Error.WriteLine($"error: {Printable.Lines(message)}");
        if (remedy is not null) around.Error.WriteLine($"       {Printable.Lines(remedy)}");
        if (around.Variable(DebugVariable) is not null) around.Error.WriteLine(e.ToString());
        return code;
    }

    private static (int Code, IReadOnlyList<string> Messages, string? Remedy) Explain(Exception e) => e switch
    {
        CommandFailure f => (f.ExitCode, [f.Message], f.Remedy),
        OptionsException o => (ExitCode.Usage, o.Problems, "Correct the configuration and start again."),
        ServeLockHeldException held => (ExitCode.Unavailable, [held.Message], "Stop it, or use another data directory with --data."),
        JournalUnavailableException journal => (ExitCode.Unavailable, [journal.Message], null),
        JournalCorruptException journal => (ExitCode.Unavailable, [journal.Message], "Nothing was changed. Keep a copy of the data directory before anything else."),
        JournalFormatException format => (ExitCode.Unavailable, [format.Message], null),
        RunRefusedException refused => (ExitCode.Usage, [refused.Message], null),
        TooManyRunsException many => (ExitCode.Unavailable, [many.Message], null),
        EngineStoppingException stopping => (ExitCode.Unavailable, [stopping.Message], null),
        OperationCanceledException => (ExitCode.Cancelled, ["Cancelled."], null),
        UnauthorizedAccessException => (ExitCode.Unavailable, [e.Message], "Check the owner and the permissions of the path."),
        IOException => (ExitCode.Unavailable, [e.Message], "Check that the path exists, that its disk has space and that it can be written."),
        _ => (ExitCode.Failed, [$"{e.GetType().Name}: {e.Message}"], $"This is a bug in the program. Set {DebugVariable}=1 for details to report."),
    };
}

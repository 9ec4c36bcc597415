using System.Collections;
using Orchestrator.Core.Lifecycle;
using Orchestrator.Core.Runs;
using Orchestrator.Worker.Commands.Runs;

namespace Orchestrator.Worker.Commands;

/// <summary>What a verb sees of the world around the program. Tests give their own.</summary>
internal sealed record CommandContext
{
    /// <summary>For results; with <c>--json</c> nothing but JSON.</summary>
    public required TextWriter Out { get; init; }

    /// <summary>The same as bytes, for output by the gigabyte; null where there is only text.</summary>
    public Stream? OutBytes { get; init; }

    /// <summary>For progress that is no result, warnings and errors.</summary>
    public required TextWriter Error { get; init; }

    /// <summary>Whether <see cref="Out"/> is a terminal that lines can be rewritten on.</summary>
    public bool IsTerminal { get; init; }

    /// <summary>Whether <see cref="Error"/> is a terminal with a viewer.</summary>
    public bool ErrorIsTerminal { get; init; }

    /// <summary>The program's environment.</summary>
    public required IReadOnlyDictionary<string, string> Environment { get; init; }

    /// <summary>Where relative paths start.</summary>
    public required string CurrentDirectory { get; init; }

    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Fires when the caller gives up on the verb; signals are the verbs' own business.</summary>
    public CancellationToken Stop { get; init; }

    /// <summary>What the verb says of itself to the log.</summary>
    public VerbTrail Trail { get; } = new();

    public string? Variable(string name) => Environment.TryGetValue(name, out var value) && value.Length > 0 ? value : null;

    /// <summary>The trace context in the environment; null: none.</summary>
    public TraceStamp? Trace => TraceContexts.Inbound(Variable("TRACEPARENT"), Variable("TRACESTATE"), Variable("BAGGAGE"));

    /// <summary>Who uses the program, for events that say who asked.</summary>
    public string UserName { get; init; } = System.Environment.UserName;

    /// <summary>Columns of the terminal.</summary>
    public Func<int> Width { get; init; } = () => 80;

    /// <summary>How a run is shown to its watcher.</summary>
    public IRunProgress Progress() => IsTerminal ? new LiveProgress(Out, Clock, Width) : new PlainProgress(Out);

    /// <summary>The real ones.</summary>
    public static CommandContext OfProcess() => new()
    {
        Out = Console.Out,
        OutBytes = Console.IsOutputRedirected ? Console.OpenStandardOutput() : null,
        Error = Console.Error,
        IsTerminal = !Console.IsOutputRedirected && System.Environment.GetEnvironmentVariables()["TERM"] is not "dumb",
        ErrorIsTerminal = !Console.IsErrorRedirected,
        Environment = Variables(),
        CurrentDirectory = Directory.GetCurrentDirectory(),
        Width = () => Console.WindowWidth,
    };

    private static Dictionary<string, string> Variables()
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (DictionaryEntry variable in System.Environment.GetEnvironmentVariables()) variables[(string)variable.Key] = (string?)variable.Value ?? "";
        return variables;
    }
}

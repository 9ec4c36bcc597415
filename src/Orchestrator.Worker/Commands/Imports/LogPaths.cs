using System.CommandLine;
using Orchestrator.Engine.Imports;

namespace Orchestrator.Worker.Commands.Imports;

/// <summary>The two logs of a DAG runner: options, else the variables by which that runner finds them.</summary>
/// <param name="Given">Those that are named, with absolute paths.</param>
internal sealed record LogPaths(IReadOnlyList<(ImportedLogKind Kind, string Path)> Given)
{
    public const string EventsVariable = "ORCH_EVENTS_PATH";
    public const string StateVariable = "STATE_STORE_PATH";

    public static Option<string?> EventsOption() => new("--events") { Description = $"Task log, JSON lines (default: ${EventsVariable}).", HelpName = "FILE" };

    public static Option<string?> StateOption() =>
        new("--state") { Description = $"State log of the scheduler (default: ${StateVariable}).", HelpName = "FILE" };

    public static LogPaths Of(string? events, string? state, CommandContext around)
    {
        var given = new List<(ImportedLogKind, string)>();
        if ((events ?? around.Variable(EventsVariable)) is { } log) given.Add((ImportedLogKind.Events, Path.GetFullPath(log, around.CurrentDirectory)));
        if ((state ?? around.Variable(StateVariable)) is { } other) given.Add((ImportedLogKind.State, Path.GetFullPath(other, around.CurrentDirectory)));
        return new(given);
    }
}

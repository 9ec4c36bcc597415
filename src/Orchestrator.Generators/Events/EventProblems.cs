using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace Orchestrator.Generators.Events;

/// <summary>A place in the source, kept apart from models: it moves with every line that is added above.</summary>
internal sealed record Place(string Path, TextSpan Span, LinePositionSpan Lines)
{
    public static Place? Of(Location? location) =>
        location?.SourceTree is { } tree ? new(tree.FilePath, location.SourceSpan, location.GetLineSpan().Span) : null;

    public Location ToLocation() => Location.Create(Path, Span, Lines);
}

/// <summary>Something that is wrong with an event type.</summary>
/// <param name="Id">Of one of <see cref="EventProblems"/>.</param>
internal sealed record Problem(string Id, Place? Place, string First, string Second = "")
{
    public Diagnostic ToDiagnostic() => Diagnostic.Create(EventProblems.All.Single(d => d.Id == Id), Place?.ToLocation(), First, Second);
}

/// <summary>What is refused at compile time.</summary>
internal static class EventProblems
{
    public const int FirstNumber = 4001;
    public const int LastNumber = 4199;

    public static readonly DiagnosticDescriptor Missing = Error("EVT001", "An event has no type", "Event '{0}' has no [EventType]: add its name, its number and its severity");
    public static readonly DiagnosticDescriptor OutOfRange = Error("EVT002", "The number of an event is out of range", "The number {1} of event '{0}' is out of range (4001-4199)");
    public static readonly DiagnosticDescriptor NumberTwice = Error("EVT003", "Two events have one number", "Event '{0}' has number {1}: give it the next free number");
    public static readonly DiagnosticDescriptor NameTwice = Error("EVT004", "Two events have one name", "Event '{0}' has the name {1}: choose another name");
    public static readonly DiagnosticDescriptor BadName = Error("EVT005", "The name of an event is malformed", "The name '{1}' of event '{0}' is malformed: write lower-case words as in 'task.cancel_requested'");
    public static readonly DiagnosticDescriptor BadShape = Error("EVT006", "The record of an event has the wrong form", "Event '{0}' {1}");
    public static readonly DiagnosticDescriptor UnknownMember = Error("EVT007", "A member of an event has an unknown type", "Member '{0}' has the type {1}, which the journal cannot write: ignore the member with [JsonIgnore], or add the type to FieldKind");

    public static readonly ImmutableArray<DiagnosticDescriptor> All = [Missing, OutOfRange, NumberTwice, NameTwice, BadName, BadShape, UnknownMember];

    private static DiagnosticDescriptor Error(string id, string title, string message) => new(id, title, message, "Events", DiagnosticSeverity.Error, isEnabledByDefault: true);
}

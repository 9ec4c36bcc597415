namespace Orchestrator.Generators.Events;

/// <summary>What a member of event data is, as far as its JSON goes.</summary>
internal enum FieldKind
{
    Text,
    Whole,
    Long,
    Number,
    Flag,
    Instant,
    Guid,
    Run,
    Task,
    Word,
    Json,
    Texts,
    Tasks,
    Runs,
    Pairs,
    Values,
    Record,
    Records,
}

/// <summary>When a member is left out of the JSON.</summary>
internal enum Omission
{
    Never,
    WhenNull,
    WhenDefault,
}

/// <summary>One member of event data.</summary>
/// <param name="Name">The property.</param>
/// <param name="JsonName">Its name in JSON.</param>
/// <param name="TypeName">Of a word or record its full type name; empty for others.</param>
/// <param name="IsNullableValue">Whether it is a nullable value type.</param>
/// <param name="IsSettable">Whether reading sets it; others only follow from the type.</param>
/// <param name="Recurs">Whether few different texts come again and again, so that reading shares them.</param>
/// <param name="Parts">Members of a record.</param>
internal sealed record FieldModel(
    string Name, string JsonName, FieldKind Kind, Omission Omission, string TypeName, bool IsNullableValue, bool IsSettable, bool Recurs, RecordModel? Parts);

/// <summary>A record that is an object within event data.</summary>
/// <param name="FullName">Its type, <c>global::</c> included.</param>
/// <param name="Parameters">The members that its constructor takes, in order.</param>
internal sealed record RecordModel(string Name, string FullName, ValueArray<FieldModel> Fields, ValueArray<string> Parameters);

/// <summary>One event type.</summary>
/// <param name="Event">The event's name, for example <c>task.started</c>.</param>
/// <param name="Number">Its number in logs.</param>
/// <param name="Severity">Member of <c>EventSeverity</c>.</param>
/// <param name="Space">Namespace of the record.</param>
/// <param name="IsOfTask">Whether task and attempt stand in the header of its line.</param>
/// <param name="Shape">Its members, the record's own before inherited ones.</param>
internal sealed record EventModel(string Event, int Number, string Severity, string Space, bool IsOfTask, RecordModel Shape)
{
    public string Name => Shape.Name;
}

namespace Orchestrator.Generators.Events;

/// <summary>Writes the tables: names with numbers and severities, and names with the shapes that are read by.</summary>
internal static class TableEmitter
{
    public static string Rows(IReadOnlyList<EventModel> events)
    {
        var code = new CodeText();
        code.Line("namespace Orchestrator.Core.Lifecycle;").Line();
        code.Line("/// <summary>The name, number and severity of each event type, by number.</summary>").Line(CodeText.Mark).Open("internal static class EventRows");
        code.Open("public static readonly (string Type, int Number, EventSeverity Severity)[] All =");
        foreach (var e in events) code.Line($"(\"{e.Event}\", {e.Number}, EventSeverity.{e.Severity}),");
        return code.Close("};").Close().ToString();
    }

    public static string Shapes(IReadOnlyList<EventModel> events)
    {
        var code = new CodeText();
        code.Line("namespace Orchestrator.Core.Serialization;").Line();
        code.Line("/// <summary>The shapes by which data of events is read when its line is not as this program writes it.</summary>").Line(CodeText.Mark).Open("internal static class ReadShapes");
        code.Line("/// <summary>The shape of an event type; null where there is no such type. A shape is made when it is first asked for: to make them all takes a good part of a program's start.</summary>");
        code.Open("public static global::System.Text.Json.Serialization.Metadata.JsonTypeInfo? Of(global::System.ReadOnlySpan<char> type) => type switch");
        foreach (var e in events) code.Line($"\"{e.Event}\" => JournalJson.Default.{e.Name},");
        return code.Line("_ => null,").Close("};").Close().ToString();
    }
}

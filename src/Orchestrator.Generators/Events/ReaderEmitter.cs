namespace Orchestrator.Generators.Events;

/// <summary>
/// Writes the fast reader: the members in the order in which the writer has them. Whatever stands elsewhere or looks different makes it answer null, and
/// the general reader takes the line.
/// </summary>
internal static class ReaderEmitter
{
    public static string Emit(IReadOnlyList<EventModel> events)
    {
        var code = new CodeText();
        code.Line("namespace Orchestrator.Core.Serialization.Known;").Line();
        code.Line("/// <summary>Data of events as this program writes it.</summary>").Line(CodeText.Mark).Open("internal static class KnownEvents");
        Dispatch(code, [.. events.Where(e => IsReadable(e.Shape))]);
        foreach (var e in events.Where(e => IsReadable(e.Shape))) Event(code, e);
        foreach (var part in WriterEmitter.PartsOf(events).Where(IsReadable)) Part(code, part);
        return code.Close().ToString();
    }

    // A free value that is always there is parsed by the general reader.
    private static bool IsReadable(RecordModel shape) => shape.Fields.All(f => f.Kind != FieldKind.Json || f.Omission != Omission.Never);

    private static void Dispatch(CodeText code, IReadOnlyList<EventModel> events)
    {
        code.Line("/// <summary>The event; null where its type or data is not known to the letter.</summary>");
        code.Open($"public static {Runs}JournalEvent? TryRead(scoped global::System.ReadOnlySpan<byte> type, scoped ref LineCursor at, global::System.ReadOnlySpan<byte> task, int attempt)");
        code.Open("switch (type.Length)");
        foreach (var length in events.GroupBy(e => e.Event.Length).OrderBy(g => g.Key))
        {
            code.Line($"case {length.Key}:");
            foreach (var e in length) code.Line($"    if (global::System.MemoryExtensions.SequenceEqual(type, {CodeText.Utf8(e.Event)})) return {e.Name}(ref at{(e.IsOfTask ? ", task, attempt" : "")});");
            code.Line("    break;");
        }
        code.Close().Line("return null;").Close().Line();
    }

    private static void Event(CodeText code, EventModel e)
    {
        code.Open($"private static {e.Shape.FullName}? {e.Name}(scoped ref LineCursor at{(e.IsOfTask ? ", global::System.ReadOnlySpan<byte> task, int attempt" : "")})");
        if (e.IsOfTask) code.Line("if (task.IsEmpty) return null;");
        Members(code, e.Shape, e.IsOfTask ? [("Task", "KnownTexts.TaskOf(task)"), ("Attempt", "attempt")] : []);
        code.Close().Line();
    }

    private static void Part(CodeText code, RecordModel part)
    {
        code.Open($"private static {part.FullName}? Part{part.Name}(scoped ref LineCursor at)");
        Members(code, part, []);
        code.Close().Line();
    }

    private static void Members(CodeText code, RecordModel shape, IReadOnlyList<(string Name, string Value)> given)
    {
        var isSure = false;   // whether a member stands before, so that a comma does
        var mayBeFirst = shape.Fields.Count > 1 && shape.Fields[0].Omission != Omission.Never;
        if (mayBeFirst) code.Line("var first = true;");
        var tail = TailOf(shape);
        for (var i = 0; i < shape.Fields.Count; i++)
        {
            var field = shape.Fields[i];
            if (i >= tail && (i - tail) % Chunk == 0)
            {
                foreach (var next in shape.Fields.Skip(i).Take(Chunk).Where(f => f.IsSettable)) code.Line($"{Declared(next)} {Local(next)} = default;");
                code.Open("if (at.HasMore)");
            }
            Member(code, field, i == 0 ? Lead.None : isSure ? Lead.Comma : Lead.Unknown, mayBeFirst && !isSure, declares: i < tail);
            if (i >= tail && ((i - tail) % Chunk == Chunk - 1 || i == shape.Fields.Count - 1)) code.Close();
            isSure |= field.Omission == Omission.Never;
        }
        code.Line("if (!at.Skip(\"}\"u8)) return null;");
        Create(code, shape, given);
    }

    // From where on no member need be there: most lines have few of them, so they are looked for in chunks.
    private static int TailOf(RecordModel shape)
    {
        var tail = shape.Fields.Count;
        while (tail > 0 && shape.Fields[tail - 1].Omission != Omission.Never) tail--;
        return tail > 0 && shape.Fields.Count - tail > 2 ? tail : shape.Fields.Count;
    }

    private static void Member(CodeText code, FieldModel field, Lead lead, bool marksFirst, bool declares)
    {
        var local = Local(field);
        var (opening, read, type) = Reading(field);
        string Skip(string comma) => $"at.Skip({CodeText.Utf8($"{comma}\"{field.JsonName}\":{opening}")})";
        var skip = lead switch { Lead.None => Skip(""), Lead.Comma => Skip(","), _ => $"(first ? {Skip("")} : {Skip(",")})" };
        if (field.Omission == Omission.Never && read is not null && field.Kind != FieldKind.Record)
        {
            // What only follows from the type is not looked at.
            code.Line(field is { IsSettable: false, Kind: FieldKind.Text or FieldKind.Word } ? $"if (!{skip} || !at.Text(out _)) return null;" : $"if (!{skip} || !{read}(out {type} {local})) return null;");
            return;
        }
        if (declares && field.IsSettable) code.Line($"{Declared(field)} {local} = default;");
        code.Open($"if ({skip})");
        if (marksFirst) code.Line("first = false;");
        if (read is null) code.Line("return null;");
        else if (field.Kind == FieldKind.Record) code.Line($"if (({local} = {read}(ref at)) is null) return null;");
        else
        {
            code.Line($"if (!{read}(out {type} found{field.Name})) return null;");
            if (field.IsSettable) code.Line($"{local} = found{field.Name};");
        }
        code.Close();
    }

    private static void Create(CodeText code, RecordModel shape, IReadOnlyList<(string Name, string Value)> given)
    {
        var values = given.Concat(shape.Fields.Where(f => f.IsSettable).Select(f => (f.Name, Value: Local(f)))).ToList();
        string ValueOf(string name) => values.First(v => v.Name == name).Value;
        var initial = values.Where(v => !shape.Parameters.Contains(v.Name)).Select(v => $"{v.Name} = {v.Value}").ToList();
        var arguments = string.Join(", ", shape.Parameters.Select(ValueOf));
        code.Line($"return new {shape.FullName}({arguments}){(initial.Count == 0 ? "" : $" {{ {string.Join(", ", initial)} }}")};");
    }

    /// <summary>What stands before the value, the method of the cursor that reads it (null: it is left to the general reader), and its type.</summary>
    private static (string Opening, string? Read, string Type) Reading(FieldModel field) => field.Kind switch
    {
        FieldKind.Text => ("\"", field.Recurs ? "at.Shared" : "at.Own", "string"),
        FieldKind.Whole => ("", "at.Whole", "int"),
        FieldKind.Long => ("", "at.Whole", "long"),
        FieldKind.Number => ("", "at.Number", "double"),
        FieldKind.Flag => ("", "at.Flag", "bool"),
        FieldKind.Instant => ("\"", "at.Instant", "global::System.DateTimeOffset"),
        FieldKind.Guid => ("\"", "at.Id", "global::System.Guid"),
        FieldKind.Run => ("\"", "at.Run", $"{Runs}RunId"),
        FieldKind.Task => ("\"", "at.Task", $"{Definitions}TaskId"),
        FieldKind.Word => ("\"", "at.Word", field.TypeName),
        FieldKind.Texts => ("[", "at.Texts", "global::System.Collections.Immutable.ImmutableArray<string>"),
        FieldKind.Tasks => ("[", "at.Tasks", $"global::System.Collections.Immutable.ImmutableArray<{Definitions}TaskId>"),
        FieldKind.Runs => ("[", "at.RunIds", $"global::System.Collections.Immutable.ImmutableArray<{Runs}RunId>"),
        FieldKind.Values => ("{", "at.Nothing", Map("global::System.Text.Json.JsonElement")),
        FieldKind.Pairs => ("{", "at.Nothing", Map("string")),
        FieldKind.Record when IsReadable(field.Parts!) => ("{", "Part" + field.Parts!.Name, field.TypeName),
        _ => ("", null, ""),
    };

    private static string Declared(FieldModel field) => field.Kind switch
    {
        FieldKind.Record => field.TypeName + "?",
        FieldKind.Records => $"global::System.Collections.Immutable.ImmutableArray<{field.TypeName}>",
        FieldKind.Json => "global::System.Text.Json.JsonElement" + (field.IsNullableValue ? "?" : ""),
        FieldKind.Text or FieldKind.Values or FieldKind.Pairs => Reading(field).Type + "?",
        _ => Reading(field).Type + (field.IsNullableValue ? "?" : ""),
    };

    private static string Map(string value) => $"global::System.Collections.Immutable.ImmutableSortedDictionary<string, {value}>";

    private static string Local(FieldModel field) => "_" + char.ToLowerInvariant(field.Name[0]) + field.Name.Substring(1);

    private const int Chunk = 4;
    private const string Runs = "global::Orchestrator.Core.Runs.";
    private const string Definitions = "global::Orchestrator.Core.Definitions.";

    private enum Lead
    {
        None,
        Comma,
        Unknown,
    }
}

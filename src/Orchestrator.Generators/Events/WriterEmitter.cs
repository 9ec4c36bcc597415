namespace Orchestrator.Generators.Events;

/// <summary>Writes the other half of an event's record: its name, and its data as JSON in the order of its members.</summary>
internal static class WriterEmitter
{
    public static string Emit(EventModel model)
    {
        var code = new CodeText();
        code.Line($"namespace {model.Space};").Line();
        code.Open($"partial record {model.Name}");
        code.Line("/// <inheritdoc/>").Line($"public override string Type => \"{model.Event}\";").Line();
        code.Open("internal override void WriteData(global::System.Text.Json.Utf8JsonWriter json)");
        foreach (var field in model.Shape.Fields) Write(code, field, field.Name);
        code.Close().Close();
        return code.ToString();
    }

    /// <summary>The writers of records within event data.</summary>
    public static string EmitParts(IReadOnlyList<EventModel> events)
    {
        var code = new CodeText();
        code.Line("namespace Orchestrator.Core.Serialization;").Line();
        code.Line("/// <summary>Members of the records within event data.</summary>").Line(CodeText.Mark).Open("internal static class EventParts");
        foreach (var part in PartsOf(events))
        {
            code.Open($"public static void Write(global::System.Text.Json.Utf8JsonWriter json, {part.FullName} value)");
            foreach (var field in part.Fields) Write(code, field, "value." + field.Name);
            code.Close();
        }
        return code.Close().ToString();
    }

    /// <summary>The records within event data, each once, by name.</summary>
    public static IReadOnlyList<RecordModel> PartsOf(IReadOnlyList<EventModel> events)
    {
        var parts = new SortedDictionary<string, RecordModel>(StringComparer.Ordinal);
        void Add(RecordModel shape)
        {
            foreach (var field in shape.Fields)
                if (field.Parts is { } part && !parts.ContainsKey(part.FullName))
                {
                    parts.Add(part.FullName, part);
                    Add(part);
                }
        }

        foreach (var e in events) Add(e.Shape);
        return [.. parts.Values];
    }

    private static void Write(CodeText code, FieldModel field, string value)
    {
        const string Fields = "global::Orchestrator.Core.Serialization.EventFields";
        var name = CodeText.Utf8(field.JsonName);
        switch (field.Kind)
        {
            case FieldKind.Record:
                var part = "part" + field.Name;
                code.Open($"if ({value} is {{ }} {part})").Line($"json.WriteStartObject({name});")
                    .Line($"global::Orchestrator.Core.Serialization.EventParts.Write(json, {part});").Line("json.WriteEndObject();").Close();
                break;
            case FieldKind.Records:
                code.Open($"if (!{value}.IsDefaultOrEmpty)").Line($"json.WriteStartArray({name});").Open($"foreach (var item in {value})").Line("json.WriteStartObject();")
                    .Line("global::Orchestrator.Core.Serialization.EventParts.Write(json, item);").Line("json.WriteEndObject();").Close().Line("json.WriteEndArray();").Close();
                break;
            default:
                var method = field.Kind == FieldKind.Word ? "Word" : "Field";
                var condition = field.Omission == Omission.WhenDefault ? $"if ({value} != default) " : "";
                code.Line($"{condition}{Fields}.{method}(json, {name}, {value});");
                break;
        }
    }
}

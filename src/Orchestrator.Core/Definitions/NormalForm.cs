using System.Collections;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Orchestrator.Core.Definitions;

/// <summary>What the normal form leaves out: every property that has the value a new instance has.</summary>
internal static class NormalForm
{
    // Where the model gains a type with defaults of its own it is added here; a test writes every type with nothing set.
    private static readonly Dictionary<Type, object> s_blank = new()
    {
        [typeof(WorkflowDefinition)] = new WorkflowDefinition { Name = "", Tasks = [] },
        [typeof(TaskDefinition)] = new TaskDefinition { Id = new("x"), Action = new NoopAction() },
        [typeof(DelegateAction)] = new DelegateAction(""),
        [typeof(RetryPolicy)] = new RetryPolicy(),
        [typeof(ParameterDefinition)] = new ParameterDefinition { Name = "" },
        [typeof(SecretReference)] = new SecretReference(null, null),
        [typeof(TaskDefaults)] = new TaskDefaults(),
        [typeof(ScheduleDefinition)] = new ScheduleDefinition { Id = "", Cron = "" },
    };

    public static void OmitDefaults(JsonTypeInfo type)
    {
        if (!s_blank.TryGetValue(type.Type, out var blank)) return;
        foreach (var property in type.Properties)
        {
            if (property.IsRequired || property.Get is not { } get) continue;
            var usual = get(blank);
            property.ShouldSerialize = (_, value) => !Same(value, usual);
        }
    }

    private static bool Same(object? value, object? usual) =>
        Equals(value, usual) || (value, usual) is (ICollection { Count: 0 }, ICollection { Count: 0 });
}

/// <summary>Durations as <see cref="DurationText"/> spells them.</summary>
internal sealed class DurationJson : JsonConverter<TimeSpan>
{
    public override TimeSpan Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        DurationText.TryParse(reader.GetString(), out var duration) ? duration : throw new JsonException("A duration was expected.");

    public override void Write(Utf8JsonWriter writer, TimeSpan value, JsonSerializerOptions options) => writer.WriteStringValue(DurationText.Format(value));
}

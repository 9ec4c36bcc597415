using System.Text.Json;
using System.Text.Json.Serialization;
using Orchestrator.Core.Definitions;

namespace Orchestrator.Core.Tests.Definitions;

/// <summary>Durations as <see cref="DurationText"/> spells them.</summary>
internal sealed class DurationJson : JsonConverter<TimeSpan>
{
    public override TimeSpan Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        DurationText.TryParse(reader.GetString(), out var duration) ? duration : throw new JsonException("A duration was expected.");

    public override void Write(Utf8JsonWriter writer, TimeSpan value, JsonSerializerOptions options) => writer.WriteStringValue(DurationText.Format(value));
}

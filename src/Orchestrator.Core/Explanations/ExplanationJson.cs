using System.Text.Json;

namespace Orchestrator.Core.Explanations;

/// <summary>Writes explanations as JSON.</summary>
public static class ExplanationJson
{
    /// <summary>Writes the members of an object that is begun.</summary>
    public static void WriteMembers(Utf8JsonWriter json, Explanation explanation)
    {
        json.WriteString("kind"u8, explanation.Kind);
        json.WriteString("subject"u8, explanation.Subject);
        json.WriteString("at"u8, Said.Exact(explanation.At));
        json.WriteString("status"u8, explanation.Status);
        json.WriteString("answer"u8, explanation.Answer);
        json.WriteStartArray("gates"u8);
        foreach (var gate in explanation.Gates) Write(json, gate);
        json.WriteEndArray();
        json.WriteStartArray("parts"u8);
        foreach (var part in explanation.Parts)
        {
            json.WriteStartObject();
            WriteMembers(json, part);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteNumber("more_parts"u8, explanation.MoreParts);
    }

    private static void Write(Utf8JsonWriter json, Gate gate)
    {
        json.WriteStartObject();
        json.WriteString("name"u8, gate.Name);
        json.WriteString("value"u8, gate.Value);
        if (gate.Passes is { } passes) json.WriteBoolean("passes"u8, passes);
        else json.WriteNull("passes"u8);
        json.WriteString("sentence"u8, gate.Sentence);
        json.WriteStartArray("facts"u8);
        foreach (var fact in gate.Facts)
        {
            json.WriteStartObject();
            json.WriteString("name"u8, fact.Name);
            json.WriteString("value"u8, fact.Value);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }
}

using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Serialization;

namespace Orchestrator.Core.Triggers.Events;

/// <summary>An event as a JSON object (CloudEvents JSON event format).</summary>
internal static class CloudEventObject
{
    private static readonly string[] s_known = ["specversion", "id", "source", "type", "subject", "time", "datacontenttype", "dataschema", "data", "data_base64"];

    /// <param name="where">Begins every problem.</param>
    /// <param name="newId">Makes the id that is missing; null: it is a CloudEvent, which must say everything itself.</param>
    public static CloudEvent? Read(JsonElement form, string where, Func<string>? newId, List<string> problems)
    {
        if (form.ValueKind != JsonValueKind.Object)
        {
            problems.Add($"{where}An event is an object such as {{\"type\": \"com.acme.order.placed\", \"source\": \"/shop\", \"id\": \"A-7\", \"data\": {{}}}}.");
            return null;
        }
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        var extensions = ImmutableSortedDictionary.CreateBuilder<string, JsonElement>(StringComparer.Ordinal);
        JsonElement? data = null;
        foreach (var member in form.EnumerateObject())
        {
            if (member.Value.ValueKind == JsonValueKind.Null && member.Name != "data") continue;   // an attribute that is null is not there
            if (member.Name == "data") data = member.Value;
            else if (!s_known.Contains(member.Name, StringComparer.Ordinal)) Extension(member);
            else if (member.Value.ValueKind == JsonValueKind.String) texts[member.Name] = member.Value.GetString()!;
            else problems.Add($"{where}'{member.Name}' must be a text.");
        }
        if (newId is not null)
        {
            texts.TryAdd("specversion", CloudEventRules.Version);
            texts.TryAdd("source", CloudEventReader.PlainSource);
            if (!texts.ContainsKey("id")) texts["id"] = newId();
        }
        if (data is not null && texts.ContainsKey("data_base64")) problems.Add($"{where}An event has 'data' or 'data_base64', not both.");
        if (data is { } value && JsonBounds.Fault(value) is { } fault) problems.Add($"{where}{fault.Of("'data'")}");
        return CloudEventRules.Make(texts, extensions.ToImmutable(), where, problems) is { } made ? made with { Data = data } : null;

        void Extension(JsonProperty member)
        {
            var isSimple = member.Value.ValueKind is JsonValueKind.String or JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False;
            if (isSimple && CloudEventRules.IsName(member.Name))
            {
                extensions[member.Name] = member.Value;
                return;
            }
            var guess = Suggest.DidYouMean(member.Name, s_known);
            problems.Add($"{where}'{JsonPath.Printable(member.Name)}' is not an attribute of an event: " + (guess.Length > 0 ? guess
                : "names are lower-case letters and digits, values are texts, numbers or booleans; everything else belongs in 'data'."));
        }
    }
}

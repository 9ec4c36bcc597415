using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Expressions;

namespace Orchestrator.Core.Planning;

/// <summary>What a `switch` chooses.</summary>
public static class SwitchChoice
{
    private const string Chosen = "chosen";

    /// <summary>The results of a switch for a value: the value, the case that fits, and the tasks it chose.</summary>
    public static ImmutableSortedDictionary<string, JsonElement> Results(SwitchAction choice, string value)
    {
        var fits = -1;
        for (var i = 0; i < choice.Cases.Length && fits < 0; i++)
            if (choice.Cases[i] is var one && (one.Matches is { } pattern ? Patterns.IsFound(value, pattern) : one.Is.Contains(value, StringComparer.Ordinal))) fits = i;
        var tasks = fits >= 0 ? choice.Cases[fits].Then : choice.Default;
        var results = ImmutableSortedDictionary.CreateBuilder<string, JsonElement>(StringComparer.Ordinal);
        results["value"] = Json(w => w.WriteStringValue(value));
        results["case"] = Json(w =>
        {
            if (fits < 0 && choice.Default.IsEmpty) w.WriteNullValue();
            else w.WriteNumberValue(fits);
        });
        results[Chosen] = Json(w =>
        {
            w.WriteStartArray();
            foreach (var task in tasks) w.WriteStringValue(task.ToString());
            w.WriteEndArray();
        });
        return results.ToImmutable();
    }

    /// <summary>Whether a switch that ended with these results passed a task over. Tasks that no case names are not concerned.</summary>
    public static bool PassedOver(SwitchAction choice, IReadOnlyDictionary<string, JsonElement> results, TaskId task)
    {
        if (!choice.Choices.Contains(task) || !results.TryGetValue(Chosen, out var chosen) || chosen.ValueKind != JsonValueKind.Array) return false;
        var name = task.ToString();
        return !chosen.EnumerateArray().Any(c => c.ValueKind == JsonValueKind.String && c.GetString() == name);
    }

    private static JsonElement Json(Action<Utf8JsonWriter> write) => JsonText.Parse(JsonText.Bytes(write));
}

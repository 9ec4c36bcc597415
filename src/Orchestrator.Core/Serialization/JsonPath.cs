using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Orchestrator.Core.Serialization;

/// <summary>Where in a JSON text something stands, for people: <c>params.orders[2].id</c>.</summary>
internal static class JsonPath
{
    private const int MaxName = 60;

    /// <summary>The way to the token that begins at <paramref name="offset"/>.</summary>
    public static string At(ReadOnlySpan<byte> utf8, long offset)
    {
        var json = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = int.MaxValue });
        var steps = new List<Step>();
        while (json.Read() && json.TokenStartIndex < offset)
            switch (json.TokenType)
            {
                case JsonTokenType.PropertyName:
                    steps[^1] = steps[^1] with { Name = Name(ref json) };
                    break;
                case JsonTokenType.StartObject or JsonTokenType.StartArray:
                    Next(steps);
                    steps.Add(new(json.TokenType == JsonTokenType.StartArray, "", -1));
                    break;
                case JsonTokenType.EndObject or JsonTokenType.EndArray:
                    steps.RemoveAt(steps.Count - 1);
                    break;
                default:
                    Next(steps);
                    break;
            }
        if (json.TokenType != JsonTokenType.PropertyName) Next(steps);
        else if (steps.Count > 0) steps[^1] = steps[^1] with { Name = "" };   // the name itself is what is wrong
        var path = new StringBuilder();
        foreach (var step in steps)
            if (step.IsList) path.Append(CultureInfo.InvariantCulture, $"[{step.Index}]");
            else if (step.Name.Length > 0) path.Append(path.Length > 0 ? "." : "").Append(step.Name);
        return path.ToString();
    }

    /// <summary>A name that can be shown.</summary>
    public static string Printable(string name)
    {
        var text = new StringBuilder();
        foreach (var rune in name.EnumerateRunes().Take(MaxName)) text.Append(Rune.IsControl(rune) ? '?' : rune.ToString());
        return text.ToString();
    }

    private static void Next(List<Step> steps)
    {
        if (steps is [.., { IsList: true } list]) steps[^1] = list with { Index = list.Index + 1 };
    }

    // Not GetString, which refuses what is looked for here.
    private static string Name(ref Utf8JsonReader json) => Printable(Encoding.UTF8.GetString(json.ValueSpan));

    private readonly record struct Step(bool IsList, string Name, int Index);
}

using System.Text.Json;

namespace Orchestrator.Core.Reconciliation;

/// <summary>Compares a stored document with what it would be today. What only the newer one has is no difference: an older version did not know it.</summary>
public static class JsonComparison
{
    /// <summary>The places where they differ, at most <paramref name="most"/>.</summary>
    /// <param name="expected">What it would be.</param>
    /// <param name="found">What is stored.</param>
    /// <param name="except">Names that are not compared, wherever they stand.</param>
    /// <param name="most">How many places are reported.</param>
    public static IReadOnlyList<(string Place, string Expected, string Found)> Of(JsonElement expected, JsonElement found, IReadOnlySet<string> except, int most = 10)
    {
        var places = new List<(string, string, string)>();
        Compare("", expected, found);
        return places;

        void Compare(string at, JsonElement a, JsonElement b)
        {
            if (places.Count >= most) return;
            if (a.ValueKind == JsonValueKind.Object && b.ValueKind == JsonValueKind.Object)
            {
                foreach (var member in b.EnumerateObject())
                {
                    if (except.Contains(member.Name)) continue;
                    var place = at.Length == 0 ? member.Name : $"{at}.{member.Name}";
                    if (a.TryGetProperty(member.Name, out var own)) Compare(place, own, member.Value);
                    else places.Add((place, "nothing", Text(member.Value)));
                }
            }
            else if (a.ValueKind == JsonValueKind.Array && b.ValueKind == JsonValueKind.Array)
            {
                if (a.GetArrayLength() != b.GetArrayLength()) places.Add(($"{at}.length", Text(a.GetArrayLength()), Text(b.GetArrayLength())));
                else for (var i = 0; i < a.GetArrayLength(); i++) Compare($"{at}[{i}]", a[i], b[i]);
            }
            else if (!JsonElement.DeepEquals(a, b)) places.Add((at, Text(a), Text(b)));
        }
    }

    private static string Text(JsonElement value) => value.GetRawText() is { Length: > 60 } longer ? longer[..60] + "..." : value.GetRawText();

    private static string Text(int value) => value.ToString(System.Globalization.CultureInfo.InvariantCulture);
}

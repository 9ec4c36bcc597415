using System.Text.Json;

namespace Orchestrator.Core.Planning;

/// <summary>One combination of a matrix: the values of its axes, and what `include` adds to them.</summary>
internal sealed class MatrixCombination((string Name, JsonElement Value)[] chosen)
{
    private readonly List<(string Name, JsonElement Value)> _added = [];

    public IEnumerable<(string Name, JsonElement Value)> Members => chosen.Concat(_added);

    /// <summary>Takes the members of an entry over unless they would change an axis; a later entry may change what an earlier one added.</summary>
    public bool Take((string Name, JsonElement Value)[] entry)
    {
        if (entry.Any(m => Array.Exists(chosen, c => c.Name == m.Name && !IsSame(c.Value, m.Value)))) return false;
        foreach (var member in entry)
        {
            if (Array.Exists(chosen, c => c.Name == member.Name)) continue;
            _added.RemoveAll(a => a.Name == member.Name);
            _added.Add(member);
        }
        return true;
    }

    /// <summary>Whether two values are the same as written. Versions are no quantities: 3.1 is not 3.10.</summary>
    public static bool IsSame(JsonElement one, JsonElement other) => one.ValueKind == JsonValueKind.Number && other.ValueKind == JsonValueKind.Number
        ? one.GetRawText() == other.GetRawText() : JsonElement.DeepEquals(one, other);
}

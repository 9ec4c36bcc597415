using System.Text.Json;

namespace Orchestrator.Core.Expressions;

/// <summary>
/// Collects what expressions make of secrets, which is as secret as they are: the value of every hole that names one, or a variable made of one, or a
/// result of a task that is one. For one attempt and one caller at a time.
/// </summary>
public sealed class DerivedSecrets
{
    /// <summary>Shorter values are in every text.</summary>
    public const int Shortest = 4;

    private readonly HashSet<string> _values = new(StringComparer.Ordinal);
    private readonly HashSet<string> _variables = new(StringComparer.Ordinal);
    private readonly HashSet<string> _parameters = new(StringComparer.Ordinal);

    private readonly HashSet<OutputRead> _outputs = [];

    /// <summary>Texts so far, each once: values, and those that lists and objects hold. Truth values are not among them.</summary>
    public IReadOnlyCollection<string> Values => _values;

    /// <summary>A variable has a value that is made of a secret.</summary>
    internal void AddVariable(string name) => _variables.Add(name);

    /// <summary>A parameter's value is a secret.</summary>
    public void AddParameter(string name) => _parameters.Add(name);

    /// <summary>A task's result is a secret.</summary>
    public void AddOutput(OutputRead output)
    {
        _outputs.Add(output);
        _outputs.Add(output with { Output = null });   // all results of the task hold it
    }

    /// <summary>A secret itself: its text, and those that a list or object holds.</summary>
    public void AddValue(JsonElement value)
    {
        Add(value);
        if (value.ValueKind is JsonValueKind.Array or JsonValueKind.Object) Add(value.GetRawText());
    }

    internal bool Reach(IEnumerable<ExpressionReference> references, IEnumerable<OutputRead> outputs)
    {
        if (_outputs.Count > 0)
            foreach (var output in outputs)
                if (_outputs.Contains(output)) return true;
        foreach (var (root, name) in references)
            if (root == "secrets" || (root == "env" && _variables.Contains(name)) || (root == "params" && _parameters.Contains(name))) return true;
        return false;
    }

    internal void Add(ExpressionValue value)
    {
        if (value.Kind is ExpressionKind.Null or ExpressionKind.Boolean) return;
        Add(value.ToText());
        if (value.Kind is ExpressionKind.List or ExpressionKind.Object) Add(value.ToJson());
    }

    private void Add(JsonElement json)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.String: Add(json.GetString()!); break;
            case JsonValueKind.Number: Add(json.GetRawText()); break;
            case JsonValueKind.Array:
                foreach (var item in json.EnumerateArray()) Add(item);
                break;
            case JsonValueKind.Object:
                foreach (var member in json.EnumerateObject()) Add(member.Value);
                break;
        }
    }

    private void Add(string text)
    {
        if (text.Trim().Length >= Shortest) _values.Add(text);
    }
}

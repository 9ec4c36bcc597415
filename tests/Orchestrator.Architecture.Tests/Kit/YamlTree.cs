using System.Globalization;
using YamlDotNet.Serialization;

namespace Orchestrator.Architecture.Tests.Kit;

/// <summary>A YAML document to look into; what is missing is an empty tree, so that a path can be asked in one go.</summary>
internal sealed class YamlTree(object? node)
{
    public static YamlTree Load(string relative) => new(new DeserializerBuilder().Build().Deserialize<object?>(Repository.Read(relative)));

    public bool Exists => node is not null;

    public string Text => Convert.ToString(node, CultureInfo.InvariantCulture) ?? "";

    public IReadOnlyList<string> Keys => node is Dictionary<object, object> map ? [.. map.Keys.Select(k => (string)k)] : [];

    public IReadOnlyList<YamlTree> Items => node is List<object> list ? [.. list.Select(item => new YamlTree(item))] : [];

    public IReadOnlyList<string> Texts => [.. Items.Select(item => item.Text)];

    public YamlTree this[string key] => new(node is Dictionary<object, object> map ? map.GetValueOrDefault(key) : null);
}

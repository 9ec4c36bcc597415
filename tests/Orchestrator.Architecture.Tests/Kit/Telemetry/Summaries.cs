using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Orchestrator.Architecture.Tests.Kit.Telemetry;

/// <summary>What the source says a member means: the summary of its XML documentation, as a line of Markdown.</summary>
internal static partial class Summaries
{
    private static readonly Dictionary<string, string> Known = new[] { "Orchestrator.Core", "Orchestrator.Engine" }
        .SelectMany(assembly => XDocument.Load(Path.Combine(AppContext.BaseDirectory, assembly + ".xml")).Descendants("member"))
        .GroupBy(m => m.Attribute("name")!.Value, m => m.Element("summary")).ToDictionary(g => g.Key, g => g.First() is { } s ? Line(s) : "");

    /// <summary>Null when nothing is said.</summary>
    public static string? OfConstant(string type, string name) => Known.GetValueOrDefault($"F:{type}.{name}") is { Length: > 0 } said ? said : null;

    public static string? Of(Type type) => Known.GetValueOrDefault($"T:{type.FullName}") is { Length: > 0 } said ? said : null;

    private static string Line(XElement summary) => Blanks().Replace(string.Concat(summary.Nodes().Select(Text)), " ").Trim().Replace("|", "\\|", StringComparison.Ordinal);

    private static string Text(XNode node) => node switch
    {
        XText text => text.Value,
        XElement { Name.LocalName: "c" } code => $"`{code.Value}`",
        XElement { Name.LocalName: "see" or "paramref" } reference => $"`{(reference.Attribute("cref") ?? reference.Attribute("langword") ?? reference.Attribute("name"))!.Value.Split('.', ':')[^1]}`",
        XElement other => string.Concat(other.Nodes().Select(Text)),
        _ => "",
    };

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}

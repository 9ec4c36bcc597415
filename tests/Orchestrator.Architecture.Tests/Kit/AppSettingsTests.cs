using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;

namespace Orchestrator.Architecture.Tests.Kit;

/// <summary>The file, the table in the README and the options classes name the same keys with the same defaults.</summary>
public sealed partial class AppSettingsTests
{
    private static readonly string[] Options = ["Orchestrator.Worker.Options", "Orchestrator.Engine.Hosting.Options"];

    [Fact]
    public void The_readme_explains_every_key_with_its_default() =>
        Rows().ShouldBe(AppSettings.Values.Select(v => (v.Key, v.Value)));

    [Fact]
    public void The_file_has_every_key_the_program_reads_and_no_other() =>
        AppSettings.Values.Keys.Order().ShouldBe(KeysOf(OptionsType("OrchestratorOptions"), "").Order());

    [Fact]
    public void Every_key_of_ours_is_commented_in_the_file()
    {
        var lines = Repository.Read(AppSettings.File).Split('\n').Select(l => l.Trim())
            .TakeWhile(l => !l.StartsWith("\"Serilog\"", StringComparison.Ordinal)).ToList();
        lines.Select((line, i) => (line, before: i == 0 ? "" : lines[i - 1]))
            .Where(l => l.line.StartsWith('"') && !l.line.EndsWith('{') && !l.before.StartsWith("//", StringComparison.Ordinal))
            .ShouldBeEmpty();
    }

    [Fact]
    public void A_value_in_the_file_is_the_value_without_the_file()
    {
        using var file = File.OpenRead(Repository.At(AppSettings.File));
        var folder = Repository.At("config");
        Described(new ConfigurationBuilder().AddJsonStream(file).Build()).ShouldBe(Described(new ConfigurationBuilder().Build()));

        string Described(IConfiguration configuration) => Describe(OptionsType("OptionsReader")
            .GetMethod("Read", BindingFlags.Public | BindingFlags.Static)!.Invoke(null, [configuration, folder])!, "");
    }

    private static Type OptionsType(string name) => ProductAssemblies.Worker.GetType($"{Options[0]}.{name}", throwOnError: true)!;

    private static IEnumerable<PropertyInfo> Settings(Type options) =>
        options.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.Name != "EqualityContract");

    /// <summary>HasInline only says whether there is anything below Inline.</summary>
    private static IEnumerable<string> KeysOf(Type options, string path) => Settings(options).SelectMany(p =>
        Options.Contains(p.PropertyType.Namespace) && p.PropertyType.IsClass
            ? KeysOf(p.PropertyType, $"{path}{p.Name}:")
            : [path + (p.Name == "HasInline" ? "Inline" : p.Name)]);

    private static string Describe(object options, string path) => string.Join('\n', Settings(options.GetType()).Select(p => p.GetValue(options) switch
    {
        { } child when Options.Contains(p.PropertyType.Namespace) && p.PropertyType.IsClass => Describe(child, $"{path}{p.Name}:"),
        System.Collections.IEnumerable list and not string => $"{path}{p.Name} [{string.Join(',', list.Cast<object>())}]",
        var value => $"{path}{p.Name} {value}",
    }));

    private static IEnumerable<(string, string)> Rows() => Row().Matches(Section(Repository.Read("config/README.md"), "## Keys of appsettings.json"))
        .Select(m => (m.Groups[1].Value, m.Groups[2].Value));

    private static string Section(string text, string heading)
    {
        var from = text.IndexOf(heading, StringComparison.Ordinal);
        var to = text.IndexOf("\n## ", from + heading.Length, StringComparison.Ordinal);
        return text[from..to];
    }

    [GeneratedRegex(@"^\| `([A-Za-z:]+)` \| `([^`]*)` \|", RegexOptions.Multiline)]
    private static partial Regex Row();
}

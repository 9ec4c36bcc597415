using System.Text.RegularExpressions;

namespace Orchestrator.Architecture.Tests.Kit;

/// <summary>Samples are the first thing people run: they must be right, be explained and need nothing special.</summary>
public sealed partial class SampleTests
{
    private static readonly IReadOnlyList<string> Samples = Repository.Files("config/workflows", "*.yaml");

    [Fact]
    public void Every_sample_is_in_the_readme_and_is_named_as_its_file()
    {
        var readme = Repository.Read("config/README.md");
        foreach (var sample in Samples)
        {
            readme.ShouldContain($"`{Path.GetFileName(sample)}`");
            YamlTree.Load(sample)["name"].Text.ShouldBe(Path.GetFileNameWithoutExtension(sample));
            YamlTree.Load(sample)["description"].Text.ShouldNotBeEmpty();
        }
    }

    [Fact]
    public void A_sample_hands_data_to_a_shell_by_environment_only() => Samples
        .SelectMany(sample => YamlTree.Load(sample)["tasks"].Items.Select(task => (sample, Id: task["id"].Text, Text: task["run"].Text + task["script"].Text)))
        .Where(task => task.Text.Contains("${{", StringComparison.Ordinal))
        .ShouldBeEmpty();

    [Fact]
    public async Task Every_sample_passes_validation()
    {
        foreach (var sample in Samples) await BuiltProgram.OutputAsync("validate", sample);
    }

    [Fact]
    public void The_counts_the_readme_promises_are_those_of_the_sales_file()
    {
        var promised = Promise().Match(Repository.Read("config/README.md"));
        var rows = File.ReadLines(Repository.At("config/data/sales-2026-11.csv")).Skip(1).ToList();
        (int.Parse(promised.Groups[1].ValueSpan, System.Globalization.CultureInfo.InvariantCulture)
            + int.Parse(promised.Groups[2].ValueSpan, System.Globalization.CultureInfo.InvariantCulture)).ShouldBe(rows.Count);
    }

    [GeneratedRegex("([0-9]+) good and ([0-9]+) bad rows")]
    private static partial Regex Promise();
}

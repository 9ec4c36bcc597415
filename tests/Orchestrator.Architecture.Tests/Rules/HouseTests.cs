using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Hosting;

namespace Orchestrator.Architecture.Tests.Rules;

/// <summary>Habits worth a test.</summary>
public sealed partial class HouseTests
{
    private static readonly string[] HidingWords = ["Manager", "Helper", "Helpers", "Util", "Utils", "Common", "Base", "Impl", "Info", "Data"];

    [Fact]
    public void Nothing_is_async_void() => ProductAssemblies.All.SelectMany(ProductAssemblies.Methods)
        .Where(method => method.IsDefined(typeof(AsyncStateMachineAttribute)) && method.ReturnType == typeof(void))
        .Select(method => $"{method.DeclaringType}.{method.Name}")
        .ShouldBeEmpty();

    [Fact]
    public void A_type_is_named_for_its_job() => ProductAssemblies.All.SelectMany(ProductAssemblies.WrittenTypes)
        .Where(type => HidingWords.Contains(LastWord(type))
            || (LastWord(type) == "Service" && !type.IsSubclassOf(typeof(BackgroundService))))
        .Select(type => type.FullName)
        .ShouldBeEmpty();

    [Fact]
    public void A_file_of_the_product_has_at_most_400_lines() => Repository.Files("src", "*.cs")
        .Select(file => (File: file, Lines: File.ReadLines(Repository.At(file)).Count()))
        .Where(file => file.Lines > 400)
        .ShouldBeEmpty();

    [Fact]
    public void Every_project_of_the_product_says_what_it_is_and_what_may_not_enter() => Repository.SourceProjects
        .Where(project => !File.Exists(Repository.At($"src/{project}/README.md")))
        .ShouldBeEmpty();

    [Fact]
    public void A_behaviour_has_a_number_of_its_own() => Repository.Files("tests/conformance", "*.cs")
        .SelectMany(file => BehaviourNumbers().Matches(Repository.Read(file)).Select(m => m.Groups[1].Value))
        .GroupBy(number => number).Where(same => same.Count() > 1).Select(same => same.Key)
        .ShouldBeEmpty();

    [Fact]
    public void No_region_hides_code() => Repository.Files("src", "*.cs").Concat(Repository.Files("tests", "*.cs"))
        .Where(file => Regions().IsMatch(Repository.Read(file)))
        .ShouldBeEmpty();

    [Fact]
    public void A_suppressed_warning_is_argued_beside_it() => Repository.Files("src", "*.cs")
        .SelectMany(file =>
        {
            var lines = File.ReadAllLines(Repository.At(file));
            return lines.Select((line, i) => (Line: line, Number: i + 1, Before: i == 0 ? "" : lines[i - 1]))
                .Where(l => l.Line.Contains("#pragma warning disable", StringComparison.Ordinal))
                .Where(l => !l.Line.Contains("//", StringComparison.Ordinal) && !l.Before.TrimStart().StartsWith("//", StringComparison.Ordinal))
                .Select(l => $"{file}:{l.Number}");
        })
        .ShouldBeEmpty();

    [Fact]
    public void Tests_wait_on_signals_and_never_on_time() => Repository.Files("tests", "*.cs")
        .SelectMany(file => SourceText.WithoutCommentsAndTexts(Repository.Read(file)).Split('\n')
            .Select((line, i) => (Line: line, At: $"{file}:{i + 1}"))
            .Where(l => Sleeps().IsMatch(l.Line))
            .Select(l => $"{l.At} {l.Line.Trim()}"))
        .ShouldBeEmpty();

    [Fact]
    public void No_test_is_skipped() => Repository.Files("tests", "*.cs")
        .Where(file => SkippedTests().IsMatch(Repository.Read(file)))
        .ShouldBeEmpty();

    private static string LastWord(Type type) => LastWords().Match(type.Name.Split('`')[0]).Value;

    [GeneratedRegex("[A-Z][a-z0-9]*$")]
    private static partial Regex LastWords();

    [GeneratedRegex(@"^\s*#region\b", RegexOptions.Multiline)]
    private static partial Regex Regions();

    [GeneratedRegex(@"\bThread\.Sleep\b|\bTask\.Delay\b")]
    private static partial Regex Sleeps();

    [GeneratedRegex("DisplayName = \"([A-Z]+[0-9]+) ")]
    private static partial Regex BehaviourNumbers();

    [GeneratedRegex(@"\[(Fact|Theory)\([^\]]*\bSkip\s*=")]
    private static partial Regex SkippedTests();
}

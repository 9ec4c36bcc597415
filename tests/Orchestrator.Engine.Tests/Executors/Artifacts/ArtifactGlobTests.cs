using Orchestrator.Engine.Executors.Artifacts;
using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Executors.Artifacts;

public sealed class ArtifactGlobTests : IDisposable
{
    private readonly DirectoryInfo _box = Directory.CreateTempSubdirectory("orchestrator-glob-");
    private readonly string _root;

    public ArtifactGlobTests()
    {
        _root = Path.Combine(_box.FullName, "work");
        foreach (var file in new[] { "work/out/a.csv", "work/out/B.CSV", "work/out/.hidden.csv", "work/out/deep/b.csv", "work/top.csv", "outside/secret.csv" })
        {
            var path = Path.Combine(_box.FullName, file);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, "");
        }
        File.CreateSymbolicLink(Path.Combine(_root, "link"), Path.Combine(_box.FullName, "outside"));
        File.CreateSymbolicLink(Path.Combine(_root, "out/loop"), Path.Combine(_root, "out"));
    }

    [Theory]
    [InlineData("out/?.csv", "out/a.csv")]
    [InlineData("out/*.csv", "out/.hidden.csv out/a.csv")]
    [InlineData("out/a.*v", "out/a.csv")]
    [InlineData("./out//a.csv", "out/a.csv")]
    [InlineData("**/*.csv", "out/.hidden.csv out/a.csv out/deep/b.csv top.csv")]
    [InlineData("**/deep/*", "out/deep/b.csv")]
    [InlineData("out/**", "out/.hidden.csv out/B.CSV out/a.csv out/deep/b.csv")]
    [InlineData("none/*", "")]
    public void A_pattern_fits_names_and_minds_the_case(string pattern, string files) => Found(pattern).ShouldBe(files);

    [Theory]
    [InlineData("out")]
    [InlineData("out/")]
    public void The_name_of_a_folder_means_all_that_is_in_it(string pattern) => Found(pattern).ShouldBe("out/.hidden.csv out/B.CSV out/a.csv out/deep/b.csv");

    [Theory]
    [InlineData("../outside/*.csv")]
    [InlineData("out/../../outside/*.csv")]
    [InlineData("link/*.csv")]
    [InlineData("*/secret.csv")]
    [InlineData("**/secret.csv")]
    [InlineData("/etc/host*")]
    public void Nothing_outside_the_folder_fits(string pattern) => Found(pattern).ShouldBeEmpty();

    [Fact]
    public void The_search_ends_at_the_bound() => ArtifactGlob.Find(_root, ["**/*"], 2).Count.ShouldBe(2);

    [Fact]
    public void A_file_that_fits_two_patterns_is_found_once() => ArtifactGlob.Find(_root, ["out/a.csv", "**/a.csv"], 10).ShouldBe(["out/a.csv"]);

    public void Dispose() => _box.Delete(recursive: true);

    private string Found(string pattern) => string.Join(' ', ArtifactGlob.Find(_root, [pattern], 100));
}

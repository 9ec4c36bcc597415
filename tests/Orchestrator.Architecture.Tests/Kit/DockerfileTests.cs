using System.Text.RegularExpressions;

namespace Orchestrator.Architecture.Tests.Kit;

public sealed partial class DockerfileTests
{
    private static readonly IReadOnlyList<string> Lines =
        [.. Repository.Read("Dockerfile").Replace("\\\n", " ", StringComparison.Ordinal).Split('\n').Where(l => l.Length > 0 && l[0] != '#')];

    [Fact]
    public void Everything_that_is_copied_exists_and_gets_past_the_ignore_file()
    {
        var allowed = Repository.Read(".dockerignore").Split('\n').Where(l => l.StartsWith('!')).Select(l => l[1..]).ToHashSet();
        var copied = Arguments("COPY").Where(line => !line.Contains("--from=", StringComparison.Ordinal))
            .SelectMany(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[..^1]).ToList();
        copied.ShouldNotBeEmpty();
        copied.Where(source => !Path.Exists(Repository.At(source))).ShouldBeEmpty();
        copied.Where(source => !allowed.Contains(source)).ShouldBeEmpty("the .dockerignore file lets in only what it lists");
    }

    [Fact]
    public void Everything_the_build_needs_at_the_top_is_copied()
    {
        var copied = string.Join(' ', Arguments("COPY"));
        foreach (var file in new[] { "global.json", "Directory.Build.props", "Directory.Packages.props", "BannedSymbols.txt", ".editorconfig" })
            copied.ShouldContain(file);
    }

    [Fact]
    public void The_images_have_the_major_version_the_projects_target()
    {
        var major = TargetFramework().Match(Repository.Read("Directory.Build.props")).Groups[1].Value;
        var images = Arguments("FROM").Select(l => l.Split(' ').First(w => w.Contains('/', StringComparison.Ordinal))).ToList();
        images.Count.ShouldBe(2);
        images.Where(image => !image.Contains($":{major}.0-", StringComparison.Ordinal)).ShouldBeEmpty();
        Repository.Read("global.json").ShouldContain($"\"{major}.0.");
    }

    [Fact]
    public void It_publishes_the_native_program_and_starts_it_under_an_init_on_an_image_without_a_runtime()
    {
        var publish = Arguments("RUN").Single(l => l.Contains("dotnet publish", StringComparison.Ordinal));
        publish.ShouldNotContain("PublishReadyToRun");
        Repository.Read("src/Orchestrator.Worker/Orchestrator.Worker.csproj").ShouldContain("<PublishAot>true</PublishAot>");
        Arguments("FROM").First().ShouldContain("-aot");
        Arguments("FROM").Last().ShouldContain("/runtime-deps:");
        Path.Exists(Repository.At(publish.Split(' ').Single(w => w.EndsWith(".csproj", StringComparison.Ordinal)))).ShouldBeTrue();
        Arguments("ENTRYPOINT").ShouldBe(["[\"tini\", \"--\", \"/app/orchestrator\"]"]);
        Arguments("CMD").ShouldBe(["[\"serve\"]"]);
    }

    [Fact]
    public async Task Its_health_is_asked_by_the_program_itself()
    {
        var check = HealthCommand().Match(Arguments("HEALTHCHECK").Single()).Groups[1].Value;
        var words = check.Split(',', StringSplitOptions.TrimEntries).Select(w => w.Trim('"')).ToList();
        words[0].ShouldBe("/app/orchestrator");
        (await BuiltProgram.HelpAsync(words[1])).ShouldContain("accepts work");
        YamlTree.Load("docker-compose.yml")["services"]["orchestrator"]["healthcheck"]["test"].Texts.ShouldBe(["CMD", .. words]);
    }

    [Fact]
    public void It_does_not_run_as_root_and_keeps_everything_in_one_volume()
    {
        Arguments("USER").ShouldBe(["$APP_UID"]);
        Arguments("VOLUME").ShouldBe(["/data"]);
        Variable("Orchestrator__DataDirectory").ShouldBe("/data");
        Variable("Orchestrator__Api__TokenFile").ShouldStartWith("/data/");
    }

    [Fact]
    public void Its_port_is_the_one_the_stack_publishes()
    {
        var port = Arguments("EXPOSE").Single();
        Variable("Orchestrator__Api__Url").ShouldBe($"http://0.0.0.0:{port}");
        YamlTree.Load("docker-compose.yml")["services"]["orchestrator"]["ports"].Texts.ShouldBe([$"127.0.0.1:{port}:{port}"]);
    }

    private static IEnumerable<string> Arguments(string instruction) => Lines
        .Where(l => l.StartsWith(instruction + " ", StringComparison.Ordinal)).Select(l => l[(instruction.Length + 1)..].Trim());

    private static string Variable(string name) => Regex.Match(string.Join('\n', Arguments("ENV")), $@"\b{name}=(\S+)").Groups[1].Value;

    [GeneratedRegex("<TargetFramework>net([0-9]+)")]
    private static partial Regex TargetFramework();

    [GeneratedRegex(@"CMD \[([^\]]*)\]")]
    private static partial Regex HealthCommand();
}

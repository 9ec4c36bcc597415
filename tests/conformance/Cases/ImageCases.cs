using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Orchestrator.Conformance.Harness;
using Orchestrator.TestKit;
using Shouldly;
using Xunit;
using YamlDotNet.RepresentationModel;

namespace Orchestrator.Conformance.Cases;

/// <summary>The container image, built from the Dockerfile on stand-ins for its base images.</summary>
public sealed class ImageCases
{
    [Fact(DisplayName = "Y20 the image serves on a read-only root as nobody in particular, keeps one volume, tells its health and stops as asked")]
    public async Task Image()
    {
        await using var box = new Sandbox();
        if (!await ImageStore.IsPossibleAsync(box))
        {
            TestContext.Current.TestOutputHelper!.WriteLine("No container can be made here: the steps were replayed in a clean folder.");
            await ReplayAsync(box);
            return;
        }
        TestContext.Current.TestOutputHelper!.WriteLine("Built with buildah, run with podman.");
        await using var images = new ImageStore(box);
        await images.BuildAsync();
        var compose = Compose();
        var service = Of(compose, "services", "orchestrator");
        string[] common = ["--volume", "data:/data", .. Texts(service, "tmpfs").SelectMany(t => (string[])["--tmpfs", t])];

        // The first start makes a token, the second leaves it as it is.
        var first = Of(compose, "services", "first-start");
        var script = Texts(first, "command").Single().Replace("$$", "$", StringComparison.Ordinal);
        string[] shell = [.. common, "--rm", "--user", Scalar(first, "user"), "--entrypoint", "bash"];
        var said = (await images.RunAsync(shell, "-eu", "-c", script)).Exits(0).Output;
        var token = said.Trim().Split(' ')[^1];
        token.Length.ShouldBe(32);
        (await images.RunAsync(shell, "-eu", "-c", script)).Exits(0).Output.Trim().ShouldBeEmpty();

        var port = LoopbackPort.Free();
        (await images.RunAsync([.. common, "--detach", "--name", "served", "--env", $"Orchestrator__Api__Url=http://0.0.0.0:{port}"])).Exits(0);
        await Poll.UntilAsync(async () => (await images.PodmanAsync("healthcheck", "run", "served")).ExitCode == 0, "the image's own health check");

        using var http = new HttpClient { BaseAddress = new($"http://127.0.0.1:{port}") };
        (await http.GetAsync("/api/v1/runs")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var accepted = await http.PostAsJsonAsync("/api/v1/workflows/hello/runs", new { });
        accepted.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        var run = (await accepted.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("run_id").GetString();
        await Poll.UntilAsync(async () => (await http.GetFromJsonAsync<JsonElement>($"/api/v1/runs/{run}")).GetProperty("status").GetString() == "completed", "the run");

        (await images.PodmanAsync("exec", "served", "id", "-u")).Exits(0).Output.Trim().ShouldBe("1654");
        (await images.PodmanAsync("exec", "served", "bash", "-c", "touch /srv/orchestrator/x /app/x")).ExitCode.ShouldNotBe(0);
        (await images.PodmanAsync("exec", "served", "orchestrator", "runs", "--json")).Exits(0).Output.ShouldContain(run!);
        (await images.PodmanAsync("stop", "--time", "60", "served")).Exits(0);
        (await images.PodmanAsync("inspect", "served", "--format", "{{.State.ExitCode}} {{.Config.User}}")).Output.Trim().ShouldBe("0 1654");
    }

    /// <summary>What the image would hold, laid out by hand: the program and its configuration, in folders nobody may write.</summary>
    private static async Task ReplayAsync(Sandbox box)
    {
        var app = box.PathOf("app");
        (await box.StartOther("cp", "-r", Path.GetDirectoryName(Path.GetFullPath(Built.Program))!, app).EndAsync()).Exits(0);
        (await box.StartOther("cp", "-r", Path.Combine(Built.Repository, "config"), box.PathOf("config")).EndAsync()).Exits(0);
        (await box.StartOther("chmod", "-R", "a-w", app, box.PathOf("config")).EndAsync()).Exits(0);
        box.Environment["Orchestrator__Api__Url"] = $"http://127.0.0.1:{LoopbackPort.Free()}";
        var served = box.StartOther(Path.Combine(app, "orchestrator"), "serve", "--data", box.Data);
        await Poll.UntilAsync(async () => (await box.StartOther(Path.Combine(app, "orchestrator"), "health", "--data", box.Data).EndAsync()).ExitCode == 0, "health");
        served.Signal(15);
        (await served.EndAsync()).Exits(0);
        (await box.StartOther("chmod", "-R", "u+w", app, box.PathOf("config")).EndAsync()).Exits(0);
    }

    private static YamlMappingNode Compose()
    {
        var yaml = new YamlStream();
        yaml.Load(new StringReader(File.ReadAllText(Path.Combine(Built.Repository, "docker-compose.yml"))));
        return (YamlMappingNode)yaml.Documents[0].RootNode;
    }

    private static YamlMappingNode Of(YamlNode node, params string[] path) => (YamlMappingNode)path.Aggregate(node, (at, key) => at[key]);

    private static IEnumerable<string> Texts(YamlNode node, string key) => ((YamlSequenceNode)node[key]).Select(item => ((YamlScalarNode)item).Value!);

    private static string Scalar(YamlNode node, string key) => ((YamlScalarNode)node[key]).Value!;
}

using Microsoft.Extensions.Logging.Abstractions;
using Orchestrator.Core;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Executors;
using Orchestrator.Engine.Executors.Container;
using Orchestrator.Engine.Executors.Process;
using Orchestrator.TestKit.Containers;
using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Executors.Container;

public sealed class ContainerTests : IDisposable
{
    private readonly AttemptScene _scene = new();
    private readonly StandInClient _client;

    public ContainerTests() => _client = new(_scene.PathOf("bin"));

    public void Dispose()
    {
        _processes?.Dispose();
        _scene.Dispose();
    }

    [Fact]
    public async Task The_client_is_called_with_everything_and_no_value_of_a_variable()
    {
        using var executor = Executor();
        var attempt = Container(new("acme/load:1") { Pull = PullPolicy.Always }, new("acme/load:1")
        {
            Command = ["true", "--day", "a b"], Volumes = ["./in:/in:ro", "cache:/cache", "/srv:/srv"], Workdir = "/w", Network = "none", User = "1000:1000", Entrypoint = "/bin/e",
        }).WithEnv("TOKEN", "hunter2-hunter2") with { InheritEnv = ["AWS_REGION"], ResultEnv = [new("fetch__rows", "3")] };
        (await executor.ExecuteAsync(attempt, default)).ShouldBeOfType<TaskOutcome.Succeeded>();
        var run = _client.Calls.ShouldHaveSingleItem();
        run.ShouldStartWith($"run --rm --name orchestrator-{_scene.Run}-{attempt.Task.Id}-1 --label orchestrator.run_id={_scene.Run}");
        run.ShouldContain(" --pull always ");
        foreach (var name in (string[])["TOKEN", "AWS_REGION", "fetch__rows", "ORCHESTRATOR_RUN_ID", "TRACEPARENT"]) run.ShouldContain($" -e {name} ");
        run.ShouldContain(" -e ORCHESTRATOR_OUTPUT=/orchestrator/results/output ");
        run.ShouldContain($" -v {_scene.Root}/in:/in:ro -v cache:/cache -v /srv:/srv -w /w --network none -u 1000:1000 --entrypoint /bin/e acme/load:1 true --day a b");
        run.ShouldNotContain("hunter2");
        _client.EnvironmentOf("run").ShouldContain("TOKEN=hunter2-hunter2");
        _client.EnvironmentOf("run").ShouldContain("DOCKER_HOST=unix:///somewhere");
        run.ShouldNotContain("DOCKER_HOST");
    }

    [Fact]
    public async Task Results_come_from_its_file_and_its_last_line()
    {
        using var executor = Executor();
        var attempt = Shell("echo '{\"a\": 1, \"b\": 1}'; echo b=2 > $ORCHESTRATOR_OUTPUT; echo kept > $ORCHESTRATOR_ARTIFACTS/report").ReadingStdout();
        var outcome = await executor.ExecuteAsync(attempt, default);
        (outcome.Text("a"), outcome.Text("b")).ShouldBe(("1", "2"));
        File.ReadAllText(Path.Combine(_scene.RunDirectory, "artifacts/report")).ShouldBe("kept\n");
        Directory.EnumerateFileSystemEntries(Path.Combine(_scene.RunDirectory, "outputs")).ShouldBeEmpty();
    }

    [Fact]
    public async Task An_exit_code_is_the_containers_and_an_image_that_cannot_be_run_is_told()
    {
        using var executor = Executor();
        var failed = (TaskOutcome.Failed)await executor.ExecuteAsync(Shell("echo broken; exit 3"), default);
        (failed.Kind, failed.Process!.ExitCode, failed.Message).ShouldBe((FailureKind.ExitCode, 3, "exited with code 3: broken"));
        var missing = (TaskOutcome.Failed)await executor.ExecuteAsync(Container(new("missing"), new("missing")), default);
        missing.Kind.ShouldBe(FailureKind.SpawnError);
        missing.Message.ShouldContain("docker could not run the image 'missing': exited with code 125: Unable to find image");
        ((TaskOutcome.Failed)await executor.ExecuteAsync(Container(new("x"), new("--privileged")), default)).Message.ShouldContain("not the name of an image");
    }

    [Fact]
    public async Task A_stop_reaches_what_is_in_the_container()
    {
        using var executor = Executor();
        var fifo = _scene.Fifo("ready");
        using var stop = new CancellationTokenSource();
        var attempt = Shell($"echo $$ > {fifo}; exec sleep 300");
        var working = executor.ExecuteAsync(attempt, stop.Token).AsTask();
        var pid = int.Parse(await AttemptScene.ReadFifoAsync(fifo), System.Globalization.CultureInfo.InvariantCulture);
        await stop.CancelAsync();
        (await working).ShouldBeOfType<TaskOutcome.Cancelled>();
        AttemptScene.IsAlive(pid).ShouldBeFalse();
        _client.Calls.ShouldContain($"stop -t 10 orchestrator-{_scene.Run}-{attempt.Task.Id}-1");
        _client.Calls[^1].ShouldBe($"rm -f orchestrator-{_scene.Run}-{attempt.Task.Id}-1");
    }

    [Fact]
    public async Task What_a_dead_worker_left_is_removed_before_a_repeat_and_at_recovery()
    {
        using var executor = Executor();
        var attempt = Shell("true") with { Attempt = 3 };
        await executor.ExecuteAsync(attempt, default);
        _client.Calls[0].ShouldBe($"rm -f orchestrator-{_scene.Run}-{attempt.Task.Id}-2 orchestrator-{_scene.Run}-{attempt.Task.Id}-3");

        var paths = new RunPaths(_scene.Root);
        Directory.CreateDirectory(paths.Of(_scene.Run));
        File.Copy(Path.Combine(_scene.RunDirectory, "containers"), Path.Combine(paths.Of(_scene.Run), "containers"));
        await executor.EndLeftoversAsync(new RunFiles(paths), [_scene.Run]);
        _client.Calls[^1].ShouldBe($"rm -f orchestrator-{_scene.Run}-{attempt.Task.Id}-3");
    }

    [Theory]
    [InlineData("auto", null, "neither docker nor podman")]
    [InlineData("podman", null, "There is no podman")]
    [InlineData("auto", "podman", "leave `engine` out")]
    [InlineData("/no/such/client", null, "'/no/such/client' does not exist")]
    public async Task A_missing_client_is_named_with_what_to_do(string setting, string? engine, string because)
    {
        using var executor = new ContainerTaskExecutor(_scene.Executor, new(setting, new Dictionary<string, string> { ["PATH"] = "/no/such" }), new(), TimeProvider.System, NullLogger<ContainerTaskExecutor>.Instance);
        var attempt = Container(new("x") { Engine = engine }, new("x"));
        var failed = (TaskOutcome.Failed)await executor.ExecuteAsync(attempt, default);
        failed.Kind.ShouldBe(FailureKind.SpawnError);
        failed.Message.ShouldContain(because);
        File.ReadAllText(_scene.LogOf(attempt)).ShouldContain(because);
    }

    [Fact]
    public void A_childs_name_is_a_name_for_a_container() =>
        ContainerCommand.NameOf(_scene.Run, new("load[12]"), 2).ShouldBe($"orchestrator-{_scene.Run}-load.12-2");

    private ContainerTaskExecutor Executor() => new(
        _processes = new(new(), Environment, TimeProvider.System, NullLogger<ProcessTaskExecutor>.Instance),
        new("auto", Environment), new(), TimeProvider.System, NullLogger<ContainerTaskExecutor>.Instance);

    private ProcessTaskExecutor? _processes;

    private Dictionary<string, string> Environment => new() { ["PATH"] = $"{_client.Folder}:/usr/bin:/bin", ["HOME"] = "/tmp", ["DOCKER_HOST"] = "unix:///somewhere", ["AWS_REGION"] = "eu" };

    private TaskAttempt Shell(string command) => Container(new("alpine"), new("alpine") { Command = ["sh", "-c", command] });

    private TaskAttempt Container(ContainerAction action, ContainerCall call) => _scene.Attempt(action, new() { Container = call });
}

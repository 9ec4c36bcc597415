using Orchestrator.Core;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Executors;
using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Executors;

[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class ProcessSpawnFailureTests : IDisposable
{
    private readonly AttemptScene _scene = new();

    public void Dispose() => _scene.Dispose();

    [Fact]
    public async Task A_program_missing_from_the_path_is_named() =>
        await Refuses(_scene.Exec("no-such-tool"), "There is no program 'no-such-tool' in the PATH of this task");

    [Fact]
    public async Task A_missing_program_is_named() => await Refuses(_scene.Exec("/opt/none"), "The program '/opt/none' does not exist");

    [Fact]
    public async Task A_missing_working_directory_is_named() =>
        await Refuses(_scene.Shell("true").In("nowhere"), $"The working directory '{_scene.PathOf("nowhere")}' does not exist");

    [Fact]
    public async Task A_missing_interpreter_is_named()
    {
        await Refuses(_scene.Script("#!/opt/none -x\n"), "The script's interpreter '/opt/none' does not exist");
        var file = Write("tool", "#!/opt/none\n", executable: true);
        await Refuses(_scene.Exec(file), "The interpreter '/opt/none' named by the first line of");
    }

    [Fact]
    public async Task A_script_without_an_interpreter_is_refused() =>
        await Refuses(_scene.Script("echo hello\n"), "The script's first line must name its interpreter");

    [Fact]
    public async Task A_file_that_may_not_or_cannot_be_executed_is_named()
    {
        await Refuses(_scene.Exec(Write("plain", "#!/bin/sh\n", executable: false)), "may not be executed");
        await Refuses(_scene.Exec(Write("garbage", "no format\n", executable: true)), "has a format this machine cannot execute");
        await Refuses(_scene.Exec("/tmp"), "'/tmp' is a folder");
    }

    [Fact]
    public async Task Too_large_and_impossible_arguments_are_told()
    {
        await Refuses(_scene.Exec("echo", new string('x', 300_000)), "too large for the kernel");
        await Refuses(_scene.Exec("echo", "a\0b"), "A zero character in an argument");
        await Refuses(_scene.Shell("true").WithEnv("A=B", "c"), "'A=B' cannot be the name");
    }

    [Fact]
    public async Task A_refusal_names_no_secret() =>
        await Refuses(_scene.Exec("/opt/hunter22/tool").WithSecrets("hunter22"), "The program '/opt/***/tool' does not exist");

    private async Task Refuses(TaskAttempt attempt, string because)
    {
        var failed = (await _scene.DoAsync(attempt)).ShouldBeOfType<TaskOutcome.Failed>();
        failed.Kind.ShouldBe(FailureKind.SpawnError);
        failed.Message.ShouldContain(because);
        failed.LogRef.ShouldNotBeNull();
        File.ReadAllText(_scene.LogOf(attempt)).ShouldContain(because);
    }

    private string Write(string name, string text, bool executable)
    {
        var path = _scene.PathOf(name);
        File.WriteAllText(path, text);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | (executable ? UnixFileMode.UserExecute : 0));
        return path;
    }
}

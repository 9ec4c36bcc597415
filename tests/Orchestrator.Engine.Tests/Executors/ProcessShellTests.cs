using Orchestrator.Core;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Executors;
using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Executors;

/// <summary>What interprets the text of a `run` task.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class ProcessShellTests
{
    private static readonly string[] Bash = [.. Shells.Bash], Sh = [.. Shells.Sh];

    [Fact]
    public async Task Bash_is_the_default_and_a_word_names_its_shell()
    {
        using var scene = new AttemptScene();
        const string text = "echo shell=${BASH_VERSION:+bash} >> $ORCHESTRATOR_OUTPUT";
        await Ran(scene, scene.Shell(text), "bash", "bash");
        await Ran(scene, scene.Shell(text, Bash), "bash", "bash");
        await Ran(scene, scene.Shell(text, Sh), "sh", "");
    }

    [Fact]
    public async Task The_text_is_the_last_argument_of_a_command_line_whatever_it_holds()
    {
        using var scene = new AttemptScene();
        const string text = "print 'one \"two\" $three'\n# four ; five";
        scene.Write("tool", "#!/bin/sh\nfor a in \"$@\"; do printf '<%s>' \"$a\"; done\n");
        var attempt = scene.Shell(text, "./tool", "-x", "two words");
        (await scene.DoAsync(attempt)).ShouldBeOfType<TaskOutcome.Succeeded>().Process!.Executable.ShouldBe("tool");
        File.ReadAllText(scene.LogOf(attempt)).ShouldBe($"<-x><two words><{text}>");
    }

    [Fact]
    public async Task An_interpreter_is_looked_for_in_the_path_of_the_task_as_a_program_is()
    {
        using var scene = new AttemptScene();
        Directory.CreateDirectory(scene.PathOf("bin"));
        scene.Write("bin/perl", "#!/bin/sh\necho shell=mine >> $ORCHESTRATOR_OUTPUT\n");
        await Ran(scene, scene.Shell("x", "perl", "-e").WithEnv("PATH", scene.PathOf("bin")), "perl", "mine");
    }

    [Fact]
    public async Task Bash_and_sh_are_the_machines_own_whatever_path_a_task_has()
    {
        using var scene = new AttemptScene();
        Directory.CreateDirectory(scene.PathOf("bin"));
        foreach (var name in (string[])["bash", "sh"]) scene.Write($"bin/{name}", "#!/bin/sh\nexit 9\n");
        foreach (var shell in (string[][])[[], Bash, Sh])
            await Ran(scene, scene.Shell("echo shell=real >> $ORCHESTRATOR_OUTPUT", shell).WithEnv("PATH", scene.PathOf("bin")), shell is ["sh", ..] ? "sh" : "bash", "real");
    }

    [Fact]
    public async Task Without_bash_the_default_is_sh_and_bash_is_refused_with_the_way_out()
    {
        var bin = Directory.CreateTempSubdirectory("orchestrator-bin-").FullName;
        File.CreateSymbolicLink(Path.Combine(bin, "sh"), "/bin/sh");
        using var scene = new AttemptScene(environment: new Dictionary<string, string> { ["PATH"] = bin });
        await Ran(scene, scene.Shell("echo shell=default >> $ORCHESTRATOR_OUTPUT"), "sh", "default");
        await Refuses(scene, scene.Shell("true", Bash), "There is no program 'bash' for `shell`", "`shell: sh`");
        await Refuses(scene, scene.Shell("true", "python3", "-c"), "There is no program 'python3' for `shell`", "set PATH in `env`");
        await Refuses(scene, scene.Shell("true", "/opt/none", "-c"), "'/opt/none' does not exist");
        await Ran(scene, scene.Shell("echo shell=${BASH_VERSION:+own} >> $ORCHESTRATOR_OUTPUT", Bash).WithEnv("PATH", "/bin:/usr/bin"), "bash", "own");
        Directory.Delete(bin, recursive: true);
    }

    [Fact]
    public async Task Without_any_shell_a_text_is_refused_and_programs_still_run()
    {
        var bin = Directory.CreateTempSubdirectory("orchestrator-bin-").FullName;
        using var scene = new AttemptScene(environment: new Dictionary<string, string> { ["PATH"] = bin });
        await Refuses(scene, scene.Shell("true"), "neither 'bash' nor 'sh'", "`exec`");
        await Refuses(scene, scene.Shell("true", Sh), "There is no program 'sh' for `shell`", "install it");
        (await scene.DoAsync(scene.Exec("/bin/true"))).ShouldBeOfType<TaskOutcome.Succeeded>();
        Directory.Delete(bin, recursive: true);
    }

    private static async Task Ran(AttemptScene scene, TaskAttempt attempt, string executable, string said)
    {
        var outcome = await scene.DoAsync(attempt);
        var done = outcome.ShouldBeOfType<TaskOutcome.Succeeded>(outcome.ToString());
        (done.Process!.Executable, done.Text("shell")).ShouldBe((executable, said));
    }

    private static async Task Refuses(AttemptScene scene, TaskAttempt attempt, params string[] words)
    {
        var failed = (await scene.DoAsync(attempt)).ShouldBeOfType<TaskOutcome.Failed>();
        failed.Kind.ShouldBe(FailureKind.SpawnError);
        foreach (var word in words) failed.Message.ShouldContain(word);
    }
}

using Orchestrator.Core;
using Orchestrator.Core.Runs;
using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Executors;

public sealed class ProcessOutcomeTests : IDisposable
{
    private readonly AttemptScene _scene = new();

    public void Dispose() => _scene.Dispose();

    [Fact]
    public async Task A_command_that_exits_with_zero_succeeds_and_its_output_is_in_the_log()
    {
        var attempt = _scene.Shell("echo out; echo err >&2; pwd");
        var outcome = await _scene.DoAsync(attempt);
        outcome.ShouldBeOfType<TaskOutcome.Succeeded>();
        outcome.LogRef.ShouldBe("logs/task-1.1.log");
        outcome.Process!.Executable.ShouldBe("bash");
        outcome.Process.ExitCode.ShouldBe(0);
        File.ReadAllText(_scene.LogOf(attempt)).ShouldBe($"out\nerr\n{_scene.Root}\n");
    }

    [Fact]
    public async Task An_exit_code_is_told_with_the_last_words()
    {
        var failed = (await _scene.DoAsync(_scene.Shell("echo first; echo; echo 'no such table'; echo; exit 75"))).ShouldBeOfType<TaskOutcome.Failed>();
        failed.Kind.ShouldBe(FailureKind.ExitCode);
        failed.Message.ShouldBe("exited with code 75: no such table");
        failed.Process!.ExitCode.ShouldBe(75);
    }

    [Fact]
    public async Task A_signal_is_told_by_name()
    {
        var failed = (await _scene.DoAsync(_scene.Shell("kill -SEGV $$"))).ShouldBeOfType<TaskOutcome.Failed>();
        failed.Kind.ShouldBe(FailureKind.Signal);
        failed.Message.ShouldStartWith("ended by signal SIGSEGV");
        failed.Process!.Signal.ShouldBe(11);
        failed.Process.ExitCode.ShouldBeNull();
    }

    [Fact]
    public async Task A_failing_part_of_a_pipe_and_an_unset_variable_fail_the_command()
    {
        (await _scene.DoAsync(_scene.Shell("false | true"))).ShouldBeOfType<TaskOutcome.Failed>();
        (await _scene.DoAsync(_scene.Shell("echo $NOT_SET"))).ShouldBeOfType<TaskOutcome.Failed>();
    }

    [Fact]
    public async Task A_writer_whose_reader_is_gone_dies_of_sigpipe()
    {
        // Under `pipefail` that is exit code 128 + 13; were SIGPIPE ignored, `yes` would complain and exit with 1.
        var attempt = _scene.Shell("yes | head -1; echo not reached");
        var failed = (await _scene.DoAsync(attempt)).ShouldBeOfType<TaskOutcome.Failed>();
        failed.Process!.ExitCode.ShouldBe(141);
        File.ReadAllText(_scene.LogOf(attempt)).ShouldBe("y\n");
    }

    [Fact]
    public async Task Exec_passes_arguments_as_they_are()
    {
        var attempt = _scene.Exec("printf", "%s|", "a b", "", "$HOME", "ä\n");
        (await _scene.DoAsync(attempt)).ShouldBeOfType<TaskOutcome.Succeeded>();
        File.ReadAllText(_scene.LogOf(attempt)).ShouldBe("a b||$HOME|ä\n|");
    }

    [Fact]
    public async Task A_script_runs_by_its_first_line_and_is_removed()
    {
        var attempt = _scene.Script("#!/bin/sh -e\necho \"$0\"\nstat -c %a \"$0\"\n");
        var outcome = await _scene.DoAsync(attempt);
        outcome.ShouldBeOfType<TaskOutcome.Succeeded>();
        outcome.Process!.Executable.ShouldBe("task-1.1");
        File.ReadAllText(_scene.LogOf(attempt)).ShouldBe($"{_scene.RunDirectory}/scripts/task-1.1\n700\n");
        Directory.GetFiles(Path.Combine(_scene.RunDirectory, "scripts")).ShouldBeEmpty();
    }

    [Fact]
    public async Task Standard_input_is_empty_and_the_process_leads_its_group()
    {
        var attempt = _scene.Shell("cat; ps -o pid=,pgid= -p $$ | tr -s ' '");
        var outcome = await _scene.DoAsync(attempt);
        var pid = outcome.Process!.Pid;
        File.ReadAllText(_scene.LogOf(attempt)).Trim().ShouldBe($"{pid} {pid}");
    }

    [Fact]
    public async Task No_descriptor_of_the_worker_reaches_a_child()
    {
        var attempt = _scene.Exec("ls", "/proc/self/fd");
        await _scene.DoAsync(attempt);
        File.ReadAllText(_scene.LogOf(attempt)).ShouldBe("0\n1\n2\n3\n");   // 3 is the folder ls itself reads
    }
}

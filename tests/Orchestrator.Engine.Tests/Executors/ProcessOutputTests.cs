using Orchestrator.Core.Runs;
using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Executors;

public sealed class ProcessOutputTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Bytes_that_are_no_text_reach_the_log_unchanged(bool masked)
    {
        using var scene = new AttemptScene();
        var attempt = scene.Shell("printf '\\377\\376a\\200\\000b\\n\\303'");
        if (masked) attempt = attempt.WithSecrets("hunter22");
        await scene.DoAsync(attempt);
        File.ReadAllBytes(scene.LogOf(attempt)).ShouldBe([0xFF, 0xFE, (byte)'a', 0x80, 0, (byte)'b', (byte)'\n', 0xC3]);
    }

    [Fact]
    public async Task Secrets_and_their_derived_forms_are_masked_in_log_and_message()
    {
        using var scene = new AttemptScene();
        const string secret = "p&ss \"wörd\"";
        var attempt = scene.Shell("""
            printf 'plain %s\n' "$S"; printf 'split '; printf '%s' "${S:0:4}"; sleep 0.05; printf '%s\n' "${S:4}"
            printf %s "$S" | base64; printf x%s "$S" | base64; printf xy%s "$S" | base64
            echo 'p%26ss%20%22w%C3%B6rd%22' >&2; echo 'p\u0026ss \u0022w\u00F6rd\u0022'; echo "failed with $S"; exit 1
            """).WithEnv("S", secret).WithSecrets(secret);
        var failed = (await scene.DoAsync(attempt)).ShouldBeOfType<TaskOutcome.Failed>();
        failed.Message.ShouldBe("exited with code 1: failed with ***");
        var log = await File.ReadAllTextAsync(scene.LogOf(attempt), TestContext.Current.CancellationToken);
        log.ShouldContain("plain ***\nsplit ***\n***\n");
        log.ShouldContain("\n***\n***\nfailed with ***\n");
        foreach (var part in new[] { "ss", "Jzcy", "nMg", "wörd", "rd" }) log.ShouldNotContain(part);
    }

    [Fact(Timeout = 30_000)]
    public async Task A_descendant_that_keeps_the_pipe_does_not_keep_the_attempt()
    {
        using var scene = new AttemptScene(new() { PipeGrace = TimeSpan.FromMilliseconds(50), KillGrace = TimeSpan.Zero });
        var attempt = scene.Shell("sleep 1000 & echo done").WithSecrets("hunter22");
        var outcome = await scene.DoAsync(attempt);
        outcome.ShouldBeOfType<TaskOutcome.Succeeded>().Process!.LeftBehind.ShouldBe(1);
        File.ReadAllText(scene.LogOf(attempt)).ShouldBe("done\n");
        using var kills = new Engine.Executors.Process.KillSet(
            new() { KillGrace = TimeSpan.Zero }, TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger<Engine.Executors.Process.KillSet>.Instance);
        (await kills.EndRunsAsync([scene.Run], stop: TestContext.Current.CancellationToken)).Ended.ShouldBe(1);
    }

    [Fact(Timeout = 120_000)]
    public async Task Two_hundred_at_a_time_leave_no_descriptor_and_no_zombie()
    {
        using var scene = new AttemptScene();
        await scene.DoAsync(scene.Shell("true"));
        await scene.DoAsync(scene.Shell("true").WithSecrets("hunter22").ReadingStdout());
        var before = Directory.GetFiles("/proc/self/fd").Length;
        var attempts = Enumerable.Range(0, 200).Select(i => i % 2 == 0 ? scene.Shell("true") : scene.Script("#!/bin/sh\ntrue\n").WithSecrets("hunter22")).ToList();
        var outcomes = await Task.WhenAll(attempts.Select(a => Task.Run(() => scene.DoAsync(a))));
        outcomes.ShouldAllBe(o => o is TaskOutcome.Succeeded);
        // Other tests of this process may hold a few of their own.
        Directory.GetFiles("/proc/self/fd").Length.ShouldBeLessThan(before + 100);
        outcomes.ShouldAllBe(o => !Directory.Exists($"/proc/{o.Process!.Pid}") || !IsOurZombie(o.Process.Pid));
    }

    private static bool IsOurZombie(int pid)
    {
        var stat = File.ReadAllText($"/proc/{pid}/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return fields[0] == "Z" && fields[1] == Environment.ProcessId.ToString();
    }
}

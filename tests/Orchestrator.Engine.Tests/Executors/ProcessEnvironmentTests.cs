using Orchestrator.Core.Runs;
using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Executors;

[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class ProcessEnvironmentTests
{
    [Fact]
    public async Task A_child_gets_exactly_what_the_design_lists()
    {
        using var scene = new AttemptScene(environment: new Dictionary<string, string>
        {
            ["PATH"] = "/usr/bin:/bin", ["HOME"] = "/home/worker", ["LANG"] = "C.UTF-8", ["AWS_REGION"] = "eu-north-1", ["AWS_SECRET"] = "x", ["SHELL"] = "/bin/zsh",
        });
        var attempt = scene.Exec("env").WithEnv("STAGING", "/srv/ä\nb").WithEnv("HOME", "/own").WithEnv("ORCHESTRATOR_ATTEMPT", "99")
            with { InheritEnv = ["AWS_REGION", "NOT_THERE", "HOME", "AWS_REGION"], Trace = new(AttemptScene.TraceParent, "v=1", "team=data") };
        (await scene.DoAsync(attempt)).ShouldBeOfType<TaskOutcome.Succeeded>();
        File.ReadAllText(scene.LogOf(attempt)).Replace("\nb\n", "|b\n").Trim().Split('\n').Order(StringComparer.Ordinal).ShouldBe(
        [
            "AWS_REGION=eu-north-1",
            "BAGGAGE=team=data",
            "HOME=/own",
            "LANG=C.UTF-8",
            $"ORCHESTRATOR_ARTIFACTS={scene.RunDirectory}/artifacts",
            "ORCHESTRATOR_ATTEMPT=1",
            $"ORCHESTRATOR_OUTPUT={scene.RunDirectory}/outputs/.task-1.1.out",
            $"ORCHESTRATOR_RUN_DIR={scene.RunDirectory}/scratch",
            $"ORCHESTRATOR_RUN_ID={scene.Run}",
            "ORCHESTRATOR_TASK_ID=task-1",
            "ORCHESTRATOR_WORKFLOW=nightly",
            "PATH=/usr/bin:/bin",
            "STAGING=/srv/ä|b",
            $"TRACEPARENT={AttemptScene.TraceParent}",
            "TRACESTATE=v=1",
        ]);
    }

    [Fact]
    public async Task Programs_are_looked_for_in_the_childs_own_path()
    {
        using var scene = new AttemptScene();
        Directory.CreateDirectory(scene.PathOf("tools"));
        var tool = scene.PathOf("tools/frobnicate");
        await File.WriteAllTextAsync(tool, "#!/bin/sh\necho found\n", TestContext.Current.CancellationToken);
        File.SetUnixFileMode(tool, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        var attempt = scene.Exec("frobnicate").WithEnv("PATH", $"/nowhere:{scene.PathOf("tools")}");
        (await scene.DoAsync(attempt)).ShouldBeOfType<TaskOutcome.Succeeded>();
        (await scene.DoAsync(scene.Exec("./frobnicate").In("tools"))).ShouldBeOfType<TaskOutcome.Succeeded>();
    }
}

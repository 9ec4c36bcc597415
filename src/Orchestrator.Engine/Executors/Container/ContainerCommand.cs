using System.Globalization;
using Orchestrator.Core;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Executors.Process;
using Orchestrator.Engine.Files;

namespace Orchestrator.Engine.Executors.Container;

/// <summary>The command line that runs an attempt's container. It holds no value of a variable: those travel in the client's environment.</summary>
internal static class ContainerCommand
{
    private const string Results = "/orchestrator/results", Artifacts = "/orchestrator/artifacts", Scratch = "/orchestrator/run";

    /// <summary>The name of a task's container: letters, digits, '_', '.', '-'.</summary>
    public static string NameOf(RunId run, TaskId task, int attempt) =>
        string.Create(CultureInfo.InvariantCulture, $"orchestrator-{run}-{task.ToString().Replace('[', '.').Replace("]", "", StringComparison.Ordinal)}-{attempt}");

    /// <param name="results">The folder on this machine for $ORCHESTRATOR_OUTPUT.</param>
    /// <exception cref="SpawnRefusedException">The image's name is none.</exception>
    public static string[] Of(string client, TaskAttempt attempt, string results)
    {
        var call = attempt.Invocation.Container!;
        var action = (ContainerAction)attempt.Task.Action;
        if (call.Image.Length == 0 || call.Image[0] == '-') throw new SpawnRefusedException($"'{call.Image}' is not the name of an image.");
        var argv = new List<string>
        {
            client, "run", "--rm",
            "--name", NameOf(attempt.RunId, attempt.Task.Id, attempt.Attempt),
            "--label", $"orchestrator.run_id={attempt.RunId}", "--label", $"orchestrator.workflow={attempt.Workflow}",
            "--label", $"orchestrator.task={attempt.Task.Id}", "--label", string.Create(CultureInfo.InvariantCulture, $"orchestrator.attempt={attempt.Attempt}"),
            "--pull", Words.Of(action.Pull),
        };
        foreach (var name in Variables(attempt)) Add("-e", name);
        Add("-e", $"{ChildEnvironment.OutputName}={Results}/output");
        Add("-e", $"{ChildEnvironment.ArtifactsName}={Artifacts}");
        Add("-e", $"{ChildEnvironment.RunDirName}={Scratch}");
        Add("-v", $"{results}:{Results}");
        Add("-v", $"{RunFolder.ArtifactsOf(attempt.RunDirectory)}:{Artifacts}");
        Add("-v", $"{RunFolder.ScratchOf(attempt.RunDirectory)}:{Scratch}");
        foreach (var volume in call.Volumes) Add("-v", Absolute(volume, attempt));
        if (call.Workdir is { Length: > 0 } directory) Add("-w", directory);
        if (call.Network is { Length: > 0 } network) Add("--network", network);
        if (call.User is { Length: > 0 } user) Add("-u", user);
        if (call.Entrypoint is { } entrypoint) Add("--entrypoint", entrypoint);
        argv.Add(call.Image);
        argv.AddRange(call.Command);
        return [.. argv];

        void Add(string option, string value)
        {
            argv.Add(option);
            argv.Add(value);
        }
    }

    /// <summary>Names of what the container gets from the client's environment. A client passes on only those that are set there.</summary>
    private static IEnumerable<string> Variables(TaskAttempt attempt)
    {
        string[] ours = [ChildEnvironment.RunIdName, ChildEnvironment.TaskName, ChildEnvironment.AttemptName, ChildEnvironment.WorkflowName, "TRACEPARENT", "TRACESTATE", "BAGGAGE"];
        return ours.Concat(attempt.Invocation.Env.Keys).Concat(attempt.ResultEnv.Select(r => r.Key)).Concat(attempt.InheritEnv)
            .Where(name => name is not (ChildEnvironment.OutputName or ChildEnvironment.ArtifactsName or ChildEnvironment.RunDirName)).Distinct(StringComparer.Ordinal);
    }

    // The name of a volume, an absolute path, or a path from the task's folder, which begins with a dot.
    private static string Absolute(string volume, TaskAttempt attempt)
    {
        if (volume.Length == 0 || volume[0] != '.') return volume;
        var colon = volume.IndexOf(':', StringComparison.Ordinal);
        var source = colon < 0 ? volume : volume[..colon];
        var from = attempt.Invocation.WorkingDir is { Length: > 0 } own ? Path.GetFullPath(own, attempt.BaseDirectory) : attempt.BaseDirectory;
        return Path.GetFullPath(source, from) + volume[source.Length..];
    }
}
